"""Network cameras that send JPEG pictures over HTTP (MJPEG). One pass; reopening is the capture's business.

HTTP and the multipart stream are read here, the pictures are decoded by PyAV (docs/adr/0016-own-mjpeg-reader.md).
"""

import http.client
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from itertools import chain
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

import av

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.addresses import shown
from edge.sources.multipart import Parts
from edge.sources.planar import picture_of
from edge.sources.protocol import Clock
from edge.sources.sampling import Sampler

_TIMEOUT_S: Final = 5.0
#: So many pictures in a row that are cut short or broken: the camera sends nothing to count on.
_BROKEN_MAX: Final = 10
#: So many bytes FFmpeg may read beyond the end.
_PADDING: Final = 64
_FORM: Final = "http://USER:PASSWORD@HOST:PORT/PATH, with @ and / in a password as %40 and %2F"
_ADVICE: Final[dict[int, str]] = {
    401: f"it refuses the user or the password. Write {_FORM} in `source`",
    403: "this user may not watch. Let it, in the camera's own page",
    404: "it has nothing there. Look for the MJPEG address in the camera's manual",
}


class MjpegSource:
    """A network camera. Frames are stamped on arrival: there is no other time in such a stream."""

    def __init__(self, url: str, *, clock: Clock, fps: float | None = None) -> None:
        """Connect to `url` and wait for the first picture.

        Raises:
            SourceError: unreachable, refused, or no MJPEG stream. Nothing of a login is shown.
        """
        self._shown = shown(url)
        self._clock = clock
        self._started_at: datetime | None = None
        self._sampler = Sampler(fps)
        self._decoder = av.CodecContext.create("mjpeg", "r")
        # One thread, because the detector wants the cores; a picture with a hole is none.
        self._decoder.thread_count = 1
        self._decoder.options = {"err_detect": "explode"}
        self._number = 0
        self._answer = _opened(url, self._shown)
        try:
            self._arrivals = self._arriving(_boundary_of(self._answer.headers, self._shown))
            self._first = next(self._decoded())
        except BaseException:
            self.close()
            raise
        self.size = (int(self._first.raw.width), int(self._first.raw.height))

    @property
    def fps(self) -> float | None:
        """None: such a stream does not state it."""
        return None

    @property
    def frame_count(self) -> int | None:
        """None: a camera has no end."""
        return None

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames as they arrive; what is not due is not decoded.

        Raises:
            SourceError: the stream broke, was ended by the camera, or holds nothing but broken pictures.
        """
        for seen in chain([self._first], self._decoded()):
            time_s = self._time_s(seen.at)
            yield Frame(picture_of(seen.raw), seen.number, time_s, seen.at)

    def close(self) -> None:
        """Disconnect."""
        self._answer.close()

    def _decoded(self) -> Iterator["_Seen"]:
        broken = 0
        for number, (at, data) in enumerate(self._arrivals, self._number):
            self._number = number + 1
            if not self._sampler.due(self._time_s(at)):
                continue
            raw = self._decode(data)
            broken = 0 if raw is not None else broken + 1
            if raw is not None:
                yield _Seen(raw, number, at)
            elif broken == _BROKEN_MAX:
                raise SourceError(f"{self._shown}: {broken} pictures in a row came cut short or broken")

    def _decode(self, data: bytes) -> Any | None:
        """Return the decoded picture, a PyAV frame; None where a part of it is missing: half a picture is half grey."""
        try:
            decoded = self._decoder.decode(av.Packet(data + bytes(_PADDING)))
        except av.error.FFmpegError:
            return None
        return decoded[0] if decoded else None

    def _arriving(self, boundary: str) -> Iterator[tuple[datetime, bytes]]:
        """Yield each picture's data with the moment when all of it was here."""
        try:
            for data in Parts(self._answer, boundary):
                yield self._clock(), data
        except SourceError as error:
            raise SourceError(f"{self._shown}: {error}") from error
        except (OSError, http.client.HTTPException) as error:
            raise SourceError(f"{self._shown}: stopped giving frames: {_said(error)}") from error
        raise SourceError(f"{self._shown}: the camera ended the stream")

    def _time_s(self, at: datetime) -> float:
        self._started_at = self._started_at or at
        return max(0.0, (at - self._started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class _Seen:
    raw: Any
    number: int
    at: datetime


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


def _opened(url: str, name: str) -> http.client.HTTPResponse:
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
        raise SourceError(f"{name}: cannot be reached: {_said(error.reason)}") from None
    except (OSError, http.client.HTTPException) as error:
        raise SourceError(f"{name}: cannot be reached: {_said(error)}") from None
    except ValueError:
        # Its text may hold a piece of a password that was taken for the port.
        raise SourceError(f"{name}: expected {_FORM}") from None
    if not isinstance(answer, http.client.HTTPResponse):
        raise SourceError(f"{name}: expected http:// or https://, was sent elsewhere")
    return answer


def _boundary_of(headers: Message, name: str) -> str:
    """Return what stands between the pictures; empty where the camera does not say.

    Raises:
        SourceError: it is no stream of pictures.
    """
    kind = headers.get_content_type()
    if not kind.startswith("multipart/"):
        single = " That is a single picture: look for the stream's address" if kind == "image/jpeg" else ""
        raise SourceError(f"{name}: expected an MJPEG stream (multipart/x-mixed-replace), got {kind[:60]}.{single}")
    return str(headers.get_param("boundary", ""))


def _said(error: object) -> str:
    """Return what happened, without what the library adds: an address, or a piece of one."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not believed ({error.verify_message}). Use http:// in a network of its own, or put "
            "its authority's certificate into a file and name that in SSL_CERT_FILE"
        )
    if isinstance(error, TimeoutError):
        return "no answer"
    return getattr(error, "strerror", None) or type(error).__name__
