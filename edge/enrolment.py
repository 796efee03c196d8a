"""Enrolment on the box: from a one-time code to a key, a certificate and a site file.

authority's certificate ── as the code says? ──► TLS with that authority alone ── code, request ──► certificate
                                 │ no: stop, nothing secret was said
"""

import hashlib
import http.client
import ssl
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from contract.enrolment import ENROLMENT_BYTES_MAX, Enrolled, EnrolmentCode, EnrolRequest, Renewed, RenewRequest
from edge.config import BrokerConfig, parse_site
from edge.control.trial import note_written
from edge.errors import ConfigError, EnrolmentError
from edge.identity import Identity, new_key, request_of, write_secret
from edge.starter import broker_lines, write_starter

#: Beside the site file.
IDENTITY: Final = "box.pem"
AUTHORITY: Final = "authority.pem"
PENDING_KEY: Final = "box.key.pending"
_TIMEOUT_S: Final = 20.0
_OK: Final = 200
_A = TypeVar("_A", Enrolled, Renewed)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who the box is now; `site_kept` says that there was a site file already, which was not touched."""

    store: str
    device: str
    identity: Identity
    broker: BrokerConfig
    site_kept: bool


def enrol(code: EnrolmentCode, server: str, site: Path, *, source: str, size: Callable[[], tuple[int, int]]) -> Outcome:
    """Enrol this box at `server` (https://host:port) and write what it needs beside `site`, and `site` where none is.

    `source` is the camera of a site file that nobody prepared, `size` finds its (width, height) in pixels: asked only
    for such a file, once the box is let in.

    Raises:
        EnrolmentError: not reachable, not the server that the code is of, the code refused; says what to do.
        ConfigError: the site file that came cannot be used; it is kept beside `site` for a look.
    """
    folder = site.resolve().parent
    authority = fetch_authority(server, code)
    pending = folder / PENDING_KEY
    key = new_key(pending)
    asked = EnrolRequest(code=str(code), request=request_of(key))
    answer = ask(server, "/v1/enrol", asked, Enrolled, authority=authority)
    write_secret(folder / AUTHORITY, authority.encode("ascii"))
    identity = Identity.write(folder / IDENTITY, key, answer.certificate)
    pending.unlink(missing_ok=True)
    broker = BrokerConfig(
        host=answer.broker_host or _host_of(server), port=answer.broker_port,
        tls_ca=AUTHORITY, tls_cert=IDENTITY, tls_key=IDENTITY, renew_url=server.rstrip("/"),
    )  # fmt: skip
    kept = site.exists()
    if kept:
        _check_same(site, answer)
    elif answer.site is not None:
        _write_site(site, answer, broker)
    else:
        write_starter(site, source, store=answer.store, device=answer.device, size=size(), broker=broker)
    if not kept:
        note_written(site)
    return Outcome(answer.store, answer.device, identity, broker, kept)


def renew(broker: BrokerConfig) -> Identity:
    """Replace this box's key and certificate by new ones, asked for with the present ones.

    Raises:
        EnrolmentError: no `renew_url` or certificate in `broker`, not reachable, or refused.
    """
    if broker.renew_url is None or broker.tls_ca is None or broker.tls_cert is None:
        raise EnrolmentError("this box was not enrolled: [broker] names no `renew_url`, `tls_ca` and `tls_cert`")
    path = Path(broker.tls_cert)
    present = Identity(path)
    pending = path.with_name(PENDING_KEY)
    key = new_key(pending)
    request = request_of(key)
    asked = RenewRequest(certificate=present.pem, request=request, signature=present.sign(request))
    try:
        authority = Path(broker.tls_ca).read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise EnrolmentError(f"the authority's certificate cannot be read: {error}") from error
    answer = ask(broker.renew_url, "/v1/renew", asked, Renewed, authority=authority)
    renewed = Identity.write(path, key, answer.certificate)
    pending.unlink(missing_ok=True)
    return renewed


def fetch_authority(server: str, code: EnrolmentCode) -> str:
    """Return the root certificate of `server`, as PEM, if it is the one that `code` is of.

    Raises:
        EnrolmentError: not reachable, or another one: somebody may stand between.
    """
    # Nothing is believed yet and nothing secret said: what comes is compared with the code.
    doubtful = ssl._create_unverified_context()  # noqa: S323, SLF001  # as above
    pem = _exchange(server, "GET", "/v1/authority", None, doubtful).decode("ascii", errors="replace")
    try:
        fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(pem)).digest()
    except ValueError as error:
        raise EnrolmentError(f"{server} is no enrolment service of Footfall: it shows no certificate") from error
    if not code.names(fingerprint):
        raise EnrolmentError(
            f"{server} is not the server that this code is of, or somebody stands between: nothing was sent. "
            "Compare --server with what was given to you with the code"
        )
    return pem


def ask(server: str, path: str, message: EnrolRequest | RenewRequest, kind: type[_A], *, authority: str) -> _A:
    """Return the answer of `server`, which must show a certificate of `authority` (PEM) for its name.

    Raises:
        EnrolmentError: not reachable, another authority or name, refused, or an answer that is none.
    """
    try:
        context = ssl.create_default_context(cadata=authority)
    except (ssl.SSLError, ValueError) as error:
        raise EnrolmentError(f"the authority's certificate cannot be used: {error}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    body = _exchange(server, "POST", path, msgspec.json.encode(message), context)
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise EnrolmentError(f"{server} answered something else than {kind.__name__}: {error}") from error


def _exchange(server: str, method: str, path: str, body: bytes | None, context: ssl.SSLContext) -> bytes:
    url = urlsplit(server)
    if url.scheme != "https" or not url.hostname:
        raise EnrolmentError(f"--server: expected such as https://footfall.example.com:8443, got {server!r}")
    connection = http.client.HTTPSConnection(url.hostname, url.port or 443, timeout=_TIMEOUT_S, context=context)
    try:
        connection.request(method, path, body=body, headers={"Content-Type": "application/json"} if body else {})
        response = connection.getresponse()
        content = response.read(ENROLMENT_BYTES_MAX)
    except (OSError, http.client.HTTPException) as error:
        raise EnrolmentError(
            f"{server} cannot be reached as asked ({error}). Check the address, the way there and this box's clock"
        ) from error
    finally:
        connection.close()
    if response.status != _OK:
        raise EnrolmentError(f"{server} says no: {_detail(content) or response.reason}")
    return content


def _detail(content: bytes) -> str:
    try:
        problem: Any = msgspec.json.decode(content)
        return str(problem["detail"])[:400]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError, TypeError):
        return ""


def _write_site(site: Path, answer: Enrolled, broker: BrokerConfig) -> None:
    text = (
        "# Prepared at head office for this box. All settings with their meaning: edge/site.example.toml\n\n"
        f'store = "{answer.store}"\ndevice = "{answer.device}"\n\n[broker]\n{broker_lines(broker)}\n\n{answer.site}\n'
    )
    try:
        write_secret(site, text.encode())
        parse_site(tomllib.loads(text), where=str(site))
    except OSError as error:
        raise ConfigError(str(site), "", expected="a place to write to", got=str(error)) from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(site), "", expected="TOML", got=str(error), advice="Mend it here.") from error


def _check_same(site: Path, answer: Enrolled) -> None:
    """Refuse a site file that is here and another device's; the certificate is kept."""
    try:
        present = tomllib.loads(site.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError(str(site), "", expected="a site file", got=str(error), advice="Move it away.") from error
    for key, value in (("store", answer.store), ("device", answer.device)):
        if present.get(key) != value:
            advice = f'The box was enrolled as {answer.store}/{answer.device}: write {key} = "{value}" there.'
            raise ConfigError(str(site), key, expected=f'"{value}"', got=repr(present.get(key)), advice=advice)


def _host_of(server: str) -> str:
    return urlsplit(server).hostname or ""
