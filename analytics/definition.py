"""A definition: what one number of the product means, and its texts' mark for translation."""

from dataclasses import dataclass
from typing import Literal

Unit = Literal[
    "people",
    "share",
    "money",
    "money per sale",
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
class Definition:
    """One KPI: its name, formula and unit, and what it must not be mistaken for.

    `version` goes up when the formula changes: figures of two versions are not compared.
    """

    id: str
    name: str
    formula: str
    unit: Unit
    trap: str
    version: int = 1
