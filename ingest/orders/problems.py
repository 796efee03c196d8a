"""Every error of the orders API as `application/problem+json` (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from contract.problems import MEDIA_TYPE, members, place_of, slug_of
from ingest.errors import DatabaseError, IngestError, KeyRefusedError, UnstorableError
from ingest.orders.bodies import ItemProblem, Problem

logger = logging.getLogger(__name__)

_ERRORS_MAX: Final = 100


class ProblemError(IngestError):
    """A request that is answered with a problem; `slug` names its kind."""

    def __init__(self, status: int, slug: str, detail: str, errors: Sequence[ItemProblem] = ()) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.errors = list(errors)


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(KeyRefusedError, _on_key)
    app.add_exception_handler(DatabaseError, _on_database)
    app.add_exception_handler(Exception, _on_bug)


def _answer(error: ProblemError, headers: Mapping[str, str] | None = None) -> JSONResponse:
    told = members(error.status, error.slug, str(error))
    body: dict[str, Any] = Problem(**told, errors=error.errors[:_ERRORS_MAX]).model_dump()
    return JSONResponse(body, error.status, headers=headers, media_type=MEDIA_TYPE)


def _on_problem(_request: Request, error: Any) -> JSONResponse:
    return _answer(error)


def _on_validation(request: Request, error: Any) -> JSONResponse:
    problems = error.errors()
    if any(each["type"] == "json_invalid" for each in problems):
        reason = problems[0].get("ctx", {}).get("error", "")
        return _answer(ProblemError(400, "not-json", f"the body is not JSON: {reason}"))
    if problems and problems[0]["loc"][0] != "body":
        where = place_of(problems[0]["loc"])
        return _answer(ProblemError(422, "invalid-parameter", f"{where}: {problems[0]['msg']}"))
    slug, thing = ("staff-hours", "shift") if request.url.path.endswith("/staff-hours") else ("orders", "order")
    errors = [_item(each, thing) for each in problems]
    wrong = len({each.index for each in errors})
    return _answer(
        ProblemError(422, f"invalid-{slug}", f"{wrong} of the {thing}s cannot be read, none was stored", errors)
    )


def _item(problem: Any, thing: str) -> ItemProblem:
    """Return a pydantic error as ours: ("body", "many", 3, "net") is field `net` of `thing` 3."""
    location = [part for part in problem["loc"][1:] if part not in ("one", "many")]
    index = location.pop(0) if location and isinstance(location[0], int) else 0
    message = str(problem["msg"])
    if problem["type"] == "extra_forbidden":
        which = "an order" if thing == "order" else f"a {thing}"
        message = f"not a field of {which}: nothing but what the API describes is taken"
    elif "input" in problem and isinstance(problem["input"], str | int | float) and problem["type"] != "missing":
        message = f"{message}, got {problem['input']!r}"[:300]
    return ItemProblem(index=index, field=".".join(map(str, location)) or None, message=message)


def _on_http(_request: Request, error: Any) -> JSONResponse:
    status = error.status_code
    return _answer(ProblemError(status, slug_of(status), str(error.detail)), error.headers)


def _on_key(_request: Request, error: Exception) -> JSONResponse:
    return _answer(ProblemError(401, "unauthorized", str(error)), {"WWW-Authenticate": "Bearer"})


def _on_database(_request: Request, error: Exception) -> JSONResponse:
    if isinstance(error, UnstorableError):
        logger.error("a request got past validation: %s", error, extra={"action": "order_unstorable"})
        return _answer(ProblemError(422, "unstorable", "a value does not fit the store; nothing was stored"))
    logger.error("%s", error, extra={"action": "database_unavailable"})
    return _answer(
        ProblemError(503, "unavailable", "the store does not answer; nothing was stored, send it again"),
        {"Retry-After": "5"},
    )


def _on_bug(_request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error, extra={"action": "bug"})
    return _answer(ProblemError(500, "bug", "this is our fault and was logged; nothing was stored"))
