"""Moments as commands take them."""

from datetime import UTC, datetime

import typer


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
