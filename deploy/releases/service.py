"""Handing releases to boxes: part of the enrolment service, for enrolled boxes only.

GET /v1/release-keys            SignedKeys, the authority's signature made at the asking
GET /v1/releases/SHA256         SignedManifest
GET /v1/release-files/SHA256    a file; `Range` goes on where a download broke off

A box signs each request with the key of its certificate, as it does for its renewal. Nothing here is believed by a box
for where it came from: it checks the release key's signature.
"""

import base64
import binascii
import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.responses import FileResponse
from msgspec.structs import replace
from starlette.types import Receive, Scope, Send

from contract.releases import FETCH_DOMAIN, KEYS_DOMAIN
from deploy.errors import TrustError
from deploy.releases.depot import Depot
from deploy.trust.authority import Authority
from ingest.orders.problems import ProblemError

#: A request is good for so long: a box whose clock is further off has no valid certificate either.
_GOOD_FOR: Final = timedelta(hours=1)
#: Files under way at once: those who come meanwhile are told to come later.
_UNDER_WAY_MAX: Final = 16


class Handing:
    """What hands releases out. `vouch(certificate, signature, said)` returns the name of the box that said it."""

    def __init__(
        self,
        depot: Depot,
        authority: Authority,
        *,
        vouch: Callable[[str, str, str], str],
        now: Callable[[], datetime],
    ) -> None:
        self._depot = depot
        self._authority = authority
        self._vouch = vouch
        self._now = now
        self._under_way: set[str] = set()
        self._lock = threading.Lock()

    def keys(self) -> bytes:
        """Return the list of release keys, signed by the authority."""
        listed = self._depot.key_list()
        if listed is None:
            raise ProblemError(404, "not-found", "no release keys are named here")
        signature = self._authority.sign_text(KEYS_DOMAIN + listed.keys.encode())
        return msgspec.json.encode(replace(listed, authority=signature))

    def manifest(self, sha256: str) -> Path:
        """Return the file of a signed manifest."""
        return _found(self._depot.manifest_file(sha256))

    def file(self, sha256: str, box: str) -> "Response":
        """Return the answer that brings a file; one at a time to each box."""
        path = _found(self._depot.file(sha256))
        with self._lock:
            if box in self._under_way or len(self._under_way) >= _UNDER_WAY_MAX:
                raise ProblemError(429, "later", "another file is under way: come again in a while")
            self._under_way.add(box)
        return _Counted(path, lambda: self._landed(box))

    def who(self, headers: Mapping[str, str], path: str) -> str:
        """Return the name of the box that asks for `path`.

        Raises:
            TrustError: it is none that may.
        """
        moment = headers.get("Footfall-Moment", "")
        try:
            certificate = base64.b64decode(headers.get("Footfall-Certificate", ""), validate=True).decode("ascii")
            apart = abs(datetime.fromisoformat(moment) - self._now())
        except (binascii.Error, ValueError, TypeError) as error:
            raise TrustError("expected a request signed by an enrolled box") from error
        if apart > _GOOD_FOR:
            raise TrustError(f"expected a request of now, got one of {moment}: check the clock")
        return self._vouch(certificate, headers.get("Footfall-Signature", ""), f"{FETCH_DOMAIN}{moment}\n{path}")

    def _landed(self, box: str) -> None:
        with self._lock:
            self._under_way.discard(box)


def add_routes(app: FastAPI, handing: Handing, admit: Callable[[Request, Callable[[], str]], str]) -> None:
    """Let `app` hand releases out. `admit(request, who)` calls `who` and counts who is refused."""

    def ask(request: Request) -> str:
        return admit(request, lambda: handing.who(request.headers, request.url.path))

    def keys(request: Request) -> Response:
        ask(request)
        return Response(handing.keys(), media_type="application/json")

    def manifest(request: Request, sha256: str) -> Response:
        ask(request)
        return FileResponse(handing.manifest(sha256), media_type="application/json")

    def file(request: Request, sha256: str) -> Response:
        return handing.file(sha256, ask(request))

    app.get("/v1/release-keys", response_model=None)(keys)
    app.get("/v1/releases/{sha256}", response_model=None)(manifest)
    app.get("/v1/release-files/{sha256}", response_model=None)(file)


class _Counted(FileResponse):
    """A file on its way; says when it has left, or broke off."""

    def __init__(self, path: Path, landed: Callable[[], None]) -> None:
        super().__init__(path, media_type="application/octet-stream")
        self._landed = landed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> Any:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._landed()


def _found(path: Path | None) -> Path:
    if path is None:
        raise ProblemError(404, "not-found", "no such release is published here")
    return path
