"""Decomposition: what changed in net sales and why, as amounts of money that add up to the change.

Net sales are visitors × conversion × average sale. The change is split by the logarithmic mean Divisia index (LMDI-I;
B. W. Ang, Energy Policy 32, 2004): a factor that went from a to b gets L(after, before) × ln(b ÷ a), L being the
logarithmic mean of the sales. Nothing is left over, no factor's order matters, and stores add up to all stores, where
the visitors' part falls into that of all visitors together and that of where they went (mix between stores).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analytics import columns as c
from analytics.facts import Table, add_up_table, additive, completeness
from analytics.figure import Figure, figure, least_complete

#: Days counted less than this are not split: what was not counted would read as fewer visitors who buy more.
COUNTED_FROM: Final = 0.95
#: Definitions of the parts of a change, in the order of `Decomposition.parts`.
PARTS: Final = ("change_visitors", "change_mix", "change_conversion", "change_basket", "change_rest")


@dataclass(frozen=True, slots=True)
class Sums:
    """Visitors, sales and net sales of one store over the same days."""

    visitors: float
    transactions: float
    net: float

    @property
    def positive(self) -> bool:
        """Whether all three are above zero, so that factors can be told."""
        return min(self.visitors, self.transactions, self.net) > 0


@dataclass(frozen=True, slots=True)
class Sides:
    """One store before and after, over `pairs` of `days` day pairs with sales on both sides.

    `before` and `after` hold the pairs that were counted, too; the sales of the others went from `rest_before` to
    `rest_after`, and nobody can say why. `counted` is the completeness of the side that was counted less.
    """

    before: Sums
    after: Sums
    rest_before: float
    rest_after: float
    pairs: int
    days: int
    counted: float | None = None

    @property
    def splits(self) -> bool:
        """Whether its change can be told apart by factors."""
        return self.before.positive and self.after.positive


@dataclass(frozen=True, slots=True)
class Decomposition:
    """A change in net sales in money: `visitors` + `mix` + `conversion` + `basket` + `rest` = `change`.

    `mix` is what visitors who went to other stores than before made; 0 for one store. `rest` is the change of days and
    stores whose visitors were not counted on both sides, or which sold nothing on one. `counted` is the completeness of
    the side of a store that was counted least.
    """

    before: float
    change: float
    visitors: float
    mix: float
    conversion: float
    basket: float
    rest: float
    counted: float | None = None

    @property
    def share(self) -> float | None:
        """The change as a share of the sales before; None where there were none."""
        return self.change / self.before if self.before > 0 else None

    @property
    def parts(self) -> tuple[float, float, float, float, float]:
        """Visitors, mix, conversion, basket and rest, which add up to `change`."""
        return self.visitors, self.mix, self.conversion, self.basket, self.rest

    def figures(self, *, as_of: datetime) -> tuple[Figure, ...]:
        """Return the change and its `PARTS` as figures, without intervals: how far the sides err alike nobody knows."""
        told = zip(("change_sales", *PARTS), (self.change, *self.parts), strict=True)
        return tuple(figure(name, amount, as_of=as_of, completeness=self.counted) for name, amount in told)


def sides(after: pd.DataFrame, before: pd.DataFrame) -> Sides | None:
    """Return one store's sides from facts of paired days, row by row; None where no pair has sales on both sides."""
    return sides_of_tables(additive(after), additive(before))


def sides_of_tables(after: Table, before: Table) -> Sides | None:
    """Return `sides` of facts as tables."""
    sold = sold_on_both(after, before)
    if not sold.any():
        return None
    counted = sold & _counted(after) & _counted(before)
    rest = sold & ~counted
    return Sides(
        before=_sums(before, counted),
        after=_sums(after, counted),
        rest_before=_total(before, c.NET_SALES, rest),
        rest_after=_total(after, c.NET_SALES, rest),
        pairs=int(sold.sum()),
        days=len(after),
        counted=least_complete([completeness(add_up_table(one)) for one in (after, before)]),
    )


def sold_on_both(after: Table, before: Table) -> NDArray[np.bool_]:
    """Return which pairs have sales on both sides: those that a change is told of."""
    return _known(after, c.NET_SALES, c.TRANSACTIONS) & _known(before, c.NET_SALES, c.TRANSACTIONS)


def decompose(told: Iterable[Sides | None]) -> Decomposition | None:
    """Return why the net sales of stores, all in one currency, changed; None where none has sales on both sides.

    A store whose change cannot be told apart adds to `rest`, so that the sum holds for all of them.
    """
    stores = [one for one in told if one is not None]
    if not stores:
        return None
    split = [one for one in stores if one.splits]
    everywhere = _growth(split)
    effects = np.array([_effects(one, everywhere) for one in split]).reshape(-1, 4)
    visitors, mix, conversion, basket = (math.fsum(column) for column in effects.T)
    before = math.fsum(one.before.net + one.rest_before for one in stores)
    after = math.fsum(one.after.net + one.rest_after for one in stores)
    return Decomposition(
        before=before,
        change=after - before,
        visitors=visitors,
        mix=mix,
        conversion=conversion,
        basket=basket,
        rest=math.fsum(_unsplit(one) for one in stores),
        counted=least_complete([one.counted for one in stores]),
    )


def logarithmic_mean(a: float, b: float) -> float:
    """Return (a − b) ÷ ln(a ÷ b), which lies between the two; a where both are equal.

    Raises:
        ValueError: one is not above 0.
    """
    if min(a, b) <= 0:
        raise ValueError(f"expected two numbers above 0, got {a} and {b}")
    grown = (a - b) / b
    if grown == 0:
        return b
    # Near equality ln(a ÷ b) loses its digits; far from it log1p does.
    return (a - b) / (math.log1p(grown) if abs(grown) < 0.5 else math.log(a / b))  # noqa: PLR2004  # either is good there


def rounded_parts(parts: Sequence[float], total: float, *, step: float) -> list[float]:
    """Return the parts as multiples of `step` that add up to `total` rounded to it: what is shown must add up, too.

    Each is rounded down and those with the largest remainders take what is missing (largest remainder method).
    """
    units = [part / step for part in parts]
    floors = [math.floor(unit) for unit in units]
    missing = round(total / step) - sum(floors)
    by_remainder = sorted(range(len(parts)), key=lambda index: floors[index] - units[index])
    for turn in range(abs(missing)):
        index = by_remainder[turn % len(parts)] if missing > 0 else by_remainder[-1 - turn % len(parts)]
        floors[index] += 1 if missing > 0 else -1
    return [unit * step for unit in floors]


def _growth(split: Sequence[Sides]) -> float:
    """Return ln(visitors of all stores after ÷ before); 0 without a store."""
    if not split:
        return 0.0
    return math.log(math.fsum(one.after.visitors for one in split) / math.fsum(one.before.visitors for one in split))


def _effects(one: Sides, everywhere: float) -> tuple[float, float, float, float]:
    before, after = one.before, one.after
    weight = logarithmic_mean(after.net, before.net)
    own = math.log(after.visitors / before.visitors)
    conversion = math.log(after.transactions / after.visitors) - math.log(before.transactions / before.visitors)
    basket = math.log(after.net / after.transactions) - math.log(before.net / before.transactions)
    return weight * everywhere, weight * (own - everywhere), weight * conversion, weight * basket


def _unsplit(one: Sides) -> float:
    rest = one.rest_after - one.rest_before
    return rest if one.splits else rest + one.after.net - one.before.net


def _column(facts: Table, name: str) -> NDArray[np.float64]:
    return facts[:, c.ADDITIVE.index(name)]


def _known(facts: Table, *columns: str) -> NDArray[np.bool_]:
    return np.asarray(~np.isnan(np.stack([_column(facts, name) for name in columns])).any(axis=0), dtype=bool)


def _counted(facts: Table) -> NDArray[np.bool_]:
    expected, up = _column(facts, c.EXPECTED_S), _column(facts, c.UP_S)
    return _known(facts, c.INS) & (expected > 0) & (up >= COUNTED_FROM * expected)


def _sums(facts: Table, rows: NDArray[np.bool_]) -> Sums:
    return Sums(*(_total(facts, column, rows) for column in (c.INS, c.TRANSACTIONS, c.NET_SALES)))


def _total(facts: Table, column: str, rows: NDArray[np.bool_]) -> float:
    return math.fsum(_column(facts, column)[rows])
