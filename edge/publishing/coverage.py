"""Coverage: which seqs of one epoch ingest has committed, as sorted disjoint closed ranges."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Coverage:
    """An immutable set of seqs. `ranges` are closed, ascending, neither overlapping nor touching."""

    ranges: tuple[tuple[int, int], ...] = field(default=())

    @classmethod
    def of(cls, ranges: Iterable[tuple[int, int]], *, last_seq: int) -> "Coverage":
        """Return the union of `ranges`, cut to 1…`last_seq`; empty and inverted ranges count for nothing."""
        merged: list[tuple[int, int]] = []
        for first, last in sorted((max(1, a), min(last_seq, b)) for a, b in ranges):
            if last < first:
                continue
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(merged[-1][1], last))
            else:
                merged.append((first, last))
        return cls(tuple(merged))

    @property
    def size(self) -> int:
        """How many seqs are covered."""
        return sum(last - first + 1 for first, last in self.ranges)

    def gaps(self, first: int, last: int) -> Iterator[tuple[int, int]]:
        """Yield the closed ranges of `first`…`last` that are not covered, ascending."""
        start = first
        for begin, end in self.ranges:
            if begin > last:
                break
            if begin > start:
                yield start, begin - 1
            start = max(start, end + 1)
        if start <= last:
            yield start, last

    def missing(self, first: int, last: int) -> int:
        """Return how many seqs of `first`…`last` are not covered."""
        return sum(b - a + 1 for a, b in self.gaps(first, last))

    def without(self, other: "Coverage") -> "Coverage":
        """Return what is in this set and not in `other`."""
        return Coverage(tuple(gap for first, last in self.ranges for gap in other.gaps(first, last)))
