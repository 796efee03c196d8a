"""What every question carries: who asks, about which store and days, and in which format the answer is wanted."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, Header, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import AwareDatetime

from analytics.clock import Clock
from analytics.database import Database
from analytics.directory import Directory
from analytics.periods import PeriodName
from analytics.stores import Store
from api.access import Access, Rates, access_of
from api.answers import Answers
from api.errors import KeyRefusedError, ProblemError
from api.formats import Format, chosen_format
from api.windows import Asked, Window, window

_bearer = HTTPBearer(auto_error=False, description="An API key: footfall keys create --scope kpis --name …")
_FIRST_DATE: Final = date(2000, 1, 1)
_LAST_DATE: Final = date(2200, 1, 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the questions of one application are answered with."""

    database: Database
    directory: Directory
    answers: Answers
    rates: Rates
    clock: Clock


def _desk(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


DeskOf = Annotated[Desk, Depends(_desk)]


def _known_only(request: Request) -> None:
    """Refuse what no parameter is called: whoever misspells one would take the answer for what was meant."""
    described = request.app.openapi()["paths"][request.scope["route"].path]["get"]["parameters"]
    known = {one["name"] for one in described if one["in"] == "query"}
    for name in request.query_params:
        if name not in known:
            raise ProblemError(
                422,
                "unknown-parameter",
                f"{name[:60]}: no parameter is called that: known are {', '.join(sorted(known))}",
            )


def _access(
    desk: DeskOf,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
    _known: Annotated[None, Depends(_known_only)],
) -> Access:
    if credentials is None:
        raise KeyRefusedError(
            "expected the header `Authorization: Bearer ffk_…`: footfall keys create --scope kpis makes a key"
        )
    with desk.database.connection() as connection:
        access = access_of(connection, credentials.credentials)
    desk.rates.take(access.key_id)
    return access


AccessOf = Annotated[Access, Depends(_access)]


def _store(desk: DeskOf, access: AccessOf, store: Annotated[str, Path(max_length=40, examples=["riverside"])]) -> Store:
    found = next((one for one in desk.directory.stores() if one.code == store), None)
    if found is None or not access.may_see(found):
        # The same words for both: a key tells nothing of stores that it is not for.
        raise ProblemError(
            404, "store", f"no store that this key may see has the id {store!r}: GET /v1/stores lists them"
        )
    return found


StoreOf = Annotated[Store, Depends(_store)]


FirstOf = Annotated[
    date | None,
    Query(ge=_FIRST_DATE, le=_LAST_DATE, description="period=custom: the first day, such as 2026-11-01"),
]
LastOf = Annotated[
    date | None,
    Query(ge=_FIRST_DATE, le=_LAST_DATE, description="period=custom: the last day; at most 400 days in all"),
]
KnownOf = Annotated[
    AwareDatetime | None,
    Query(description="what was known at a past moment such as 2026-11-01T09:00:00Z, seen from then"),
]


def _asking(default: PeriodName, description: str, *examples: PeriodName) -> Callable[..., Asked]:
    def asked(
        *,
        period: Annotated[PeriodName, Query(description=description, examples=list(examples))] = default,
        first: FirstOf = None,
        last: LastOf = None,
        as_of: KnownOf = None,
    ) -> Asked:
        return Asked(period, first, last, as_of)

    return asked


def _windows(asking: Callable[..., Asked]) -> Callable[..., Window]:
    def read(desk: DeskOf, access: AccessOf, store: StoreOf, asked: Annotated[Asked, Depends(asking)]) -> Window:
        return window(desk.directory, store, access, asked, now=desk.clock())

    return read


_any = _asking(
    "yesterday", "business days of the store, seen from its own date; weeks begin on Monday",
    "yesterday", "today", "this_week", "last_week", "four_weeks",
)  # fmt: skip
_days_over = _asking(
    "yesterday", "business days of the store that are over, seen from its own date; weeks begin on Monday",
    "yesterday", "last_week", "four_weeks",
)  # fmt: skip
_weeks_over = _asking(
    "last_week", "last_week; four_weeks: the last four calendar weeks that are over; custom: from a Monday to a Sunday",
    "last_week", "four_weeks",
)  # fmt: skip
_usual_week = _asking(
    "four_weeks", "four_weeks: the last four calendar weeks that are over; or custom, three such weeks or more",
    "four_weeks",
)  # fmt: skip

AskedOf = Annotated[Asked, Depends(_any)]
WindowOf = Annotated[Window, Depends(_windows(_any))]
#: The same for what is told of days that are over, of calendar weeks, and of a usual week.
DaysOverOf = Annotated[Window, Depends(_windows(_days_over))]
WeeksOverOf = Annotated[Window, Depends(_windows(_weeks_over))]
WeeksOf = Annotated[Window, Depends(_windows(_usual_week))]


def _format(
    format: Annotated[  # noqa: A002  # the parameter's name in the URL
        Format | None,
        Query(description="json unless Accept says otherwise", examples=["json", "csv", "parquet", "xlsx"]),
    ] = None,
    accept: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Format:
    return chosen_format(format, accept)


FormatOf = Annotated[Format, Depends(_format)]
EtagOf = Annotated[
    str | None, Header(alias="If-None-Match", description="the ETag of an answer you have: 304 if it still is")
]
CursorOf = Annotated[str | None, Query(max_length=400, description="next_cursor of the page before")]
LimitOf = Annotated[int, Query(ge=1, le=1_000, description="rows at most; a file holds all of them")]
