"""Network cameras that send JPEG pictures over HTTP (MJPEG). One pass; reopening is the capture's business.

The multipart stream is read here, the pictures are decoded by PyAV (docs/adr/0016-own-mjpeg-reader.md).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from itertools import chain
from typing import Any, Final

import av

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.addresses import shown
from edge.sources.http_answer import READING_ERRORS, opened, said
from edge.sources.multipart import Parts
from edge.sources.planar import picture_of
from edge.sources.protocol import Clock
from edge.sources.sampling import Sampler

#: So many pictures in a row that are cut short or broken: the camera sends nothing to count on.
_BROKEN_MAX: Final = 10
#: So many bytes FFmpeg may read beyond the end.
_PADDING: Final = 64


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
        self._answer = opened(url, self._shown)
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
        except READING_ERRORS as error:
            raise SourceError(f"{self._shown}: stopped giving frames: {said(error)}") from error
        raise SourceError(f"{self._shown}: the camera ended the stream")

    def _time_s(self, at: datetime) -> float:
        self._started_at = self._started_at or at
        return max(0.0, (at - self._started_at).total_seconds())


@dataclass(frozen=True, slots=True)
class _Seen:
    raw: Any
    number: int
    at: datetime


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
