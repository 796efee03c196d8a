"""The KPI API as a FastAPI application.

Every figure comes with its interval, quality, completeness, definition and the moment up to which it counts. What
nobody measured is null, never 0. Answers carry a strong ETag; asked again with it, an unchanged one is a 304.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated, Any, Final, Literal

from fastapi import FastAPI, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from analytics.as_of import at_moment
from analytics.cache import Cache
from analytics.clock import Clock, utc_now
from analytics.database import Database
from analytics.definitions import DEFINITIONS
from analytics.directory import Directory
from analytics.queries import Connection
from analytics.sources import PARAMETERS, names
from api.access import Rates
from api.answers import OVER_S, RUNNING_S, Answers
from api.asking import (
    AccessOf,
    AskedOf,
    CursorOf,
    DaysOverOf,
    Desk,
    DeskOf,
    EtagOf,
    FormatOf,
    LimitOf,
    StoreOf,
    WeeksOf,
    WeeksOverOf,
    WindowOf,
)
from api.bodies import (
    CategoriesOut,
    ForecastOut,
    FunnelOut,
    HoursOut,
    KpisOut,
    MetricsOut,
    QualityOut,
    StaffingOut,
    StoresOut,
    TrafficOut,
)
from api.comparing import read_change_out, read_comparison_out
from api.comparing_bodies import Against, ChangeOfStoreOut, ComparisonOut, StoreTargetsOut
from api.errors import ProblemError
from api.exports import FILES, export_kpis
from api.figures import metric_out, source_out, store_out
from api.floor import read_categories_out, read_flows_out, read_staffing_out, read_zones_out
from api.forecast import read_forecast_out
from api.formats import MEDIA_TYPES, Format
from api.hourly import read_hours_out
from api.inside_bodies import OccupancyOut, QueueOut
from api.occupancy import read_occupancy_out
from api.problems import PROBLEMS, install
from api.quality import read_quality
from api.queueing import QueueGrain, read_queue_out
from api.reading import Grain, TrafficGrain, paged, read_funnel, read_kpis, read_traffic_page, snapshot
from api.settings import ApiSettings
from api.targets import read_targets_out
from api.windows import Window, windows
from api.zone_bodies import FlowsOut, ZonesOut

#: A file holds what many pages do: the most rows that the longest period has at any grain.
_FILE_ROWS: Final = 20_000
#: Calendars kept at most: one a store, and one for each moment of the past that is asked for.
_CALENDARS_MAX: Final = 2_000
_FILES: Final[dict[str, Any]] = {media_type: {} for name, media_type in MEDIA_TYPES.items() if name != "json"}
_RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": _FILES, "headers": {"ETag": {"schema": {"type": "string"}}}},
    304: {"description": "Unchanged since the ETag in If-None-Match"},
    **PROBLEMS,
}


def create_app(settings: ApiSettings, *, clock: Clock = utc_now) -> FastAPI:
    """Return the application; `clock` says what today is."""
    database = Database(settings.dsn, clock=clock, connections=settings.api_connections)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(
        title="Footfall KPIs",
        version="1",
        summary="Figures of stores, for other programs.",
        description=__doc__,
        lifespan=lifespan,
        # FastAPI's own pages load scripts from a CDN; /openapi.json says the same without any network.
        docs_url=None,
        redoc_url=None,
    )
    install(app)
    rates = Rates(settings.api_rate_per_s)
    app.state.desk = Desk(database, Directory(database, Cache(entries_max=_CALENDARS_MAX)), Answers(), rates, clock)
    for path, endpoint, body, summary in (
        ("/v1/metrics", metrics, MetricsOut, "What each figure means"),
        ("/v1/stores", stores, StoresOut, "The stores that the key may see"),
        ("/v1/stores/{store}/kpis", kpis, KpisOut, "Visitors, sales, conversion and what follows from them"),
        ("/v1/stores/{store}/funnel", funnel, FunnelOut, "From walking past to buying again"),
        ("/v1/stores/{store}/change", change, ChangeOfStoreOut, "What changed in net sales, and why"),
        ("/v1/stores/{store}/targets", targets, StoreTargetsOut, "Targets, and how far they are met"),
        ("/v1/comparison", comparison, ComparisonOut, "The stores beside each other, and like for like"),
        ("/v1/stores/{store}/hours", hours, HoursOut, "The funnel and conversion of each hour"),
        ("/v1/stores/{store}/traffic", traffic, TrafficOut, "Who came in and went out, by quarter-hour, hour or day"),
        ("/v1/stores/{store}/staffing", staffing, StaffingOut, "Visitors against the hours that staff worked"),
        ("/v1/stores/{store}/categories", categories, CategoriesOut, "What is sold where visitors stop"),
        ("/v1/stores/{store}/zones", zones, ZonesOut, "The funnel of each zone"),
        ("/v1/stores/{store}/flows", flows, FlowsOut, "From which zone visitors went straight to which"),
        ("/v1/stores/{store}/queue", queue, QueueOut, "How long people waited at the till"),
        ("/v1/stores/{store}/occupancy", occupancy, OccupancyOut, "Who was inside, hour by hour, and who is now"),
        ("/v1/stores/{store}/forecast", forecast, ForecastOut, "How many are expected in the next 14 days"),
        ("/v1/stores/{store}/quality", quality, QualityOut, "How far the figures can be relied on"),
    ):
        app.get(path, response_model=body, responses=_RESPONSES, summary=summary)(endpoint)
    app.get(
        "/v1/export/kpis",
        response_class=StreamingResponse,
        responses={**PROBLEMS, 200: FILES},
        summary="The KPIs of all stores as one file",
    )(export_kpis)
    app.get("/healthz", responses={503: PROBLEMS[503]}, summary="Whether figures can be given")(healthz)
    return app


def metrics(desk: DeskOf, _access: AccessOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return the registry: each figure's formula, unit and version, what it must not be mistaken for, and its SQL."""

    def make() -> MetricsOut:
        return MetricsOut(
            metrics=[metric_out(one) for one in DEFINITIONS.values()],
            sources=[source_out(name) for name in names()],
            parameters=list(PARAMETERS),
        )

    return desk.answers.give("metrics", wanted, etag, make, for_s=OVER_S)


def stores(
    *,
    desk: DeskOf,
    access: AccessOf,
    wanted: FormatOf,
    etag: EtagOf = None,
    cursor: CursorOf = None,
    limit: LimitOf = 100,
) -> Response:
    """Return the stores by their id."""
    most = _rows(wanted, cursor, limit)
    seen = sorted((one for one in desk.directory.stores() if access.may_see(one)), key=lambda one: one.code)

    def make() -> StoresOut:
        page, next_cursor = paged(seen, f"stores {access.store_id}", cursor, most, lambda one: one.code)
        return StoresOut(stores=[store_out(one) for one in page], next_cursor=next_cursor)

    return desk.answers.give(f"stores {access.store_id} {cursor} {most}", wanted, etag, make, for_s=RUNNING_S)


def kpis(
    *,
    desk: DeskOf,
    of: WindowOf,
    wanted: FormatOf,
    etag: EtagOf = None,
    grain: Annotated[Grain, Query(description="one row, or one per day or week")] = "period",
    compare: Annotated[
        Literal["previous"] | None,
        Query(description="previous: the same weekdays whole weeks before; with grain=period", examples=["previous"]),
    ] = None,
    cursor: CursorOf = None,
    limit: LimitOf = 50,
) -> Response:
    """Return the base set of KPIs. A ratio over days is a ratio of sums."""
    if compare is not None and grain != "period":
        raise ProblemError(422, "invalid-parameter", "compare=previous: expected grain=period beside it")
    most = _rows(wanted, cursor, limit)
    previous = compare == "previous"
    return _give(
        desk, of, wanted, etag, question=f"kpis {grain} {compare} {cursor} {most}",
        read=partial(read_kpis, grain=grain, previous=previous, cursor=cursor, limit=most),
    )  # fmt: skip


def change(
    *,
    desk: DeskOf,
    of: WindowOf,
    wanted: FormatOf,
    etag: EtagOf = None,
    against: Annotated[
        Against, Query(description="previous: the same weekdays whole weeks before; year: the same days last year")
    ] = "previous",
) -> Response:
    """Return the change in net sales told apart into visitors, conversion and average sale, which add up to it.

    Against a year before weekdays meet weekdays and holidays the same holidays; `pairs` says which day met which.
    """
    return _give(
        desk, of, wanted, etag, question=f"change {against}", read=partial(read_change_out, against=against)
    )  # fmt: skip


def targets(desk: DeskOf, of: WindowOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return the store's targets by weekday, and what was reached of them; none of it outside the company."""
    return _give(desk, of, wanted, etag, question="targets", read=read_targets_out)


def comparison(
    *,
    desk: DeskOf,
    access: AccessOf,
    asked: AskedOf,
    wanted: FormatOf,
    etag: EtagOf = None,
    cursor: CursorOf = None,
    limit: LimitOf = 50,
) -> Response:
    """Return the stores that the key may see: places, peers, what changed in each, and all of them like for like.

    Stores whose intervals overlap are level: places are ranges. A key for one store is told of no other: no place.
    """
    most = _rows(wanted, cursor, limit)
    seen = [one for one in desk.directory.stores() if access.may_see(one)]
    of = windows(desk.directory, seen, access, asked, now=desk.clock())
    for_s = OVER_S if asked.known is not None or not any(one.running for one in of) else RUNNING_S

    def make() -> ComparisonOut:
        with desk.database.snapshot() as connection, at_moment(connection, asked.known):
            return read_comparison_out(connection, of, asked, cursor=cursor, limit=most)

    question = f"comparison {access.store_id} {access.outside} {asked} {cursor} {most}"
    return desk.answers.give(question, wanted, etag, make, for_s=for_s)


def funnel(desk: DeskOf, of: WindowOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return the stages from walking past to buying again, each counted on its own: nobody is followed."""
    return _give(desk, of, wanted, etag, question="funnel", read=read_funnel)


def hours(desk: DeskOf, of: WindowOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return each hour's funnel; its conversion by the hour's sales, and by sales of those who came in within it."""
    return _give(desk, of, wanted, etag, question="hours", read=read_hours_out)


def traffic(
    *,
    desk: DeskOf,
    of: WindowOf,
    wanted: FormatOf,
    etag: EtagOf = None,
    grain: Annotated[TrafficGrain, Query(description="15min and hour: cells of few people are withheld")] = "hour",
    cursor: CursorOf = None,
    limit: LimitOf = 100,
) -> Response:
    """Return who came in and went out within the opening hours. Hours are those of the store's wall clock."""
    most = _rows(wanted, cursor, limit)
    return _give(
        desk, of, wanted, etag, question=f"traffic {grain} {cursor} {most}",
        read=partial(read_traffic_page, grain=grain, cursor=cursor, limit=most),
    )  # fmt: skip


def staffing(desk: DeskOf, of: WeeksOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return visitors per staff hour, power hours, and who was there against who was needed, hour by hour of a week.

    Hours come of a usual week, so with three weeks or more. Sales by staff alias need the scope `staff` and a store
    that shows them.
    """
    return _give(desk, of, wanted, etag, question=f"staffing {of.access.staff}", read=read_staffing_out)


def categories(desk: DeskOf, of: WeeksOverOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return stops, stays and sales of each of the till's categories: two counts, nobody is followed.

    Of calendar weeks that are over; what is withheld in one of them is withheld in all.
    """
    return _give(desk, of, wanted, etag, question="categories", read=read_categories_out)


def zones(desk: DeskOf, of: WeeksOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return who visited each zone, who stopped, what was sold of what lies there and to whom again: four counts."""
    return _give(desk, of, wanted, etag, question="zones", read=read_zones_out)


def flows(desk: DeskOf, of: DaysOverOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return how many went from one zone straight to another, as far as one camera saw both.

    Of days that are over; a way is summed over those days on which enough people went it.
    """
    return _give(desk, of, wanted, etag, question="flows", read=read_flows_out)


def queue(
    *,
    desk: DeskOf,
    of: WindowOf,
    wanted: FormatOf,
    etag: EtagOf = None,
    grain: Annotated[QueueGrain, Query(description="one row, one per day, or one per hour of the day")] = "period",
    cursor: CursorOf = None,
    limit: LimitOf = 100,
) -> Response:
    """Return how long people waited, how many stood there and gave up over days that are over, and how it is now.

    Days and hours of few are left out of waits, so that no two periods tell of one. As of a past moment days are told
    that had been over for a week by then.
    """
    most = _rows(wanted, cursor, limit)
    return _give(
        desk, of, wanted, etag, question=f"queue {grain} {cursor} {most}",
        read=partial(read_queue_out, grain=grain, cursor=cursor, limit=most),
    )  # fmt: skip


def occupancy(
    *,
    desk: DeskOf,
    of: WindowOf,
    wanted: FormatOf,
    etag: EtagOf = None,
    cursor: CursorOf = None,
    limit: LimitOf = 100,
) -> Response:
    """Return who was inside at the end of each hour, when most, and who is now; at most 35 days.

    Moments that would tell of an hour of few are withheld. As of a past moment days are told that had been over for a
    week by then.
    """
    most = _rows(wanted, cursor, limit)
    return _give(
        desk, of, wanted, etag, question=f"occupancy {cursor} {most}",
        read=partial(read_occupancy_out, cursor=cursor, limit=most),
    )  # fmt: skip


def forecast(*, desk: DeskOf, access: AccessOf, store: StoreOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return the visitors expected by day and by open hour, as last forecast, with 80 and 95 % intervals."""

    def make() -> ForecastOut:
        with desk.database.snapshot() as connection:
            return read_forecast_out(connection, store, access)

    return desk.answers.give(f"forecast {store.code} {access.outside}", wanted, etag, make, for_s=OVER_S)


def quality(desk: DeskOf, of: WindowOf, wanted: FormatOf, etag: EtagOf = None) -> Response:
    """Return what was counted of the opening time, what audits found of each line, and what needs a look."""
    return _give(desk, of, wanted, etag, question="quality", read=read_quality)


def healthz(desk: DeskOf) -> dict[str, str]:
    """Answer `ok` where the database does."""
    with desk.database.connection() as connection, connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return {"status": "ok"}


def _give(
    desk: Desk,
    of: Window,
    wanted: Format,
    etag: str | None,
    *,
    question: str,
    read: Callable[[Connection, Window], BaseModel],
) -> Response:
    """Answer with what `read` finds in one snapshot; `question` tells it apart from others about the same window."""
    for_s = RUNNING_S if of.running and of.known is None else OVER_S

    def make() -> BaseModel:
        return snapshot(desk.database, of, lambda connection: read(connection, of))

    return desk.answers.give(f"{question} {of.question}", wanted, etag, make, for_s=for_s)


def _rows(wanted: Format, cursor: str | None, limit: int) -> int:
    """Return how many rows an answer may have; a file has no next page."""
    if wanted == "json":
        return limit
    if cursor is not None:
        raise ProblemError(422, "invalid-parameter", f"cursor: only with format=json: a {wanted} file holds all rows")
    return _FILE_ROWS
