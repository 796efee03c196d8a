"""Every error of the KPI API as `application/problem+json` (RFC 9457)."""

import logging
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from analytics.errors import DatabaseError, DatabaseUnavailableError
from api.bodies import Problem
from api.errors import ProblemError
from contract.problems import MEDIA_TYPE, members, place_of, slug_of

logger = logging.getLogger(__name__)

_RETRY_S: Final = 5

PROBLEMS: Final[dict[int | str, dict[str, Any]]] = {
    status: {"model": Problem, "description": description, "content": {MEDIA_TYPE: {}}}
    for status, description in {
        400: "A cursor that is none of ours",
        401: "No key, or one that is not known here or not for figures",
        403: "Not for keys outside the company",
        404: "No such store, or the key is for another",
        406: "None of the formats asked for",
        422: "Something is wrong with a parameter",
        429: "Too many requests for one key",
        503: "The database does not answer",
    }.items()
}


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem."""
    app.add_exception_handler(ProblemError, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_validation)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(DatabaseUnavailableError, _on_database)
    app.add_exception_handler(DatabaseError, _on_database)
    app.add_exception_handler(Exception, _on_bug)


def _answer(error: ProblemError, headers: dict[str, str] | None = None) -> JSONResponse:
    problem = Problem.model_validate(members(error.status, error.slug, str(error)))
    all_headers = {"Cache-Control": "no-store", **(headers or {})}
    if error.retry_after_s is not None:
        all_headers["Retry-After"] = str(error.retry_after_s)
    if error.status == HTTPStatus.UNAUTHORIZED:
        all_headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(problem.model_dump(), error.status, headers=all_headers, media_type=MEDIA_TYPE)


def _on_problem(_request: Request, error: Any) -> JSONResponse:
    return _answer(error)


def _on_validation(_request: Request, error: Any) -> JSONResponse:
    first = error.errors()[0]
    said = f"{place_of(first['loc'])}: {first['msg']}, got {first.get('input')!r}"
    return _answer(ProblemError(422, "invalid-parameter", said[:500]))


def _on_http(_request: Request, error: Any) -> JSONResponse:
    status = error.status_code
    return _answer(ProblemError(status, slug_of(status), str(error.detail)), dict(error.headers or {}))


def _on_database(_request: Request, error: Exception) -> JSONResponse:
    logger.error("%s", error, extra={"action": "database_unavailable"})
    return _answer(
        ProblemError(503, "unavailable", "the store of figures does not answer: ask again", retry_after_s=_RETRY_S)
    )


def _on_bug(_request: Request, error: Exception) -> JSONResponse:
    logger.error("unexpected error", exc_info=error, extra={"action": "bug"})
    return _answer(ProblemError(500, "bug", "this is our fault and was logged"))
