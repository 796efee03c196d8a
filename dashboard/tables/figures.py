"""Rows of figures: beside each number its range, its unit, how whole it is, and what it means."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from analytics.definitions import DEFINITIONS, mark
from analytics.figure import Figure, Quality
from analytics.tables import Table, Value
from dashboard.language import UNITS, Language

#: What stands beside each number.
COLUMNS: Final = (
    mark("Figure"), mark("Value"), mark("From (95 %)"), mark("To (95 %)"), mark("Unit"), mark("Quality"),
    mark("Completeness"), mark("Withheld"), mark("Definition"),
)  # fmt: skip
_QUALITIES: Final[dict[Quality, str]] = {
    "measured": mark("measured"), "partial": mark("partial"), "imputed": mark("estimated"), "manual": mark("by hand"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One figure; `of` is what it is of, a value for each of the table's own columns. `withheld`: of too few people."""

    of: Sequence[Value]
    figure: Figure
    withheld: bool = False
    currency: str | None = None


def figure_table(name: str, own: Sequence[str], rows: Iterable[Row], lang: Language) -> Table:
    """Return figures as a table: its own columns, then what stands beside each number."""
    columns = tuple(lang.t(one) for one in (*own, *COLUMNS))
    return Table(name, columns, [[*row.of, *_cells(row, lang)] for row in rows])


def _cells(row: Row, lang: Language) -> Sequence[Value]:
    one, definition = row.figure, DEFINITIONS[row.figure.definition_id]
    unit = lang.t(UNITS[definition.unit])
    numbers = (None, None, None) if row.withheld else (one.value, one.low, one.high)
    return (
        lang.t(definition.name),
        *numbers,
        unit if row.currency is None or not definition.unit.startswith("money") else f"{unit} ({row.currency})",
        lang.t(_QUALITIES[one.quality]) if one.known else None,
        one.completeness,
        row.withheld,
        lang.t(definition.formula),
    )
