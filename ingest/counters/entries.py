"""What an addition is in the ledger: sums of crossings per quarter-hour, and the time that was watched.

A counter's single crossings are not known, so a run of the ledger says them as sums (docs/adr/0010): so many like this
one in this quarter-hour. A sum stands for as many seqs as people.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import msgspec

from contract.entries import SUMMED_MAX, CameraUptime, Crossing, Summary
from contract.messages import BATCH_ENTRIES_MAX
from contract.types import Direction
from ingest.counters.counting import Addition, Span, quarters, spread

_RUN_ENTRIES_MAX: Final = BATCH_ENTRIES_MAX // 4

Said = Summary | CameraUptime


@dataclass(frozen=True, slots=True)
class Run:
    """Entries that stand together for `covers` seqs, as JSON."""

    covers: int
    entries: bytes


def entries_of(addition: Addition, line: str, camera: str) -> Iterator[Said]:
    """Yield the entries of an addition to a line."""
    pieces = [piece for span in addition.spans for piece in quarters(span)]
    directions: tuple[tuple[Direction, int], ...] = (("in", addition.ins), ("out", addition.outs))
    for direction, people in directions:
        if people:
            for piece, share in zip(pieces, spread(people, pieces), strict=True):
                yield from _sums(piece, share, line, direction)
    for start, until in (piece for span in addition.watched for piece in quarters(span)):
        seconds = (until - start) / timedelta(seconds=1)
        yield CameraUptime(at=start, camera=camera, period_s=seconds, up_s=seconds)


def runs_of(entries: Sequence[Said]) -> Iterator[Run]:
    """Yield entries in runs that the contract allows, in order."""
    run: list[Said] = []
    weight = 0
    for each in entries:
        more = each.times if isinstance(each, Summary) else 1
        if run and (weight + more > SUMMED_MAX or len(run) == _RUN_ENTRIES_MAX):
            yield Run(weight, msgspec.json.encode(run))
            run, weight = [], 0
        run.append(each)
        weight += more
    if run:
        yield Run(weight, msgspec.json.encode(run))


def _sums(piece: Span, people: int, line: str, direction: Direction) -> Iterator[Summary]:
    middle = piece[0] + (piece[1] - piece[0]) / 2
    crossing = Crossing(at=middle, line=line, direction=direction)
    while people:
        times = min(people, SUMMED_MAX)
        yield Summary(times=times, entry=crossing)
        people -= times
