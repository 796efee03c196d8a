"""Network cameras: RTSP over TCP. One pass; reopening is the capture's business."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.addresses import shown
from edge.sources.av_container import AvContainer
from edge.sources.protocol import Clock
from edge.sources.sampling import Sampler

if TYPE_CHECKING:
    from datetime import datetime

#: TCP, because a lost UDP packet smears half a picture; time-outs, because a camera that is gone says nothing.
_OPTIONS: Final = {"rtsp_transport": "tcp", "fflags": "nobuffer", "flags": "low_delay"}
_TIMEOUT_S: Final = 5.0


class RtspSource:
    """A network camera. Frames are stamped on arrival: cameras' own clocks are seldom right."""

    def __init__(self, url: str, *, clock: Clock, fps: float | None = None) -> None:
        """Connect to `url`.

        Raises:
            SourceError: unreachable, refused, or without video. The password is not shown.
        """
        self._container = AvContainer(url, shown(url), options=dict(_OPTIONS), timeout_s=_TIMEOUT_S)
        self._clock = clock
        self._sampler = Sampler(fps)
        self._shown = shown(url)

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._container.size

    @property
    def fps(self) -> float | None:
        """Frames per second, as the camera states them."""
        return self._container.fps

    @property
    def frame_count(self) -> int | None:
        """None: a camera has no end."""
        return None

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames as they arrive, until the stream ends or breaks.

        Raises:
            SourceError: the stream broke, or was ended by the camera.
        """
        started_at: datetime | None = None
        for decoded in self._container.pictures():
            now = self._clock()
            started_at = started_at or now
            time_s = max(0.0, (now - started_at).total_seconds())
            if self._sampler.due(time_s):
                yield Frame(decoded.picture(), decoded.number, time_s, now)
        raise SourceError(f"{self._shown}: the camera ended the stream")

    def close(self) -> None:
        """Disconnect."""
        self._container.close()
