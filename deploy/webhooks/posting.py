"""Posting one webhook: bounded in time and size, no redirect followed, no proxy, no cookie."""

import http.client
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from deploy.errors import WebhookError
from deploy.webhooks.targets import Address, Target, addresses_of, parse_url

_CONNECT_S: Final = 5.0
#: From the connection to the answer, however slowly it comes.
ANSWER_S: Final = 15.0
_SAID_BYTES: Final = 200
_RETRY_AFTER_MAX_S: Final = 86_400.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt: `status` None where there was no answer; `failure` None where it was taken."""

    status: int | None
    failure: str | None
    after_s: float | None = None

    @property
    def gone(self) -> bool:
        """Whether the receiver says that it wants nothing any more."""
        return self.status == http.client.GONE


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool, tls: ssl.SSLContext | None = None
) -> Outcome:
    """Post `body`; whatever goes wrong is in the outcome. `tls` is whom to trust; None: the system's authorities."""
    try:
        target = parse_url(url)
        addresses = addresses_of(target, allow_private=allow_private)
        return _post(target, addresses, body, headers, tls or ssl.create_default_context())
    except WebhookError as error:
        return Outcome(None, str(error))
    except ssl.SSLCertVerificationError as error:
        return Outcome(None, f"its certificate is not trusted: {error.verify_message}")
    except TimeoutError:
        return Outcome(None, "it did not answer in time")
    except (OSError, http.client.HTTPException) as error:
        return Outcome(None, f"no answer: {error or type(error).__name__}")


def _post(
    target: Target, addresses: list[Address], body: bytes, headers: Mapping[str, str], tls: ssl.SSLContext
) -> Outcome:
    connection = (http.client.HTTPSConnection if target.tls else http.client.HTTPConnection)(target.host, target.port)
    plain = _connect(addresses, target.port)
    plain.settimeout(ANSWER_S)
    expired = threading.Event()
    wrapped: socket.socket = plain
    try:
        timer = threading.Timer(ANSWER_S, lambda: _expire(wrapped, expired))
        timer.daemon = True
        timer.start()
        try:
            if target.tls:
                # Shaken hands with afterwards, so that it can be ended meanwhile.
                wrapped = encrypted = tls.wrap_socket(plain, server_hostname=target.host, do_handshake_on_connect=False)
                encrypted.do_handshake()
            connection.sock = wrapped
            connection.request("POST", target.path, body, dict(headers))
            outcome = _outcome(connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            if expired.is_set():
                raise TimeoutError from error
            raise
        finally:
            timer.cancel()
        if expired.is_set():
            # What was cut off reads like headers that have ended.
            raise TimeoutError
        return outcome
    finally:
        connection.close()
        wrapped.close()


def _expire(wrapped: socket.socket, expired: threading.Event) -> None:
    """End a conversation that takes too long: a receiver that sends a byte a minute is never silent."""
    expired.set()
    try:
        socket.socket.shutdown(wrapped, socket.SHUT_RDWR)
    except OSError:
        return


def _connect(addresses: list[Address], port: int) -> socket.socket:
    """Return a connection to the first address that answers."""
    failure: OSError | None = None
    for address in addresses:
        try:
            return socket.create_connection((str(address), port), timeout=_CONNECT_S)
        except OSError as error:
            failure = error
    raise failure or OSError("no address")


def _outcome(answer: http.client.HTTPResponse) -> Outcome:
    said = " ".join(answer.read(_SAID_BYTES).decode("utf-8", "replace").split())
    if http.client.OK <= answer.status < http.client.MULTIPLE_CHOICES:
        return Outcome(answer.status, None)
    told = f": {said}" if said else ""
    if answer.status < http.client.BAD_REQUEST:
        return Outcome(answer.status, f"it answered {answer.status}, and redirects are not followed: give its new URL")
    return Outcome(answer.status, f"it answered {answer.status}{told}", _after_s(answer.headers.get("Retry-After")))


def _after_s(said: str | None) -> float | None:
    try:
        return min(_RETRY_AFTER_MAX_S, max(0.0, float(said or "")))
    except ValueError:
        return None
