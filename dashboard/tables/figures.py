"""Rows of figures: beside each number its range, its unit, how whole it is, and what it means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics.definitions import DEFINITIONS, mark
from analytics.figure import Figure, Quality
from analytics.stores import Store
from analytics.tables import Table, Value
from dashboard.language import UNITS, Language

#: What stands beside each number.
COLUMNS: Final = (
    mark("Figure"), mark("Value"), mark("From (95 %)"), mark("To (95 %)"), mark("Unit"), mark("Quality"),
    mark("Completeness"), mark("Withheld"), mark("As of (UTC)"), mark("Definition"),
)  # fmt: skip
#: Names of columns that several tables have.
STORE: Final = mark("Store")
NAME: Final = mark("Name")
DAY: Final = mark("Business day")
FROM: Final = mark("From")
TO: Final = mark("To")
UNTIL: Final = mark("Until")
ZONE: Final = mark("Zone")
_QUALITIES: Final[dict[Quality, str]] = {
    "measured": mark("measured"), "partial": mark("partial"), "imputed": mark("estimated"), "manual": mark("by hand"),
}  # fmt: skip
_NOT_KNOWN: Final = mark("not known")


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `of` is what it is of, a value for each of the table's own columns. `withheld`: of too few people."""

    of: Sequence[Value]
    figure: Figure
    withheld: bool = False
    currency: str | None = None


def figure_table(name: str, own: Sequence[str], rows: Iterable[Row], lang: Language) -> Table:
    """Return figures as a table: its own columns, then what stands beside each number."""
    return plain_table(name, (*own, *COLUMNS), [[*row.of, *_cells(row, lang)] for row in rows], lang)


def plain_table(name: str, columns: Sequence[str], rows: Sequence[Sequence[Value]], lang: Language) -> Table:
    """Return rows that are no figures as a table, its columns named in the reader's language."""
    return Table(name, tuple(lang.t(one) for one in columns), rows)


def local(store: Store, *instants: datetime) -> tuple[str, ...]:
    """Return instants by the store's clock, with its offset."""
    return tuple(at.astimezone(store.zone).isoformat() for at in instants)


def _cells(row: Row, lang: Language) -> Sequence[Value]:
    one, definition = row.figure, DEFINITIONS[row.figure.definition_id]
    unit = lang.t(UNITS[definition.unit])
    numbers = (None, None, None) if row.withheld else (one.value, one.low, one.high)
    return (
        lang.t(definition.name),
        *numbers,
        unit if row.currency is None or not definition.unit.startswith("money") else f"{unit} ({row.currency})",
        _quality(one, lang) if one.known else None,
        one.completeness,
        row.withheld,
        one.as_of,
        lang.t(definition.formula),
    )


def _quality(one: Figure, lang: Language) -> str:
    return lang.t(_NOT_KNOWN if one.quality == "partial" and one.completeness is None else _QUALITIES[one.quality])
