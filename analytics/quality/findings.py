"""Findings: what needs a person's attention, worst first. Wording is the dashboard's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from analytics.facts import UPTIME_LAG
from analytics.figure import MEASURED_FROM
from analytics.fleet.devices import OFFLINE_AFTER, Device
from analytics.quality.anomalies import read_silent, read_stale
from analytics.quality.overlap import overlaps
from analytics.queries import Connection, rows
from analytics.visits.funnel import Inconsistency
from analytics.visits.occupancy import Occupancy
from contract.messages import Trouble

Code = Literal[
    "device_offline", "device_stopped", "device_silent", "crash_loop", "crashes",
    "camera_down", "camera_missed", "ledger_gap", "backlog",
    "ledger_loss", "ledger_loss_unknown",
    "camera_dark", "camera_covered", "camera_frozen", "camera_moved", "camera_overexposed", "camera_blurred",
    "door_missed", "door_claimed_twice", "doors_overlap",
    "unassigned_line", "unassigned_zone", "drift", "till_silent", "hours_missing", "clock_off", "disk_low",
    "queued_over_entered", "bought_over_entered", "stopped_over_entered", "queue_law", "no_entrance",
    "outside_hours", "outside_closed", "balance_in", "balance_out", "counts_low", "counts_high",
    "door_silent", "counts_stale", "level_fell", "level_rose",
]  # fmt: skip
Severity = Literal["act", "watch"]

#: A device may hold this many entries without a word about it, and this long.
BACKLOG_FROM: Final = 500
GAP_AFTER: Final = timedelta(minutes=2)
#: Drift of fewer people than this is not worth a look, however quiet the day.
DRIFT_MIN: Final = 5
#: A till that is silent this long while at least this many people came in is asked after.
TILL_SILENT_AFTER: Final = timedelta(hours=2)
TILL_VISITORS_MIN: Final = 40
#: Fewer who come in outside opening hours, or a smaller share of the day's visitors, are the staff and the cleaners.
OUTSIDE_MIN: Final = 5
OUTSIDE_SHARE: Final = 0.1
#: A box that crashed so often in ten minutes does so again and again.
CRASH_LOOP_FROM: Final = 3
CLOCK_OFF_S: Final = 5.0
DISK_LOW_MB: Final = 500

_ACT: Final = frozenset(
    {
        "device_offline", "device_silent", "crash_loop", "camera_down", "till_silent", "clock_off", "no_entrance",
        "door_silent", "counts_stale", "door_claimed_twice", "camera_dark", "camera_covered", "camera_frozen",
        "camera_moved",
    }
)  # fmt: skip

#: What may be wrong with a camera's picture (contract.messages.Trouble), each with its finding.
_TROUBLES: Final[dict[Trouble, Code]] = {
    "dark": "camera_dark",
    "covered": "camera_covered",
    "frozen": "camera_frozen",
    "moved": "camera_moved",
    "overexposed": "camera_overexposed",
    "blurred": "camera_blurred",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at: what (`code`), where (`subject`, nearer by `detail`), how much (`number`), since when."""

    code: Code
    subject: str = ""
    number: float | None = None
    since: datetime | None = None
    detail: str = ""

    @property
    def severity(self) -> Severity:
        """`act` when numbers are being lost or wrong now, else `watch`."""
        return "act" if self.code in _ACT else "watch"


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, those to act on first."""
    return tuple(sorted(findings, key=lambda one: (one.severity != "act", one.code, one.subject)))


def device_findings(devices: Iterable[Device], *, now: datetime, is_open: bool = True) -> list[Finding]:
    """Return what is wrong with the boxes and the cameras on them. In a closed shop it may be dark."""
    found = []
    for device in devices:
        signal = device.signal(now)
        if signal == "revoked":
            continue  # silent because somebody wanted it so
        found += _crash_findings(device, now)
        if signal == "none":
            found.append(Finding("device_silent", device.code))
        elif device.state == "stopped":
            found.append(Finding("device_stopped", device.code, since=device.heard_at))
        elif signal == "offline":
            found.append(Finding("device_offline", device.code, since=device.heard_at))
        else:
            found += [one for one in _running_findings(device) if is_open or one.code != "camera_dark"]
    return found


def _crash_findings(device: Device, now: datetime) -> list[Finding]:
    """Return whether it crashes; of a silent box only while it may be between two starts."""
    if device.heard_at is None or now - device.heard_at > OFFLINE_AFTER:
        return []
    if device.crashes_10_min >= CRASH_LOOP_FROM:
        return [Finding("crash_loop", device.code, number=device.crashes_10_min)]
    return [Finding("crashes", device.code, number=device.crashes_24_h)] if device.crashes_24_h else []


def _running_findings(device: Device) -> list[Finding]:
    found = [
        Finding("camera_down" if trouble is None else _TROUBLES[trouble], camera)
        for camera, up, _, trouble in device.cameras
        if trouble is not None or not up
    ]
    if device.queue_depth >= BACKLOG_FROM:
        found.append(Finding("backlog", device.code, number=device.queue_depth))
    if device.clock_offset_s is not None and abs(device.clock_offset_s) > CLOCK_OFF_S:
        found.append(Finding("clock_off", device.code, number=device.clock_offset_s))
    if device.disk_free_mb is not None and device.disk_free_mb < DISK_LOW_MB:
        found.append(Finding("disk_low", device.code, number=device.disk_free_mb))
    return found


def counting_findings(
    connection: Connection, store_id: int, *, from_at: datetime, until: datetime, now: datetime
) -> list[Finding]:
    """Return what the counting lacks: doors (`door_findings`), gaps, losses, lines nobody described, no entrance.

    `until` is up to when the day has been counted, `now` when it is looked at.

    Raises:
        DatabaseError: the database could not be asked.
    """
    ((entrances,),) = rows(connection, "entrances", store_id=store_id)
    found = door_findings(connection, store_id, from_at=from_at, until=until, several=entrances > 1)
    for device, missing, updated_at in rows(connection, "ledger_gaps", store_id=store_id):
        if updated_at < now - GAP_AFTER:
            found.append(Finding("ledger_gap", device, number=missing, since=updated_at))
    for device, entries, last_at in rows(connection, "ledger_losses", store_id=store_id, from_at=from_at, until=until):
        code: Code = "ledger_loss_unknown" if entries is None else "ledger_loss"
        found.append(Finding(code, device, number=entries, since=last_at))
    for kind, name in rows(connection, "unassigned", store_id=store_id):
        found.append(Finding("unassigned_line" if kind == "line" else "unassigned_zone", name))
    if not entrances:
        found.append(Finding("no_entrance"))
    # After closing minutes stop for good.
    if now - until <= UPTIME_LAG:
        stale = read_stale(connection, store_id, from_at=from_at, now=now)
        found += [Finding("counts_stale", camera, since=ended) for camera, ended in stale]
    return found


def door_findings(
    connection: Connection, store_id: int, *, from_at: datetime, until: datetime, several: bool
) -> list[Finding]:
    """Return blind minutes per door or street camera, doors claimed twice and, with `several`, those that may be one.

    Raises:
        DatabaseError: the database could not be asked.
    """
    found = []
    span = {"store_id": store_id, "from_at": from_at, "until": until}
    for role, door, camera, expected_s, up_s in rows(connection, "lines_of_day", **span):
        if up_s < expected_s * MEASURED_FROM:
            missed = (expected_s - up_s) / 60
            if role == "entrance":
                found.append(Finding("door_missed", door, number=missed, detail=camera))
            else:
                found.append(Finding("camera_missed", camera, number=missed))
    for door, line, device, since in rows(connection, "doors_claimed_twice", store_id=store_id, until=until):
        found.append(Finding("door_claimed_twice", door, since=since, detail=f"{line} · {device}"))
    found += [
        Finding("door_silent", one.door, since=one.since, number=float(min(one.past)))
        for one in read_silent(connection, store_id, from_at=from_at, until=until)
    ]
    pairs = overlaps(dict(rows(connection, "moments_of_doors", **span))) if several else ()
    return found + [Finding("doors_overlap", f"{one.first}, {one.second}", number=100 * one.share) for one in pairs]


def till_finding(
    last_sale_at: datetime | None, *, opened_at: datetime, visitors: float | None, now: datetime
) -> list[Finding]:
    """Return whether the till is silent while people come in; nothing for a store that never sold anything."""
    if last_sale_at is None or visitors is None or visitors < TILL_VISITORS_MIN:
        return []
    if now - max(last_sale_at, opened_at) <= TILL_SILENT_AFTER:
        return []
    return [Finding("till_silent", since=last_sale_at)]


def drift_finding(occupancy: Occupancy, *, explained: float) -> list[Finding]:
    """Return whether more people left than came in, by more than the lines' known errors explain."""
    if not occupancy.people.known or occupancy.drift < max(DRIFT_MIN, explained):
        return []
    return [Finding("drift", number=occupancy.drift)]


def outside_finding(came_in: int, visitors: float | None, *, is_open: bool, closed_all_day: bool) -> list[Finding]:
    """Return whether people came in today while the store counts as closed: who is counted nowhere must be said.

    In a closed shop that counted no visitor besides, or on a day without hours, one is enough.
    """
    if closed_all_day:
        return [Finding("outside_closed", number=came_in)] if came_in else []
    least = max(OUTSIDE_MIN, OUTSIDE_SHARE * (visitors or 0)) if visitors or is_open else 1
    return [Finding("outside_hours", number=came_in)] if came_in >= least else []


def flow_findings(inconsistencies: Iterable[Inconsistency]) -> list[Finding]:
    """Return the funnel's contradictions as findings."""
    return [Finding(one.code, number=one.more - one.less) for one in inconsistencies]
