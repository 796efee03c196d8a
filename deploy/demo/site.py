"""The demo's own shop: which lines and zones are drawn on which clip, and the site file that says so."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from deploy.broker import Broker
from deploy.demo.assets import Clip, ClipName
from edge.config import AuditConfig, BrokerConfig, CameraConfig, LineConfig, OutboxConfig, SiteConfig, ZoneConfig

STORE: Final = "corner-shop"
DEVICE: Final = "door-box"

#: one-by-one: six visitors come in from below, stand at a table and leave to the right; legs are hidden, so the centre
#: of a person counts at the lines. vtest: a crossroads of which the road is taken for the door. Rendered: see scene.py.
_LINES: Final[Mapping[ClipName, tuple[LineConfig, ...]]] = {
    "one-by-one": (
        LineConfig(name="entry", role="entrance", points=((560, 250), (0, 250)), anchor="centre"),
        LineConfig(name="exit", role="entrance", points=((600, 0), (600, 431)), anchor="centre"),
    ),
    "vtest": (
        LineConfig(name="road", role="entrance", points=((340, 180), (340, 370))),
        LineConfig(name="lawn", role="pass_by", points=((560, 160), (560, 420))),
    ),
    "rendered": (LineConfig(name="door", role="entrance", points=((20, 180), (620, 180)), anchor="centre"),),
}
_ZONES: Final[Mapping[ClipName, tuple[ZoneConfig, ...]]] = {
    "one-by-one": (
        ZoneConfig(name="table", polygon=((360, 340), (580, 340), (580, 431), (360, 431)), engaged_after_s=10),
        # The table is taken for a counter, too, at which one waits: whoever is done leaves to the right.
        ZoneConfig(
            name="counter",
            role="queue",
            polygon=((360, 340), (580, 340), (580, 431), (360, 431)),
            served_towards=(640, 380),
        ),
    ),
    "vtest": (
        ZoneConfig(name="crossing", polygon=((250, 180), (450, 180), (450, 380), (250, 380)), engaged_after_s=5),
    ),
    "rendered": (),
}


def demo_site(
    clip: Clip, model: str, broker: Broker, outbox: Path, *, loop: bool = True, audit: AuditConfig | None = None
) -> SiteConfig:
    """Return the site of the demo's shop: one camera on `clip`, looped at its own pace; by default without `audit`."""
    camera = CameraConfig(
        name="door",
        source=str(clip.path.resolve()),
        loop=loop,
        model=model,
        lines=_LINES[clip.name],
        zones=_ZONES[clip.name],
    )
    login = BrokerConfig(
        port=broker.port,
        username=broker.device.username,
        password_file=str((broker.folder / f"{broker.device.username}.password").resolve()),
    )
    return SiteConfig(
        store=STORE,
        device=DEVICE,
        broker=login,
        outbox=OutboxConfig(path=str(outbox.resolve())),
        cameras=(camera,),
        audit=audit or AuditConfig(),
    )


def write_site(site: SiteConfig, path: Path) -> None:
    """Write `site` as the TOML that `load_site` reads."""
    raw: dict[str, Any] = msgspec.to_builtins(site)
    path.parent.mkdir(parents=True, exist_ok=True)
    cameras = raw.pop("cameras")
    lines = ["# Written by `footfall demo` at each start.", *_table(None, raw)]
    for camera in cameras:
        shapes = {name: camera.pop(name) for name in ("lines", "zones")}
        lines += ["", *_table("[cameras]", camera)]
        for name, entries in shapes.items():
            for entry in entries:
                lines += ["", *_table(f"[cameras.{name}]", entry)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _table(header: str | None, values: Mapping[str, Any]) -> list[str]:
    """Return a table's lines; keys without a value are left out, tables inside it come after its own keys."""
    lines = [f"[{header}]"] if header else []
    inner = {name: value for name, value in values.items() if isinstance(value, dict)}
    # A JSON string, number, boolean or array of them is the same in TOML.
    lines += [
        f"{name} = {json.dumps(value, ensure_ascii=False)}"
        for name, value in values.items()
        if value is not None and name not in inner
    ]
    for name, value in inner.items():
        lines += ["", *_table(name, value)]
    return lines
