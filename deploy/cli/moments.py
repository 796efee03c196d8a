"""Moments as commands take them."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Final

import typer

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")


def moment(text: str, option: str) -> datetime:
    """Return an ISO 8601 day or moment; without a zone it is in UTC.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        expected = "expected a day or moment such as 2026-11-21 or 2026-11-21T09:00+01:00"
        raise typer.BadParameter(f"{expected}, got {text!r}", param_hint=option) from error
    return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)


def day(text: str, option: str) -> date:
    """Return an ISO 8601 day.

    Raises:
        typer.BadParameter: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"expected a day such as 2026-11-01, got {text!r}", param_hint=option) from error


def week_days(text: str, option: str) -> tuple[date, date]:
    """Return an ISO week's Monday and Sunday.

    Raises:
        typer.BadParameter: there is no such week.
    """
    found = _WEEK.fullmatch(text)
    try:
        monday = date.fromisocalendar(int(found[1]), int(found[2]), 1) if found else None
    except ValueError as error:
        raise typer.BadParameter(f"{error}, got {text!r}", param_hint=option) from error
    if monday is None:
        raise typer.BadParameter(f"expected a week as 2026-W47, got {text!r}", param_hint=option)
    return monday, monday + timedelta(days=6)
