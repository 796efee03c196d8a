"""`footfall report`: a store's week, or any other period, on one printed page."""

import json
from dataclasses import asdict, dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from deploy.cli.connection import database_url
from deploy.cli.lang import Lang
from deploy.cli.moments import week_days

if TYPE_CHECKING:
    from analytics.stores import Store
    from dashboard.language import Code
    from dashboard.reading.pages import PagesReading
    from dashboard.reading.report import ReportView

app = typer.Typer()

_DAY: Final = ["%Y-%m-%d"]


@dataclass(frozen=True, slots=True)
class _Written:
    """A file that was written: its store, days and pages."""

    store: str
    first: date
    last: date
    file: str
    pages: int


@app.command(epilog="Example: footfall report riverside --week 2026-W47 --lang en --out riverside.pdf")
def report(
    store: Annotated[str | None, typer.Argument(help="The store's code.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Every store: a file each in the folder --out.")] = False,
    week: Annotated[str | None, typer.Option(help="An ISO week, as 2026-W47. Default: the last whole one.")] = None,
    first: Annotated[datetime | None, typer.Option("--from", formats=_DAY, help="First business day.")] = None,
    last: Annotated[datetime | None, typer.Option("--to", formats=_DAY, help="Last business day.")] = None,
    lang: Lang = "en",
    out: Annotated[Path, typer.Option(help="A file, or a folder.")] = Path(),
    json_: Annotated[bool, typer.Option("--json", help="One JSON array: what was written.")] = False,
) -> None:
    """Write a store's week, or other days, as a PDF of one page: the figures of its page “Look back”."""
    if (store is None) != all_:
        raise typer.BadParameter("expected a store's code, or --all", param_hint="STORE")
    if all_ and out.suffix:
        raise typer.BadParameter(f"expected a folder, for --all writes a file per store, got {out}", param_hint="--out")
    days = _days(week, first, last)
    written = [_write(one, lang, out) for one in _views(store, days)]
    if json_:
        typer.echo(json.dumps([asdict(one) for one in written], default=date.isoformat))
        return
    for one in written:
        typer.echo(f"{one.file}: {one.store}, {one.first} to {one.last}")


def _days(week: str | None, first: datetime | None, last: datetime | None) -> tuple[date, date] | None:
    if week is not None and (first or last):
        raise typer.BadParameter("expected a week or days, got both", param_hint="--week")
    if week is not None:
        return week_days(week, "--week")
    if first is None and last is None:
        return None
    if first is None or last is None or last < first:
        raise typer.BadParameter("expected both, in order", param_hint="--from, --to")
    return first.date(), last.date()


def _views(code: str | None, days: tuple[date, date] | None) -> "list[ReportView]":
    from analytics.cache import Cache
    from analytics.clock import utc_now
    from analytics.database import Database
    from dashboard.reading.pages import pages_reading

    database = Database(database_url(), clock=utc_now, connections=2)
    try:
        reading = pages_reading(database, Cache(), utc_now)
        return [_view(reading, store, days) for store in _stores(reading, code)]
    finally:
        database.close()


def _stores(reading: "PagesReading", code: str | None) -> "tuple[Store, ...]":
    from analytics.stores import store_of

    everyone = reading.directory.stores()
    return everyone if code is None else (store_of(everyone, code),)


def _view(reading: "PagesReading", store: "Store", days: tuple[date, date] | None) -> "ReportView":
    return reading.report.store(store, "last_week") if days is None else reading.report.store(store, "custom", *days)


def _write(view: "ReportView", lang: "Code", out: Path) -> _Written:
    from dashboard.language import language
    from dashboard.report.sheet import report_pdf

    seen = view.history
    code, shown = seen.store.code, seen.period
    path = out if out.suffix else out / f"{code}-{shown.first}-{shown.last}.pdf"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(report_pdf([view], language(lang)))
    return _Written(code, shown.first, shown.last, str(path), 1)
