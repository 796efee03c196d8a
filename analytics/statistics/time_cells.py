"""Small cells of time: the hours of a day and the quarters of an hour, of which each total is known.

They are told one after another, unlike the breakdowns of `suppression`: what is withheld with a small one is
its neighbour, not the smallest other, so that a later cell changes little of what was said of earlier ones. While a
day runs, its total is shown and grows: who keeps asking for that sees when people come, whatever is withheld here.
"""

from collections.abc import Iterable, Sequence

from analytics.statistics.suppression import K_INSIDE


def withheld_in_time(people: Sequence[int | None], *, k: int = K_INSIDE) -> list[bool]:
    """Return for each cell of a stretch of time, whose total is known, whether it is withheld.

    A small cell goes with those after it until `k` people or more are among at least two; what is left over at the end
    goes with those before it. Where the whole holds fewer than `k`, or nobody else came, all of it is withheld, empty
    cells too: which were empty would tell when somebody came. None, which nobody counted, stays.
    """
    groups = groups_in_time(people, k=k)
    hidden = [False] * len(people)
    if groups and not _closed(groups[-1], people, k):
        return [count is not None for count in people]
    for index in (one for group in groups if len(group) > 1 for one in group):
        hidden[index] = True
    return hidden


def groups_in_time(people: Sequence[int | None], *, k: int = K_INSIDE) -> list[list[int]]:
    """Return the places of cells with people, in groups of `k` people or more; a lone last one may hold fewer."""
    groups: list[list[int]] = []
    for index in (index for index, count in enumerate(people) if count):
        if groups and not _closed(groups[-1], people, k):
            groups[-1].append(index)
        else:
            groups.append([index])
    while len(groups) > 1 and not _closed(groups[-1], people, k):
        left_over = groups.pop()
        groups[-1] += left_over
    return groups


def told_together(*counts: Sequence[int | None], k: int = K_INSIDE) -> list[range]:
    """Return the runs of cells that may be told as one, where `withheld_in_time` withholds them of any count.

    Each run is of whole groups of every count: what it holds of one is nobody, or `k` people at least, whatever is told
    of others and of single cells. There are none where a count holds fewer in all.
    """
    if any(0 < (counted_sum(people) or 0) < k for people in counts):
        return []
    count = max((len(people) for people in counts), default=0)
    # Whether a cell goes on with the one before it.
    goes_on = [False] * count
    for people in counts:
        for group in groups_in_time(people, k=k):
            goes_on[group[0] + 1 : group[-1] + 1] = [True] * (group[-1] - group[0])
    begins = [place for place, on in enumerate(goes_on) if not on]
    runs = (range(begin, end) for begin, end in zip(begins, [*begins[1:], count], strict=True))
    return [run for run in runs if len(run) > 1]


def levels_told(
    flows: Sequence[Sequence[int | None]], *, untold: Sequence[int | None] = (), k: int = K_INSIDE
) -> list[bool]:
    """Return for the end of each cell whether a running sum of the flows may be told there.

    From one told end to the next lie whole groups of each flow, so that no difference of two sums is of fewer than `k`.
    Of a flow that holds fewer in all nothing may be told, as its total is; of one whose total is `untold`, nothing from
    its first on.
    """
    count = max((len(flow) for flow in (*flows, untold)), default=0)
    told = [True] * count
    for flow in (*flows, untold):
        for group in groups_in_time(flow, k=k):
            begin = group[0] if _closed(group, flow, k) or flow is untold else 0
            for end in range(begin, group[-1] if _closed(group, flow, k) else count):
                told[end] = False
    return told


def withheld_hours(hours: Sequence[Sequence[int | None]], *, k: int = K_INSIDE) -> tuple[list[bool], list[list[bool]]]:
    """Return which hours of a day are withheld, and which of their quarters, so that neither tells of the other.

    All quarters of a withheld hour are withheld; those of any other are judged by its total, which is shown.
    """
    totals = [counted_sum(quarters) for quarters in hours]
    hidden = withheld_in_time(totals, k=k)
    return hidden, [
        [count is not None for count in quarters] if all_hidden else withheld_in_time(quarters, k=k)
        for quarters, all_hidden in zip(hours, hidden, strict=True)
    ]


def counted_sum(people: Iterable[int | None]) -> int | None:
    """Return the sum of what was counted; None where nothing was."""
    known = [count for count in people if count is not None]
    return sum(known) if known else None


def _closed(group: Sequence[int], people: Sequence[int | None], k: int) -> bool:
    return sum(people[index] or 0 for index in group) >= k
