"""The enrolment service: where a box shows its code, and later renews its certificate. HTTPS with our own certificate.

GET  /v1/authority   the root certificate; a box compares it with its code before it says anything
POST /v1/enrol       EnrolRequest → Enrolled
POST /v1/renew       RenewRequest → Renewed
GET  /healthz
     and releases: deploy/releases/service.py
"""

import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse

from contract.enrolment import Enrolled, EnrolmentCode, EnrolRequest, Renewed, RenewRequest
from contract.errors import CodeError
from contract.problems import MEDIA_TYPE, members
from deploy.errors import TrustError
from deploy.releases.service import Handing, add_routes
from deploy.trust.attempts import Attempts
from deploy.trust.office import Office
from ingest.orders.body_limit import BodyLimit
from ingest.orders.problems import ProblemError, install

logger = logging.getLogger(__name__)

_M = TypeVar("_M", EnrolRequest, RenewRequest)
_REQUEST_BYTES_MAX: Final = 32 * 1024  # a code or a certificate, and a request


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """What the service works with. `broker` is host (None: as asked) and port of the listener for boxes."""

    office: Office
    authority_pem: bytes
    broker: tuple[str | None, int]
    now: Callable[[], datetime]
    attempts: Attempts
    #: The register's connection is one, and so is the broker's folder: one decision at a time.
    lock: threading.Lock
    handing: Handing


def create_app(counter: Counter) -> FastAPI:
    """Return the application."""
    app = FastAPI(title="Footfall enrolment", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    install(app)
    app.add_exception_handler(TrustError, _on_refusal)
    app.add_middleware(BodyLimit, most=_REQUEST_BYTES_MAX)
    app.state.counter = counter
    app.get("/v1/authority")(authority)
    app.post("/v1/enrol")(enrol)
    app.post("/v1/renew")(renew)
    app.get("/healthz")(healthz)
    add_routes(app, counter.handing, _admit)
    return app


def _counter(request: Request) -> Counter:
    counter: Counter = request.app.state.counter
    return counter


async def _body(request: Request) -> bytes:
    return await request.body()


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


CounterOf = Annotated[Counter, Depends(_counter)]
BodyOf = Annotated[bytes, Depends(_body)]
AddressOf = Annotated[str, Depends(_address)]


def authority(counter: CounterOf) -> Response:
    """Answer the root certificate."""
    return PlainTextResponse(counter.authority_pem)


def enrol(counter: CounterOf, body: BodyOf, address: AddressOf) -> Response:
    """Let a box in that shows a good code."""
    asked = _decoded(body, EnrolRequest)
    with counter.lock:
        _may_try(counter, address)
        try:
            identity = counter.office.redeem(EnrolmentCode.parse(asked.code), asked.request.encode(), address)
        except (CodeError, TrustError) as error:
            _note_wrong(counter, address, "code_refused", error)
            raise TrustError(str(error)) from error
        counter.attempts.right(address)
    logger.info("%s enrolled from %s", identity.name, address, extra={"action": "enrolled"})
    host, port = counter.broker
    return _answer(
        Enrolled(
            store=identity.store, device=identity.device, certificate=identity.pem, site=identity.site,
            broker_host=host, broker_port=port,
        )
    )  # fmt: skip


def renew(counter: CounterOf, body: BodyOf, address: AddressOf) -> Response:
    """Give a box its next certificate."""
    asked = _decoded(body, RenewRequest)
    with counter.lock:
        _may_try(counter, address)
        try:
            certificate = counter.office.renew(asked, address)
        except TrustError as error:
            _note_wrong(counter, address, "renewal_refused", error)
            raise
    return _answer(Renewed(certificate=certificate.public_bytes(Encoding.PEM).decode("ascii")))


def healthz(counter: CounterOf) -> dict[str, str]:
    """Answer `ok` where the register does."""
    with counter.lock:
        counter.office.enrolments.allowed()
    return {"status": "ok"}


def _admit(request: Request, who: Callable[[], str]) -> str:
    """Return who asks for a release; whoever is refused again and again has to wait."""
    counter, address = _counter(request), _address(request)
    with counter.lock:
        _may_try(counter, address)
        try:
            return who()
        except TrustError as error:
            _note_wrong(counter, address, "fetch_refused", error)
            raise


def _may_try(counter: Counter, address: str) -> None:
    wait_s = counter.attempts.wait_s(address)
    if wait_s > 0:
        raise ProblemError(
            429, "locked-out", f"too many wrong codes: wait {math.ceil(wait_s)} s, then type it with care"
        )


def _note_wrong(counter: Counter, address: str, action: str, error: Exception) -> None:
    locked = counter.attempts.wrong(address)
    logger.warning("refused %s: %s", address, error, extra={"action": action})
    now = counter.now()
    counter.office.enrolments.refused(action, now=now, address=address, detail=type(error).__name__)
    if locked:
        counter.office.enrolments.refused("locked_out", now=now, address=address, detail="too many wrong codes")


def _decoded(body: bytes, kind: type[_M]) -> _M:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProblemError(422, "malformed", f"{kind.__name__}: {error}") from error


def _answer(message: Enrolled | Renewed) -> Response:
    return Response(msgspec.json.encode(message), media_type="application/json")


def _on_refusal(_request: Request, error: Any) -> JSONResponse:
    return JSONResponse(members(403, "refused", str(error)), 403, media_type=MEDIA_TYPE)
