"""Comparisons from the rows of their sources."""

from collections.abc import Hashable, Iterator
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.comparison.decomposition import decompose, sides
from analytics.comparison.like_for_like import in_full
from analytics.comparison.ranking import outliers_among, places
from analytics.facts import add_up
from analytics.metrics.parts import MOMENT, Pure, summed
from analytics.visits.kpis import Kpis, kpis, ratio

_SIDE: Final = (c.INS, c.TRANSACTIONS, c.NET_SALES, c.UP_S, c.EXPECTED_S, c.DOORS_DOWN)


def why(part: str) -> Pure:
    """Return one part of a change in net sales, of the source `pairs`."""

    def value(pairs: pd.DataFrame) -> float | None:
        found = decompose(sides(_side(own, "after"), _side(own, "before")) for _, own in pairs.groupby(c.STORE_ID))
        return None if found is None else float(getattr(found, part))

    return value


def like_for_like_change(pairs: pd.DataFrame) -> float | None:
    """Return the change in visitors over the stores that take part."""
    kept = [
        own
        for _, own in pairs.groupby(c.STORE_ID)
        if own["long_open"].all() and all(in_full(_side(own, side).to_dict("records")) for side in ("after", "before"))
    ]
    if not kept:
        return None
    both = pd.concat(kept)
    came = ratio(summed("ins_after")(both), summed("ins_before")(both))
    return None if came is None else came - 1


def place_of(facts: pd.DataFrame) -> float | None:
    """Return the best place that the first store (by its number) may hold, its conversion's sampling error alone."""
    found = places([base.conversion for _, base in _stores(facts)])
    return float(found[0].best) if found and found[0] is not None else None


def outlier_count(facts: pd.DataFrame) -> float | None:
    """Return how many stores' conversion lies outside the limits for their size; None where too few can be judged."""
    return outliers_among([base for _, base in _stores(facts)])


def _stores(facts: pd.DataFrame) -> Iterator[tuple[Hashable, Kpis]]:
    return ((store_id, kpis(add_up(own), as_of=MOMENT)) for store_id, own in facts.groupby(c.STORE_ID))


def _side(pairs: pd.DataFrame, side: str) -> pd.DataFrame:
    told = pd.DataFrame({name: pairs[f"{name}_{side}"].astype(float) for name in _SIDE})
    return told.reindex(columns=list(c.ADDITIVE))
