"""Counters of other makers: their pushes, written anew from what the makers document, and one registered in a store."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from ingest.counters.register import Counter, find
from ingest.counters.registering import Wanted, add, parse_feed
from ingest.database import Database

#: A quarter-hour at noon in Berlin, a Saturday, within the opening hours of `tests.support.ledger.add_store`.
NOON = datetime(2026, 11, 21, 11, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SERIALS = {
    "axis": "B8A44FA89C85", "milesight": "6384E16179950009", "onvif": "cam-7", "xovis": "00:6E:02:0A:0B:0C",
}  # fmt: skip
#: What must never be read, wherever it stands in a push.
SMUGGLED: dict[str, Any] = {
    "snapshot": "/9j/4AAQSkZJRg" + "A" * 4_000,
    "image": "iVBORw0KGgo" + "B" * 4_000,
    "track_id": 4_711_000_111,
    "people_id": 815_000_222,
    "gender": "smuggled-female",
    "age": "smuggled-33",
    "height": 1.738642,
    "face_mask": True,
    "view_direction": [0.1, 0.2],
    "embedding": [0.123456] * 64,
}


def registered(
    url: str,
    vendor: str,
    *lines: str,
    store: str = "riverside",
    at: datetime = NOON,
    doors: dict[str, str] | None = None,
) -> tuple[Counter, str]:
    """Register a counter of `vendor`; return it and its password."""
    wanted = Wanted(store, vendor, SERIALS[vendor], tuple(parse_feed(each, doors or {}) for each in lines))
    database = Database(url)
    try:
        password = add(database, wanted, at)
        return find(database, wanted.login), password
    finally:
        database.close()


def axis_push(
    ins: int = 3, outs: int = 2, *, at: datetime = NOON, minutes: int = 15, serial: str = SERIALS["axis"], **more: Any
) -> bytes:
    """The data push of Axis people counters, for the `minutes` from `at`."""
    span = {"utcFrom": _utc(at), "utcTo": _utc(at + timedelta(minutes=minutes))}
    items = [{"direction": "in", "count": ins, "adults": ins, **more}, {"direction": "out", "count": outs, "adults": 0}]
    return _json({
        "apiName": "Axis Retail Data",
        "apiVersion": "0.4",
        "utcSent": _utc(at + timedelta(minutes=minutes)),
        "data": {**span, "measurements": [{"kind": "people-counts", **span, "items": items, **more}], **more},
        "sensor": {"application": "AXIS 3D People Counter", "serial": serial.lower(), "name": "door", **more},
        **more,
    })  # fmt: skip


def axis_scenario(total: int, *, at: datetime = NOON, **more: Any) -> bytes:
    """A crossline counting event of AXIS Object Analytics; its topic says which scenario."""
    counts = {"totalHuman": str(total), "totalCar": "9", "reason": "human", **more}
    return _json({
        "topic": "axis:CameraApplicationPlatform/ObjectAnalytics/Device1Scenario1",
        "timestamp": int(at.timestamp() * 1_000),
        "serial": SERIALS["axis"],
        "message": {"source": {}, "key": {}, "data": counts, **more},
    })  # fmt: skip


def xovis_push(*records: tuple[datetime, int, int], minutes: int = 15, logic: int = 2, **more: Any) -> bytes:
    """A push of Xovis' logics: of a zone, and of one line that counted (from, forward, backward)."""

    def record(at: datetime, counts: list[dict[str, Any]]) -> dict[str, Any]:
        since, until = int(at.timestamp() * 1_000), int((at + timedelta(minutes=minutes)).timestamp() * 1_000)
        return {"from": since, "to": until, "counts": counts, **more}

    line = [
        record(at, [{"id": 2, "name": "fw", "value": forward}, {"id": 3, "name": "bw", "value": backward, **more}])
        for at, forward, backward in records
    ]
    zone = [record(at, [{"id": 1, "name": "balance", "value": -1}]) for at, _, _ in records]
    return _json({
        "logics_data": {
            "package_info": {"version": "5.0", "id": 28, "agent_id": 1008},
            "logics": [
                {"id": 1, "name": "Zone 0", "info": "XLT_4X_ZONE_COUNT", "records": zone},
                {"id": logic, "name": "Line 0", "info": "XLT_4X_LINE_IN_OUT_COUNT", "records": line, **more},
            ],
            **more,
        },
    })  # fmt: skip


def milesight_push(
    ins: int = 3, outs: int = 2, *, at: datetime = NOON, minutes: int = 15, offset_min: int = 480, **more: Any
) -> bytes:
    """The periodic report of a VS125 whose clock shows local time with its offset."""
    line = {"line": 1, "line_name": "Line1", "line_uuid": "9a0440de-3188-4f6d-b886-bb20c97bd26b"}
    return _json({
        "device_info": {"device_sn": SERIALS["milesight"], "device_name": "Counter", "running_time": 141, **more},
        "line_periodic_data": [
            {**line, "total": {"in": ins, "out": outs, **more}, "group": {"in": 1, "out": 0}, **more},
        ],
        "line_total_data": [{**line, "total": {"in_counted": 4_327, "out_counted": 4_503, "capacity_counted": -176}}],
        "region_data": {"region_count_data": [{"total": {"current_total": 2}, "region": 1, **more}]},
        "time_info": {
            "dst_status": False,
            "enable_dst": False,
            "start_time": _local(at, offset_min),
            "end_time": _local(at + timedelta(minutes=minutes), offset_min),
        },
        **more,
    })  # fmt: skip


def onvif_event(count: int, *, rule: str = "In", at: datetime = NOON, **more: Any) -> bytes:
    """An event of ONVIF's line crossing counting rule."""
    return _json({
        "UtcTime": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "Source": {"VideoSource": "1", "AnalyticsConfiguration": "2", "Rule": rule, **more},
        "Data": {"Count": str(count), "ObjectId": "15 16", "ClassTypes": "Human Human", **more},
    })  # fmt: skip


def onvif_path(rule: str = "In") -> str:
    """What follows the device's own prefix in the topic of such an event."""
    return f"onvif-ej/RuleEngine/CountAggregation/Counter/&1/2/{rule}"


def _json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _utc(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _local(at: datetime, offset_min: int) -> str:
    sign = "-" if offset_min < 0 else "+"
    hours, minutes = divmod(abs(offset_min), 60)
    return f"{at + timedelta(minutes=offset_min):%Y-%m-%dT%H:%M:%S}{sign}{hours:02}:{minutes:02}"
