"""The orders API as a FastAPI application.

A batch is all or nothing: one wrong order and none is stored, the answer lists what is wrong with which. So a till
repeats a request until it succeeds and never wonders which half arrived; repeating one that did changes nothing.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Body, Depends, FastAPI, Path, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from contract.problems import MEDIA_TYPE
from ingest.errors import KeyRefusedError
from ingest.orders import book
from ingest.orders.bodies import EXAMPLES, Instant, OneOrMany, OrderIn, OrderOut, Page, Problem, Results
from ingest.orders.body_limit import BodyLimit
from ingest.orders.keys import Access, access_of
from ingest.orders.problems import install
from ingest.orders.staff_hours import EXAMPLES as SHIFT_EXAMPLES
from ingest.orders.staff_hours import OneOrManyShifts, StaffHoursIn, StaffHoursResults
from ingest.orders.staff_hours import keep as keep_staff_hours
from ingest.pool import Pool
from ingest.settings import OrdersSettings
from ingest.tills.hearing import listen

_bearer = HTTPBearer(auto_error=False, description="An API key: footfall keys create --name …")

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": description, "content": {MEDIA_TYPE: {}}}
    for status, description in {
        400: "Not JSON, or a cursor that is none of ours",
        401: "No key, or one that is not known here",
        403: "The key is for another store",
        409: "Another store's order",
        413: "The body is too large",
        422: "Something is wrong with an order; nothing was stored",
        503: "The database does not answer; nothing was stored",
    }.items()
}


def create_app(settings: OrdersSettings, *, now: Callable[[], datetime]) -> FastAPI:
    """Return the application; `now` is the clock that an order may not be far ahead of."""
    pool = Pool(settings.database_url.get_secret_value(), size=settings.orders_connections, name="footfall-orders")

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        pool.close()

    app = FastAPI(
        title="Footfall orders",
        version="1",
        summary="Where tills post what they sold.",
        description=__doc__,
        lifespan=lifespan,
        # FastAPI's own pages load scripts from a CDN; /openapi.json says the same without any network.
        docs_url=None,
        redoc_url=None,
    )
    install(app)
    app.add_middleware(BodyLimit)
    app.state.pool = pool
    app.state.terms = lambda: book.Terms.of(settings, now())
    app.post("/v1/orders", responses=PROBLEMS, summary="Post one order or up to 1000")(post_orders)
    app.get("/v1/orders", responses=PROBLEMS, summary="Read orders page by page")(read_orders)
    app.get("/v1/orders/{source}/{external_id}", responses=PROBLEMS, summary="Read one order")(read_order)
    app.post("/v1/staff-hours", responses=PROBLEMS, summary="Post one shift or up to 1000")(post_staff_hours)
    if settings.tills_file is not None:
        listen(app, settings.tills_file, pool, now)
    app.get("/healthz", responses={503: PROBLEMS[503]}, summary="Whether orders can be taken")(healthz)
    return app


def _pool(request: Request) -> Pool:
    pool: Pool = request.app.state.pool
    return pool


def _terms(request: Request) -> book.Terms:
    terms: book.Terms = request.app.state.terms()
    return terms


PoolOf = Annotated[Pool, Depends(_pool)]
TermsOf = Annotated[book.Terms, Depends(_terms)]


def _access(pool: PoolOf, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Access:
    if credentials is None:
        raise KeyRefusedError("expected the header `Authorization: Bearer ffk_…`: footfall keys create makes a key")
    return pool.run(lambda database: access_of(database, credentials.credentials))


AccessOf = Annotated[Access, Depends(_access)]


def post_orders(
    orders: Annotated[OneOrMany, Body(openapi_examples=EXAMPLES)], pool: PoolOf, access: AccessOf, terms: TermsOf
) -> Results:
    """Keep the highest version of each order, told apart by `source` and `external_id`; all of them or none.

    Posting the same again changes nothing and answers `ignored`.
    """
    batch = [orders] if isinstance(orders, OrderIn) else orders
    return Results(
        orders=pool.run(lambda database: book.upsert(database, batch, access, terms)),
    )


def post_staff_hours(
    shifts: Annotated[OneOrManyShifts, Body(openapi_examples=SHIFT_EXAMPLES)],
    pool: PoolOf,
    access: AccessOf,
    terms: TermsOf,
) -> StaffHoursResults:
    """Keep the highest version of each shift, told apart by `source` and `external_id`; all of them or none.

    Whose hours they were is kept under an alias only, which nobody can turn back into the reference that was sent.
    """
    batch = [shifts] if isinstance(shifts, StaffHoursIn) else shifts
    return StaffHoursResults(staff_hours=pool.run(lambda database: keep_staff_hours(database, batch, access, terms)))


def read_orders(
    *,
    pool: PoolOf,
    access: AccessOf,
    store: Annotated[str | None, Query(max_length=40, description="only this store's")] = None,
    since: Annotated[Instant | None, Query(alias="from", description="closed at or after")] = None,
    until: Annotated[Instant | None, Query(alias="to", description="closed before")] = None,
    cursor: Annotated[str | None, Query(max_length=200, description="next_cursor of the page before")] = None,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
) -> Page:
    """Read orders by the moment they closed."""
    return pool.run(
        lambda database: book.page(
            database, access, store=store, since=since, until=until, cursor_text=cursor, limit=limit
        )
    )


def read_order(
    pool: PoolOf,
    access: AccessOf,
    source: Annotated[str, Path(max_length=40)],
    external_id: Annotated[str, Path(max_length=100)],
) -> OrderOut:
    """Read one order in its highest version."""
    return pool.run(lambda database: book.find(database, access, source, external_id))


def healthz(pool: PoolOf) -> dict[str, str]:
    """Answer `ok` where the database does."""

    def ask(database: Any) -> None:
        with database.transaction() as cursor:
            cursor.execute("SELECT 1")

    pool.run(ask)
    return {"status": "ok"}
