"""Instants as counters write them: milliseconds, text with an offset, or a wall clock's time."""

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from ingest.errors import PushError

#: Seconds since 1970 will not have so many digits for 3 000 years: it is milliseconds.
_MILLISECONDS_FROM: Final = 10**11
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
#: A counter's clock may be ahead of ours by so much.
AHEAD_MAX: Final = timedelta(minutes=10)
#: A push of at most this age tells apart an hour of a wall clock that came twice.
_FRESH: Final = timedelta(minutes=15)


def instant_of(value: float | str, zone: ZoneInfo, *, near: datetime) -> datetime:
    """Return an instant in UTC; `near` is when it was heard, or the end of the interval that it begins.

    Raises:
        PushError: it is no instant, or a wall clock's time that does not exist, or came twice.
    """
    try:
        if isinstance(value, str):
            said = datetime.fromisoformat(value.strip())
            found = said.astimezone(UTC) if said.tzinfo else _of_wall_clock(said, zone, near)
        else:
            found = datetime.fromtimestamp(value / 1_000 if value >= _MILLISECONDS_FROM else value, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise PushError("expected times as ISO 8601 text or as seconds or milliseconds since 1970") from error
    if found < _EARLIEST:
        raise PushError(f"a time lies before {_EARLIEST:%Y}: the counter's clock is not set; let it ask a time server")
    return found


def _of_wall_clock(said: datetime, zone: ZoneInfo, near: datetime) -> datetime:
    both = sorted({said.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)})
    real = [each for each in both if each.astimezone(zone).replace(tzinfo=None) == said]
    if not real:
        raise PushError(f"a time does not exist in {zone.key}, clocks were put forward: let the counter send UTC")
    past = [each for each in real if each <= near + AHEAD_MAX] or real[:1]
    if len(past) > 1 and near - past[-1] > _FRESH:
        raise PushError(f"a time came twice in {zone.key}, clocks were put back: let the counter send UTC")
    return past[-1]
