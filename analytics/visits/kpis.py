"""KPIs: figures from a row of facts.

Each function takes sums (of one slice or of many), so a ratio over days or stores is a ratio of sums by construction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.facts import Sums, completeness
from analytics.figure import Figure, figure, least_complete
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy
from analytics.statistics.intervals import conversion_of, share_of, wilson
from analytics.statistics.miscount import Interval, Miscount
from analytics.statistics.quantiles import clustering
from analytics.statistics.sampling import of_conversion, of_mean, of_visitors, product


@dataclass(frozen=True, slots=True)
class Kpis:
    """The base set for one store, or many, over some time."""

    footfall: Figure
    buying_units: Figure
    staff: Figure
    passers_by: Figure
    capture_rate: Figure
    transactions: Figure
    net_sales: Figure
    conversion: Figure
    buying_unit_conversion: Figure
    atv: Figure
    upt: Figure
    aur: Figure
    spv: Figure


#: Those of the base set that orders are in.
OF_SALES: Final = frozenset({
    "transactions", "net_sales", "conversion", "buying_unit_conversion", "atv", "upt", "aur", "spv",
})  # fmt: skip


def kpis(facts: Sums, *, as_of: datetime, audited: StoreAccuracy = UNAUDITED) -> Kpis:
    """Return the base set from sums of facts (`analytics.facts.add_up`).

    Values are what was counted, never corrected. Intervals hold the truth as far as the lines were `audited`, and may
    then lie beside the value (docs/adr). None where the numerator or denominator is not known or the denominator is 0.
    """
    door = completeness(facts)
    street = completeness(facts, up=c.STREET_UP_S, expected=c.STREET_EXPECTED_S)
    ins, passers, sales = _known(facts, c.INS), _known(facts, c.PASSERS), _known(facts, c.TRANSACTIONS)
    net, units, groups = _known(facts, c.NET_SALES), _known(facts, c.UNITS), _known(facts, c.BUYING_UNITS)
    till = 1.0 if sales is not None else None
    came = _people(ins, audited.visitors)
    passed = _people(passers, audited.passers)
    size = _mean_size(facts)
    conversion = conversion_rate(sales, ins, as_of=as_of, completeness=door, people=came, group=size)
    basket = audited.basket
    net_cv, units_cv, item_cv = (None,) * 3 if basket is None else (basket.net_cv, basket.units_cv, basket.item_cv)
    paid, upt, item = ratio(net, sales), ratio(units, sales), ratio(net, units)
    grouped = _grouped(facts, door)
    together = _groups(_known(facts, c.GROUPED_INS), groups, audited.visitors)
    atv = figure("atv", paid, as_of=as_of, completeness=till, interval=of_mean(paid, net_cv, sales))
    return Kpis(
        footfall=figure("footfall", ins, as_of=as_of, completeness=door, interval=_ends(came)),
        buying_units=figure("buying_units", groups, as_of=as_of, completeness=grouped, interval=_ends(together)),
        staff=figure("staff", _known(facts, c.STAFF_INS), as_of=as_of, completeness=door),
        passers_by=figure("passers_by", passers, as_of=as_of, completeness=street, interval=_ends(passed)),
        capture_rate=capture_rate(
            ins,
            passers,
            as_of=as_of,
            completeness=least_complete((door, street)),
            people=came,
            passed=passed,
            group=size,
        ),
        transactions=figure("transactions", sales, as_of=as_of, completeness=till),
        net_sales=figure("net_sales", net, as_of=as_of, completeness=till),
        conversion=conversion,
        buying_unit_conversion=per_person(
            "buying_unit_conversion", sales, groups, as_of=as_of, completeness=grouped, people=together
        ),
        atv=atv,
        upt=figure("upt", upt, as_of=as_of, completeness=till, interval=of_mean(upt, units_cv, sales)),
        aur=figure("aur", item, as_of=as_of, completeness=till, interval=of_mean(item, item_cv, sales)),
        spv=sales_per_visitor(net, ins, conversion, atv, as_of=as_of),
    )


def ratio(numerator: float | None, denominator: float | None) -> float | None:
    """Return numerator ÷ denominator; None where either is not known or the denominator is not above 0."""
    if numerator is None or denominator is None or denominator <= 0:
        return None
    return numerator / denominator


def conversion_rate(
    transactions: float | None,
    footfall: float | None,
    *,
    as_of: datetime,
    completeness: float | None,
    people: Interval | None = None,
    group: float = 1.0,
) -> Figure:
    """Return transactions ÷ footfall, never clipped, with its interval (`conversion_interval`).

    Visitors come in groups of `group` on average, which buy at most once.

    With `people`, the interval of those who really came in, it holds both errors (`conversion_of`).
    """
    value = ratio(transactions, footfall)
    variance = 1.0 if value is None or value < 0 else of_conversion(value, group)
    return per_person(
        "conversion", transactions, footfall, as_of=as_of, completeness=completeness, people=people, variance=variance
    )


def per_person(
    definition_id: str,
    count: float | None,
    people_counted: float | None,
    *,
    as_of: datetime,
    completeness: float | None,
    people: Interval | None = None,
    variance: float = 1.0,
    times: int = 1,
) -> Figure:
    """Return count ÷ people, never clipped, with its interval (`conversion_of`, whose parameters these are).

    `people` is None where nobody audited how well they are counted: the interval then holds sampling alone.
    """
    value = ratio(count, people_counted)
    interval = None
    if value is not None and value >= 0 and count is not None and people_counted is not None:
        known = people or (people_counted, people_counted, people_counted)
        interval = conversion_of(round(count), known, variance=variance, times=times)
    return figure(definition_id, value, as_of=as_of, completeness=completeness, interval=interval)


def capture_rate(
    entries: float | None,
    passers: float | None,
    *,
    as_of: datetime,
    completeness: float | None,
    people: Interval | None = None,
    passed: Interval | None = None,
    group: float = 1.0,
) -> Figure:
    """Return entries ÷ (entries + passers-by), 0 to 1, with its Wilson interval; visitors come in groups of `group`.

    With `people` or `passed`, the intervals of those who really came in or walked past, it holds those errors, too.
    """
    value = None if entries is None or passers is None else ratio(entries, entries + passers)
    interval = None
    if value is not None and entries is not None and passers is not None:
        interval = share_of(people or (entries,) * 3, passed or (passers,) * 3, variance=of_visitors(group))
    return figure("capture_rate", value, as_of=as_of, completeness=completeness, interval=interval)


def sales_per_visitor(
    net: float | None, footfall: float | None, conversion: Figure, atv: Figure, *, as_of: datetime
) -> Figure:
    """Return net sales ÷ footfall; the intervals of conversion and ATV, whose product it is, are carried into it."""
    sold, paid = _bounds(conversion), _bounds(atv)
    interval = None if sold is None or paid is None else product(sold, paid)
    return figure("spv", ratio(net, footfall), as_of=as_of, completeness=conversion.completeness, interval=interval)


def share_figure(definition_id: str, chosen: Sequence[bool], *, as_of: datetime, completeness: float | None) -> Figure:
    """Return the share that was chosen, in their order, with its interval, which knows how far neighbours agree."""
    interval, number = None, len(chosen)
    if number:
        variance = clustering(chosen)
        interval = wilson(sum(chosen) / variance, number / variance)
    share = ratio(float(sum(chosen)), float(number))
    return figure(definition_id, share, as_of=as_of, completeness=completeness, interval=interval)


def group_size(base: Kpis) -> float:
    """Return visitors per group, of those who were told apart into groups; 1 where nobody was."""
    size = ratio(base.footfall.value, base.buying_units.value)
    told = ratio(base.buying_units.completeness, base.footfall.completeness)
    return 1.0 if size is None or told is None else max(1.0, size * min(1.0, told))


def change(current: Figure, previous: Figure) -> float | None:
    """Return current ÷ previous - 1; None where either is not known or the previous is not above 0."""
    value = ratio(current.value, previous.value)
    return None if value is None else value - 1


def _people(count: float | None, miscount: Miscount | None) -> Interval | None:
    """Return how many people a count stands for; None where the lines were not audited."""
    return None if count is None or miscount is None else miscount.truth_of(count)


def _groups(grouped: float | None, groups: float | None, miscount: Miscount | None) -> Interval | None:
    """Return how many groups a count of them stands for: they are missed as the people are of whom they consist."""
    people = _people(grouped, miscount)
    size = ratio(grouped, groups)
    return None if people is None or size is None else (people[0] / size, people[1] / size, people[2] / size)


def _bounds(one: Figure) -> tuple[float, float] | None:
    return None if one.low is None or one.high is None else (one.low, one.high)


def _mean_size(facts: Sums) -> float:
    """Return visitors per group; 1 where no device assesses groups."""
    size = ratio(_known(facts, c.GROUPED_INS), _known(facts, c.BUYING_UNITS))
    return 1.0 if size is None else max(1.0, size)


def _ends(people: Interval | None) -> tuple[float, float] | None:
    return None if people is None else (people[0], people[2])


def _grouped(facts: Sums, door: float | None) -> float | None:
    """Return the completeness of buying units: also less where some crossings carry no group."""
    share = ratio(_known(facts, c.GROUPED_INS), _known(facts, c.INS))
    return None if door is None or share is None else door * min(1.0, share)


def _known(facts: Sums, column: str) -> float | None:
    value = facts[column]
    return None if pd.isna(value) else float(value)
