"""Fetching releases from the enrolment service: over its own TLS, as this box, at a pace that leaves room for counts.

A download that breaks off goes on where it stopped; a file is in its place only whole and with its digest.
"""

import hashlib
import http.client
import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from contract.releases import FETCH_DOMAIN, SIGNED_BYTES_MAX, ReleaseFile
from edge.clock import Clock
from edge.config import BrokerConfig
from edge.errors import EnrolmentError, FetchingError, ReleaseError
from edge.identity import Identity

#: Of a shop's line of 10 Mbit/s this leaves a fifth to the till and to the counts.
BYTES_PER_S: Final = 1_000_000
_CHUNK: Final = 64 * 1024
_TIMEOUT_S: Final = 30.0
#: Answers that say "not now" rather than "no".
_LATER: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, *range(500, 600)})


class Fetcher:
    """Asks the service at `broker.renew_url` in the name of the certificate that `broker` names."""

    def __init__(self, broker: BrokerConfig, clock: Clock, *, bytes_per_s: float = BYTES_PER_S) -> None:
        """Take at most `bytes_per_s`.

        Raises:
            ReleaseError: the box was not enrolled.
        """
        if broker.renew_url is None or broker.tls_ca is None or broker.tls_cert is None:
            raise ReleaseError("this box was not enrolled, so it trusts no release: footfall edge enroll")
        self._server, self._ca, self._certificate = broker.renew_url, broker.tls_ca, broker.tls_cert
        self._clock = clock
        self._bytes_per_s = bytes_per_s

    def document(self, path: str) -> bytes:
        """Return the small document at `path`.

        Raises:
            FetchingError: not now.
            ReleaseError: the service does not have it, or does not give it to this box.
        """
        with self._asked(path) as answer:
            content = answer.read(SIGNED_BYTES_MAX + 1)
        if len(content) > SIGNED_BYTES_MAX:
            raise ReleaseError(f"expected at most {SIGNED_BYTES_MAX} bytes at {path}, got more")
        return content

    def file(self, file: ReleaseFile, target: Path, stopping: threading.Event) -> None:
        """Put `file` at `target`, unless it is there; what came before a cut, or before `stopping`, is kept.

        Raises:
            FetchingError: cut off, or not now.
            ReleaseError: what came is not that file.
        """
        if target.is_file() and digest_of(target) == file.sha256:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        have = part.stat().st_size if part.exists() else 0
        if have > file.size:
            part.unlink()
            have = 0
        if have < file.size:
            self._continue(file, part, have, stopping)
        if digest_of(part) != file.sha256:
            part.unlink()
            raise ReleaseError(f"{file.name} is not the file that was signed: it was changed on its way")
        part.replace(target)

    def _continue(self, file: ReleaseFile, part: Path, have: int, stopping: threading.Event) -> None:
        """Append to `part` what is missing of `file`."""
        with self._asked(f"/v1/release-files/{file.sha256}", have) as answer:
            mode = "ab" if answer.status == HTTPStatus.PARTIAL_CONTENT else "wb"
            with part.open(mode) as out:
                left = file.size - out.tell()
                while left > 0 and (chunk := answer.read(min(_CHUNK, left))):
                    out.write(chunk)
                    left -= len(chunk)
                    if stopping.wait(len(chunk) / self._bytes_per_s):
                        break
                out.flush()
                os.fsync(out.fileno())
        if left > 0:
            raise FetchingError(f"{file.name} broke off {left} bytes before its end; it goes on from there")

    @contextmanager
    def _asked(self, path: str, start: int = 0) -> Iterator[http.client.HTTPResponse]:
        url = urlsplit(self._server)
        headers = self._signed(path)
        if start:
            headers["Range"] = f"bytes={start}-"
        try:
            context = ssl.create_default_context(cafile=self._ca)
            context.minimum_version = ssl.TLSVersion.TLSv1_3
            host = url.hostname or ""
            connection = http.client.HTTPSConnection(host, url.port or 443, timeout=_TIMEOUT_S, context=context)
            try:
                connection.request("GET", path, headers=headers)
                answer = connection.getresponse()
                _check(answer, path)
                yield answer
            finally:
                connection.close()
        except (OSError, http.client.HTTPException) as error:
            raise FetchingError(f"{self._server} cannot be reached, or broke off: {error!r}") from error

    def _signed(self, path: str) -> dict[str, str]:
        """Return the headers that say and prove who asks."""
        try:
            identity = Identity(Path(self._certificate))
        except EnrolmentError as error:
            raise FetchingError(str(error)) from error
        moment = self._clock.now().isoformat()
        return {
            "Footfall-Certificate": identity.pem_line,
            "Footfall-Moment": moment,
            "Footfall-Signature": identity.sign(f"{FETCH_DOMAIN}{moment}\n{path}"),
        }


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _check(answer: http.client.HTTPResponse, path: str) -> None:
    if answer.status in (HTTPStatus.OK, HTTPStatus.PARTIAL_CONTENT):
        return
    if answer.status in _LATER:
        raise FetchingError(f"the server says not now ({answer.status} {answer.reason})")
    raise ReleaseError(f"the server does not give {path} to this box ({answer.status} {answer.reason})")
