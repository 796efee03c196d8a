"""Discovery messages: a box as one device in Home Assistant, its numbers taken out of what it says anyway.

The box's own `live` and `status` topics are what the sensors read; nothing else is published. `live` holds cumulative
counts, so the message says what had been counted when the day began, per outbox, and the template subtracts it.
https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from contract.topics import topic

PREFIX: Final = "homeassistant"


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its entrance lines and queues, and per epoch what its entrances had counted in and out before today."""

    store: str
    store_name: str
    device: str
    version: str
    model: str | None
    entrances: Sequence[str]
    queues: Sequence[str]
    before: Mapping[str, tuple[int, int]]


def discovery_topic(store: str, device: str) -> str:
    """Return where Home Assistant looks for a box."""
    return f"{PREFIX}/device/footfall_{store}/{device}/config"


def access_rules_for(stores: Sequence[str]) -> str:
    """Return Mosquitto's rules for Home Assistant's login: it reads how these stores' boxes are, and writes nothing."""
    rules = [
        f"topic read {leaf}\n"
        for store in stores
        for leaf in (f"footfall/v1/{store}/+/live", f"footfall/v1/{store}/+/status", discovery_topic(store, "+"))
    ]
    return "\nuser homeassistant\n" + "".join(rules) if rules else ""


def discovery(box: Box) -> dict[str, Any]:
    """Return the discovery message of a box."""
    live, status = topic(box.store, box.device, "live"), topic(box.store, box.device, "status")
    availability = {"topic": status, "value_template": "{{ 'online' if value_json.state == 'online' else 'offline' }}"}
    sensors = {
        key: {
            "platform": "sensor", "unique_id": f"footfall/{box.store}/{box.device}/{key}", "state_topic": live,
            "availability": availability, **sensor,
        }
        for key, sensor in _sensors(box).items()
    }  # fmt: skip
    online = {
        "platform": "binary_sensor", "unique_id": f"footfall/{box.store}/{box.device}/online", "name": "Online",
        "device_class": "connectivity", "entity_category": "diagnostic", "state_topic": status,
        "value_template": "{{ 'ON' if value_json.state == 'online' else 'OFF' }}",
    }  # fmt: skip
    return {
        "device": {
            "identifiers": [f"footfall/{box.store}/{box.device}"], "name": f"{box.store_name} · {box.device}",
            "manufacturer": "Footfall", "sw_version": box.version, **({"model": box.model} if box.model else {}),
        },
        "origin": {"name": "Footfall", "sw_version": box.version},
        "components": {**sensors, "online": online},
    }  # fmt: skip


def _sensors(box: Box) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    if box.entrances:
        ins, outs = (_counted(box.entrances, f"{way}_total") for way in ("in", "out"))
        before_in = _before({epoch: ins for epoch, (ins, _) in box.before.items()})
        inside = _before({epoch: ins - outs for epoch, (ins, outs) in box.before.items()})
        found["visitors_today"] = _sensor(
            "Visitors today", f"[{ins} - {before_in}, 0] | max", "total_increasing", "people", "mdi:walk"
        )
        found["occupancy"] = _sensor(
            "Occupancy", f"[{ins} - {outs} - {inside}, 0] | max", "measurement", "people", "mdi:account-group"
        )
    for line in box.entrances:
        for way in ("in", "out"):
            counted = _counted([line], f"{way}_total")
            found[f"door_{line}_{way}"] = _sensor(
                f"Door {line} {way}", counted, "total_increasing", "people", "mdi:door-open"
            )
    for zone in box.queues:
        people = f"value_json.zones | selectattr('zone', 'eq', '{zone}') | map(attribute='people') | first"
        found[f"queue_{zone}"] = _sensor(
            f"Queue {zone}", f"({people}) | default('None')", "measurement", "people", "mdi:human-queue"
        )
    return found


def _sensor(name: str, expression: str, state_class: str, unit: str, icon: str) -> dict[str, Any]:
    return {
        "name": name, "value_template": "{{ " + expression + " }}", "state_class": state_class,
        "unit_of_measurement": unit, "icon": icon,
    }  # fmt: skip


def _counted(lines: Sequence[str], field: str) -> str:
    """Return a Jinja expression: what lines have counted. Names are slugs, so JSON is Jinja."""
    return f"(value_json.lines | selectattr('line', 'in', {json.dumps(list(lines))}) | map(attribute='{field}') | sum)"


def _before(counts: Mapping[str, int]) -> str:
    """Return a Jinja expression: what the outbox that speaks had counted; one that is newer than today: nothing."""
    return f"{json.dumps(dict(counts))}.get(value_json.epoch, 0)"
