"""The answer of a camera over HTTP: asked for, logged in, not read yet.

Apart from where its pictures are decoded: who sees pixels has no way to send any (tests/architecture/test_pixels.py).
"""

import http.client
import ssl
import urllib.error
import urllib.request
from email.message import Message
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from edge.errors import SourceError

_TIMEOUT_S: Final = 5.0
_FORM: Final = "http://USER:PASSWORD@HOST:PORT/PATH, with @ and / in a password as %40 and %2F"
_ADVICE: Final[dict[int, str]] = {
    401: f"it refuses the user or the password. Write {_FORM} in `source`",
    403: "this user may not watch. Let it, in the camera's own page",
    404: "it has nothing there. Look for the MJPEG address in the camera's manual",
}
#: What reading such an answer may raise.
READING_ERRORS: Final = (OSError, http.client.HTTPException)


def opened(url: str, name: str) -> http.client.HTTPResponse:
    """Return the answer to a request for `url`, logged in if it holds a user.

    Raises:
        SourceError: there is none that is good.
    """
    try:
        parts = urlsplit(url)
        bare = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
        passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        if parts.username is not None:
            passwords.add_password(None, bare, unquote(parts.username), unquote(parts.password or ""))
        opener = urllib.request.OpenerDirector()
        # No proxy: a camera is near. No other scheme, whatever a redirection says.
        for handler in (
            urllib.request.HTTPHandler(), urllib.request.HTTPSHandler(), urllib.request.HTTPRedirectHandler(),
            _BasicLogin(passwords), _DigestLogin(passwords),
            urllib.request.HTTPDefaultErrorHandler(), urllib.request.HTTPErrorProcessor(),
        ):  # fmt: skip
            opener.add_handler(handler)
        answer = opener.open(bare, timeout=_TIMEOUT_S)
    except urllib.error.HTTPError as error:
        error.close()
        advice = _ADVICE.get(error.code)
        raise SourceError(f"{name}: the camera answers {error.code}" + (f": {advice}" if advice else "")) from None
    except urllib.error.URLError as error:
        raise SourceError(f"{name}: cannot be reached: {said(error.reason)}") from None
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(f"{name}: cannot be reached: {said(error)}") from None
    except ValueError:
        # Its text may hold a piece of a password that was taken for the port.
        raise SourceError(f"{name}: expected {_FORM}") from None
    if not isinstance(answer, http.client.HTTPResponse):
        raise SourceError(f"{name}: expected http:// or https://, was sent elsewhere")
    return answer


def said(error: object) -> str:
    """Return what happened, without what the library adds: an address, or a piece of one."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not believed ({error.verify_message}). Use http:// in a network of its own, or put "
            "its authority's certificate into a file and name that in SSL_CERT_FILE"
        )
    if isinstance(error, TimeoutError):
        return "no answer"
    return getattr(error, "strerror", None) or type(error).__name__


class _BasicLogin(urllib.request.HTTPBasicAuthHandler):
    """The standard one, but silent where the camera asks for another kind of login."""

    def http_error_401(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message
    ) -> Any | None:
        """Answer a request for a login; None: let others do it."""
        fp.close()
        asked = " ".join(headers.get_all("WWW-Authenticate", []))
        return super().http_error_401(req, fp, code, msg, headers) if "basic" in asked.lower() else None  # type: ignore[arg-type]


class _DigestLogin(urllib.request.HTTPDigestAuthHandler):
    """The standard one, but it closes the answer that asked for a login."""

    def http_error_401(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Message
    ) -> Any | None:
        """Answer a request for a login; None: let others do it."""
        fp.close()
        return super().http_error_401(req, fp, code, msg, headers)  # type: ignore[arg-type]
