"""What most entries have in common: sums over days and ratios of them."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.definition import Computed
from analytics.facts import add_up
from analytics.visits.kpis import kpis, ratio

Pure = Callable[[pd.DataFrame], float | None]

#: Values do not depend on the moment that a figure states.
MOMENT: Final = datetime(2000, 1, 1, tzinfo=UTC)


def base(name: str) -> Pure:
    """Return the figure `name` of the base set (`analytics.visits.kpis`), over rows of facts."""

    def value(facts: pd.DataFrame) -> float | None:
        found: float | None = getattr(kpis(add_up(facts), as_of=MOMENT), name).value
        return found

    return value


def summed(column: str) -> Pure:
    """Return the sum of a column; None where none of its rows is known."""

    def value(rows: pd.DataFrame) -> float | None:
        found = float(rows[column].astype(float).sum(min_count=1))
        return None if math.isnan(found) else found

    return value


def first_store(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the first store, by its number."""
    found: pd.DataFrame = rows[rows[c.STORE_ID] == rows[c.STORE_ID].min()]
    return found


def share(part: str, whole: str) -> Pure:
    """Return the ratio of the sums of two columns."""

    def value(rows: pd.DataFrame) -> float | None:
        return ratio(summed(part)(rows), summed(whole)(rows))

    return value


def total(column: str, name: str) -> Computed:
    """Return a sum of facts that is the figure `name` of the base set."""
    return Computed("facts", f"SELECT sum({column}) AS value FROM facts", base(name))


def over(part: str, whole: str, pure: Pure, source: str = "facts") -> Computed:
    """Return a ratio of two expressions over rows of a source; not known unless `whole` is above 0."""
    return Computed(source, f"SELECT {part} / CASE WHEN {whole} > 0 THEN {whole} END AS value FROM {source}", pure)
