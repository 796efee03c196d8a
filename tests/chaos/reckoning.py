"""The reckoning of a chaos run: three independent accounts of what was counted are laid beside each other.

    journal     what an append has promised the agent to keep, written beside the outbox by the box itself
    outbox      what the box kept, read from its file once the box is off
    database    what arrived, read with SQL of our own

lost        entries of the journal that the outbox does not hold under their seq, and of the outbox that the database
            does not hold; doubled: what the database holds more often than the outbox. Entries are compared as a
            whole, time and all, not as numbers of them.
counts      of the two processions: crossings by line and direction in SQL, beside the same people walked past a box
            that nobody disturbs (in a store of its own, through the same broker, ingest and database), and beside the
            truth, which is known of each person. A procession waits for its box: no number depends on when it was dark.
downtime    of the real camera on RTSP, whose people pass while the box is dead and cannot be counted: what a run proves
            of it is that it is counted again after each fault, and that the seconds for which it was silent are not
            booked as watched.
"""

import json
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import msgspec

from contract.codec import decode_entries
from contract.entries import (
    CameraUptime,
    Crossing,
    Entry,
    Flow,
    Heat,
    Occupancy,
    Register,
    ZoneVisit,
)
from edge.sources.capture import DEFAULT_RULES
from tests.chaos.stage import CALM_STORE, DOOR, PROCESSIONS, STORE, Stage
from tests.support.ledger import rows
from tests.support.procession import direction_of, truth

#: Entries by epoch and seq.
Kept: TypeAlias = dict[tuple[str, int], Entry]
#: Kind, then fields in order.
Row: TypeAlias = tuple[Any, ...]

_QUERIES: Final = {
    Crossing: """SELECT at, l.code, CASE WHEN inward THEN 'in' ELSE 'out' END, staff, group_size
                 FROM crossing JOIN line AS l USING (line_id) WHERE l.store_id = %s""",
    ZoneVisit: """SELECT at, z.code, dwell_s, censored, staff
                  FROM zone_visit JOIN zone AS z USING (zone_id) WHERE z.store_id = %s""",
    Occupancy: "SELECT at, z.code, people FROM occupancy_sample JOIN zone AS z USING (zone_id) WHERE z.store_id = %s",
    Heat: """SELECT at, c.code, columns, rows, person_s
             FROM heat JOIN camera AS c USING (camera_id) WHERE c.store_id = %s""",
    Flow: """SELECT at, f.code, t.code, people FROM flow LEFT JOIN zone AS f ON f.zone_id = from_zone_id
             LEFT JOIN zone AS t ON t.zone_id = to_zone_id WHERE flow.store_id = %s""",
    Register: """SELECT at, l.code, in_total, out_total
                 FROM line_register JOIN line AS l USING (line_id) WHERE l.store_id = %s""",
    CameraUptime: """SELECT at, c.code, period_s, up_s
                     FROM camera_uptime JOIN camera AS c USING (camera_id) WHERE c.store_id = %s""",
}
#: Of a clock that is set, the seconds since are spread over the hour that it was set by.
_UPTIME_SLACK_S: Final = 3.0
_COUNTS: Final = """
SELECT l.code, count(*) FILTER (WHERE inward), count(*) FILTER (WHERE NOT inward)
FROM line AS l LEFT JOIN crossing USING (line_id) JOIN store AS s ON s.store_id = l.store_id
WHERE s.code = %s GROUP BY l.code
"""


@dataclass(slots=True)
class Reckoning:
    """What was found. `faults` is empty where all is well, else it says what is not."""

    entries: int = 0
    lost: int = 0
    doubled: int = 0
    epochs: int = 0
    people: int = 0
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    counts_equal: bool = False
    verified: bool = False
    silent_s: float = 0.0
    faults: list[str] = field(default_factory=list)

    def expect(self, holds: bool, what: str) -> None:
        """Note a fault where something does not hold."""
        if not holds:
            self.faults.append(what)


def reckon(stage: Stage) -> Reckoning:
    """Compare; the box is off and everything else is up."""
    found = Reckoning()
    outbox = read_outbox(Path(stage.site.outbox.path))
    journal = read_journal(stage.beside / "journal")
    compare_entries(journal, outbox, arrived(stage.url, STORE), found)
    _compare_counts(stage, outbox, found)
    _look_at_downtime(stage, found)
    _verify(stage, found)
    return found


def compare_entries(journal: Kept, outbox: Kept, arrived: Counter[Row], found: Reckoning) -> None:
    """Note what was promised and not kept, kept and not arrived, or arrived more often than it was kept."""
    found.entries, found.epochs = len(outbox), len({epoch for epoch, _ in outbox})
    broken = [place for place, entry in journal.items() if outbox.get(place) != entry]
    kept = Counter(map(row_of, outbox.values()))
    missing, surplus = kept - arrived, arrived - kept
    found.lost, found.doubled = len(broken) + missing.total(), surplus.total()
    found.expect(not broken, f"the outbox broke its promise for {broken[:3]}")
    found.expect(not missing, f"in the outbox, not in the database: {list(missing)[:3]}")
    found.expect(not surplus, f"in the database, not in the outbox, or more often: {list(surplus)[:3]}")
    found.expect(found.epochs == 1, f"expected one epoch, got {found.epochs}")


def read_outbox(path: Path) -> Kept:
    """Return what an outbox holds by epoch and seq; it must hold all, one by one, pruned and summed up nothing."""
    db = sqlite3.connect(path)
    try:
        ((epoch, last_seq),) = db.execute("SELECT epoch, last_seq FROM meta").fetchall()
        held = db.execute("SELECT seq, payload FROM entry ORDER BY seq").fetchall()
    finally:
        db.close()
    assert [seq for seq, _ in held] == list(range(1, last_seq + 1)), "the outbox has pruned or summed up something"
    entries = decode_entries(b"[" + b",".join(payload for _, payload in held) + b"]")
    return {(epoch, seq): entry for (seq, _), entry in zip(held, entries, strict=True)}


def read_journal(path: Path) -> Kept:
    """Return what was promised; a line that a kill cut short promised nothing yet."""
    kept: Kept = {}
    for line in path.read_bytes().splitlines():
        try:
            epoch, first, payload = line.split(b"\t")
            entries = decode_entries(payload)
        except (ValueError, msgspec.DecodeError):
            continue
        kept.update(((epoch.decode(), int(first) + number), entry) for number, entry in enumerate(entries))
    return kept


def row_of(entry: Entry) -> Row:
    """Return an entry as the row that it should be: kind, then fields in order, as precise as its column."""
    values = (getattr(entry, name) for name in entry.__struct_fields__)
    return (type(entry).__name__, *map(_comparable, values))


def _comparable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    if isinstance(value, list):
        return tuple(value)
    return round(value, 2) if isinstance(value, float) else value


def arrived(url: str, store: str) -> Counter[Row]:
    """Return what SQL says of a store, as `row_of` says it of an entry."""
    ((store_id,),) = rows(url, "SELECT store_id FROM store WHERE code = %s", store)
    return Counter(
        (kind.__name__, *map(_comparable, row))
        for kind, query in _QUERIES.items()
        for row in rows(url, query, store_id)
    )


def _compare_counts(stage: Stage, outbox: Kept, found: Reckoning) -> None:
    disturbed, calm = counts_of(stage.url, STORE), counts_of(stage.url, CALM_STORE)
    sequences = _sequences(outbox.values())
    right = []
    for line in PROCESSIONS:
        people = len(sequences[line])
        found.people += people
        found.counts[line] = disturbed[line]
        right += [
            people > 0,
            disturbed[line] == calm.get(line) == truth(line, people),
            sequences[line] == [direction_of(line, number) for number in range(1, people + 1)],
        ]
        found.expect(
            all(right[-3:]),
            f"line {line}: {people} people crossed; disturbed {disturbed[line]}, undisturbed {calm.get(line)}, "
            f"true {truth(line, people)}",
        )
    found.counts_equal = all(right)


def counts_of(url: str, store: str) -> dict[str, tuple[int, int]]:
    """Return each line's crossings (in, out) in SQL."""
    return {line: (ins, outs) for line, ins, outs in rows(url, _COUNTS, store)}


def _sequences(entries: Iterable[Entry]) -> dict[str, list[str]]:
    """Return who crossed each procession's line which way, in the ledger's order."""
    said: dict[str, list[str]] = {line: [] for line in PROCESSIONS}
    for entry in entries:
        if isinstance(entry, Crossing) and entry.line in said:
            said[entry.line].append(entry.direction)
    return said


def _look_at_downtime(stage: Stage, found: Reckoning) -> None:
    """Hold what was booked of the real camera against when it was silent, minute by minute."""
    booked = rows(stage.url, _QUERIES[CameraUptime] + " AND c.code = %s", _store_id(stage.url), DOOR)
    watched: Counter[datetime] = Counter()
    for at, _, _, up_s in booked:
        watched[at.replace(second=0, microsecond=0)] += up_s
    for minute, up_s in watched.items():
        silent_s = _silent_s(stage, minute)
        found.silent_s += silent_s
        found.expect(
            up_s <= 60 - silent_s + _UPTIME_SLACK_S,
            f"the camera was silent for {silent_s:.1f} s of {minute:%H:%M}, and {up_s:.1f} s are booked as watched",
        )
    found.expect(watched.total() > 0, "no second of the real camera is booked as watched")
    found.expect(counts_of(stage.url, STORE)["front-door"] != (0, 0), "nobody was counted on the real camera")


def _silent_s(stage: Stage, minute: datetime) -> float:
    """Return for how many seconds of `minute` the camera had to be known as down."""
    end = minute + timedelta(minutes=1)
    stale = timedelta(seconds=DEFAULT_RULES.stale_s)
    spans = [(max(minute, since + stale), min(end, until)) for since, until in stage.stalls]
    return sum(max(0.0, (until - since).total_seconds()) for since, until in spans)


def _store_id(url: str) -> int:
    ((store_id,),) = rows(url, "SELECT store_id FROM store WHERE code = %s", STORE)
    return int(store_id)


def _verify(stage: Stage, found: Reckoning) -> None:
    """Ask `footfall verify`, as an operator would."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli.main", "verify", "--json"],
        capture_output=True, text=True, check=False, env={**stage.command_environment(), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    said = json.loads(done.stdout or "{}")
    found.verified = done.returncode == 0 and said["complete"] and not said["losses"] and not said["dead_letters"]
    found.expect(found.verified, f"footfall verify: exit code {done.returncode}, {done.stdout}{done.stderr}")
