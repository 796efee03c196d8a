"""A roster's or time clock's CSV export, row by row, understood as hours for the API."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TextIO
from zoneinfo import ZoneInfo

from ingest.orders.till_csv import YES, CsvFile, Row, columns_of, instant_of, whole_of

#: What a column may be mapped to. `hours` may stand for `ends_at`: how long it lasted, breaks included.
FIELDS: Final = (
    "external_id", "version", "staff_ref", "starts_at", "ends_at", "hours", "break_min", "on_floor", "cancelled",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffLayout:
    """How to read an export: whose it is, and what it leaves unsaid."""

    store: str
    source: str
    mapping: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    date_format: str | None = None
    #: The version of shifts whose row says none.
    version: int = 1


class StaffExport(CsvFile):
    """An open export of hours worked.

    Raises:
        TillExportError: no header, or a column that is needed cannot be found.
    """

    def __init__(self, file: TextIO, layout: StaffLayout) -> None:
        super().__init__(file)
        self._layout = layout
        self.columns = columns_of(self.header, layout.mapping, FIELDS, _missing)

    def rows(self) -> Iterator[Row]:
        """Yield every row that is not empty, understood or with the reason why not; raises as `cells` does."""
        for line, cells in self.cells():
            said = {ours: text for ours, at in self.columns.items() if at < len(cells) and (text := cells[at].strip())}
            try:
                yield Row(line, cells, order=_understood(said, self._layout))
            except ValueError as error:
                yield Row(line, cells, reason=str(error))


def _missing(columns: Collection[str]) -> list[str]:
    told_apart = [] if {"external_id", "staff_ref"} & set(columns) else ["staff_ref"]
    return ([] if "starts_at" in columns else ["starts_at"]) + told_apart


def _understood(said: Mapping[str, str], layout: StaffLayout) -> dict[str, Any]:
    """Return the shift in a row's cells; raises ValueError with a reason for a person."""
    if "starts_at" not in said:
        raise ValueError("nothing in starts_at")
    starts_at = instant_of("starts_at", said["starts_at"], layout.zone, layout.date_format)
    shift: dict[str, Any] = {
        "store": layout.store,
        "source": layout.source,
        "version": whole_of("version", said["version"]) if "version" in said else layout.version,
        "starts_at": starts_at.isoformat(),
        "ends_at": _end(said, starts_at, layout),
        "break_min": whole_of("break_min", said["break_min"]) if "break_min" in said else 0,
        "on_floor": said.get("on_floor", "yes").lower() in YES,
        "cancelled": said.get("cancelled", "").lower() in YES,
    }
    return shift | {name: said[name] for name in ("external_id", "staff_ref") if name in said}


def _end(said: Mapping[str, str], starts_at: datetime, layout: StaffLayout) -> str | None:
    """Return when a shift ended; None while it goes on."""
    if "ends_at" in said:
        return instant_of("ends_at", said["ends_at"], layout.zone, layout.date_format).isoformat()
    if "hours" not in said:
        return None
    try:
        return (starts_at.astimezone(UTC) + timedelta(hours=float(said["hours"].replace(",", ".")))).isoformat()
    except (ValueError, OverflowError) as error:
        raise ValueError(f"hours: expected such as 7.5, got {said['hours']!r}") from error
