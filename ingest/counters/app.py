"""The HTTP side: POST /v1/counters/{login}, one push each.

Answered with 200 once it is committed; a counter that gets no answer pushes again, and that changes nothing. What
cannot be understood is refused and listed: never with what it held.
"""

import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from contract.problems import MEDIA_TYPE, members, slug_of
from ingest.counters.logins import Logins
from ingest.counters.reading import BODY_BYTES_MAX
from ingest.counters.taking import Taker
from ingest.database import Database
from ingest.errors import DatabaseError, PushError, UnknownCounterError
from ingest.orders.body_limit import BodyLimit
from ingest.pool import Pool

logger = logging.getLogger(__name__)

PATH: Final = "/v1/counters/{login}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request."""

    login: str
    body: bytes
    authorization: str
    method: str
    uri: str


def create_app(pool: Pool, taker: Taker, *, now: Callable[[], datetime]) -> FastAPI:
    """Return the application."""
    logins = Logins(now)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        pool.close()

    async def push(login: str, request: Request) -> Response:
        """Take one push of a counter."""
        asked = Asked(
            login, await request.body(), request.headers.get("authorization", ""), request.method, _uri(request)
        )
        try:
            return await run_in_threadpool(lambda: pool.run(lambda database: _answer(database, asked, taker, logins)))
        except DatabaseError as error:
            logger.warning("a push of %s waits: %s", login, error, extra={"action": "database_unavailable"})
            return _problem(HTTPStatus.SERVICE_UNAVAILABLE, "the store does not answer: nothing was kept, push again")

    async def healthz() -> dict[str, str]:
        """Answer `ok`."""
        return {"status": "ok"}

    app = FastAPI(title="Footfall counters", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.add_middleware(BodyLimit, most=BODY_BYTES_MAX)
    app.post(PATH, summary="Push counts")(push)
    app.get("/healthz")(healthz)
    return app


def _answer(database: Database, asked: Asked, taker: Taker, logins: Logins) -> Response:
    try:
        counter = taker.counter(database, asked.login)
        logins.check(counter, asked.authorization, asked.method, asked.uri)
        noted = taker.take(database, counter, asked.body, path="")
    except UnknownCounterError as error:
        if asked.authorization:  # without it, this is the question that digest authentication begins with
            logger.warning("%s: %s", asked.login, error, extra={"action": "counter_unknown"})
            taker.refused(database, asked.login, str(error))
        return _challenge(logins)
    except PushError as error:
        return _problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error))
    return JSONResponse({"taken": noted.taken, "repeated": noted.repeated, "refused": noted.refused})


def _uri(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path


def _challenge(logins: Logins) -> Response:
    response = _problem(
        HTTPStatus.UNAUTHORIZED,
        "expected the user name and password of a registered counter: footfall counters add prints them",
    )
    for each in logins.challenges():
        response.headers.append("WWW-Authenticate", each)
    return response


def _problem(status: HTTPStatus, detail: str) -> Response:
    return JSONResponse(members(status, slug_of(status), detail), status, media_type=MEDIA_TYPE)
