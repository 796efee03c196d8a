"""Sets of seqs as closed ranges, and PostgreSQL's text for them (`int8multirange`) and for arrays."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

#: A closed range: both ends are in it.
Span: TypeAlias = tuple[int, int]

_SPAN: Final = re.compile(r"\[(\d+),(\d+)\)")


class SeqSet:
    """A set of seqs as ascending, disjoint, non-adjacent closed ranges."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for first, last in spans:
            self.add(first, last)

    @classmethod
    def parse(cls, multirange: str) -> "SeqSet":
        """Return the set in PostgreSQL's canonical text, such as `{[1,5),[9,10)}` for 1…4 and 9."""
        made = cls()
        for first, end in _SPAN.findall(multirange):
            made._starts.append(int(first))
            made._ends.append(int(end) - 1)
        return made

    def __iter__(self) -> Iterator[Span]:
        return iter(zip(self._starts, self._ends, strict=True))

    def __len__(self) -> int:
        """Return how many ranges there are."""
        return len(self._starts)

    def reaches_beyond(self, seq: int) -> bool:
        """Return whether a higher seq than this is in the set."""
        return bool(self._ends) and self._ends[-1] > seq

    def missing(self, first: int, last: int) -> list[Span]:
        """Return the parts of `first`…`last` that are not in the set, ascending."""
        gaps = []
        at = first
        for index in range(bisect_left(self._ends, first), len(self._starts)):
            start, end = self._starts[index], self._ends[index]
            if start > last:
                break
            if start > at:
                gaps.append((at, start - 1))
            at = end + 1
        if at <= last:
            gaps.append((at, last))
        return gaps

    def add(self, first: int, last: int) -> None:
        """Unite with `first`…`last`."""
        low = bisect_left(self._ends, first - 1)
        high = bisect_right(self._starts, last + 1)
        if low < high:
            first = min(first, self._starts[low])
            last = max(last, self._ends[high - 1])
        self._starts[low:high] = [first]
        self._ends[low:high] = [last]


def multirange(spans: Iterable[Span]) -> str:
    """Return PostgreSQL's text for closed ranges."""
    return "{" + ",".join(f"[{first},{last}]" for first, last in spans) + "}"


def int_array(numbers: Iterable[int]) -> str:
    """Return PostgreSQL's text for an array of numbers, which takes the driver no time for each of them."""
    return "{" + ",".join(map(str, numbers)) + "}"


def multirange_array(multiranges: Iterable[str]) -> str:
    """Return PostgreSQL's text for an array of multiranges."""
    return "{" + ",".join(f'"{each}"' for each in multiranges) + "}"
