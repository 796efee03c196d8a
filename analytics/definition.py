"""A definition: what one number of the product means, in words, in SQL and in Python."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import pandas as pd

Unit = Literal[
    "people",
    "share",
    "money",
    "money per sale",
    "money per item",
    "money per visitor",
    "sales",
    "units per sale",
    "seconds",
    "stores",
    "hours",
    "people per hour",
    "staff",
    "money per hour",
    "units",
]


def mark(message: str) -> str:
    """Return the message unchanged: it tells the catalogue's test that this text is translated when shown."""
    return message


def mark_many(singular: str, plural: str) -> tuple[str, str]:
    """Return both forms unchanged: `mark` for a text that is counted."""
    return singular, plural


@dataclass(frozen=True, slots=True)
class Computed:
    """How a value follows from the rows of one of `analytics.sources`, twice: a test holds the two equal.

    Attributes:
        source: whose rows; `sql` reads them under this name.
        sql: one SELECT that answers one value, NULL where it is not known.
        pure: the same of the rows as a DataFrame, numbers as floats; None where it is not known. No clock, no database.
    """

    source: str
    sql: str
    pure: Callable[[pd.DataFrame], float | None]


@dataclass(frozen=True, slots=True)
class Definition:
    """One KPI: its name, formula and unit, what it must not be mistaken for, and how it is computed.

    `version` goes up when the formula changes: figures of two versions are not compared.
    """

    id: str
    name: str
    formula: str
    unit: Unit
    trap: str
    computed: Computed
    version: int = 1
