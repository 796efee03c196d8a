"""One pass over a container that PyAV decodes: a file, or a stream on the network."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import av

from edge.errors import SourceError
from edge.frames import Picture
from edge.sources.planar import picture_of

_ASSUMED_FPS: Final = 25.0


@dataclass(frozen=True, slots=True)
class Decoded:
    """A decoded picture, not looked at yet: `number` from 0, `time_s` from the start."""

    raw: Any
    number: int
    time_s: float

    def picture(self) -> Picture:
        """Return the picture, as it lies in the decoder's memory."""
        return picture_of(self.raw)


class AvContainer:
    """The first video stream of `address`, opened."""

    def __init__(
        self, address: str, shown: str, *, options: dict[str, str] | None = None, timeout_s: float = 5, advice: str = ""
    ) -> None:
        """Open it. `shown` names it in errors, without secrets; `advice` says what to do if there is no video in it.

        Raises:
            SourceError: it cannot be opened, or has no video.
        """
        self._shown = shown
        try:
            self._container = av.open(address, options=options or {}, timeout=timeout_s)
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise SourceError(f"{shown}: cannot be opened as video: {_said(error)}{advice}") from error
        streams = self._container.streams.video
        if not streams or not streams[0].codec_context.width:
            self._container.close()
            raise SourceError(f"{shown}: expected a video stream, found none{advice}")
        self._stream = streams[0]
        # Slices, not frames: no extra delay, and one thread, because the detector wants the cores.
        self._stream.codec_context.thread_count = 1
        self.size = (int(self._stream.codec_context.width), int(self._stream.codec_context.height))
        rate = self._stream.average_rate
        self.fps = float(rate) if rate else None
        self.frame_count = int(self._stream.frames) or None

    def pictures(self) -> Iterator[Decoded]:
        """Yield the pictures in order. Times never fall; a picture without a stamp follows at the stated rate.

        Raises:
            SourceError: the stream broke.
        """
        period_s = 1 / (self.fps or _ASSUMED_FPS)
        start_s: float | None = None
        time_s = -period_s
        try:
            for number, raw in enumerate(self._container.decode(self._stream)):
                if raw.time is None:
                    time_s += period_s
                else:
                    start_s = raw.time - max(time_s + period_s, 0.0) if start_s is None else start_s
                    time_s = max(raw.time - start_s, time_s)
                yield Decoded(raw, number, time_s)
        except av.error.EOFError:
            return
        except (av.error.FFmpegError, OSError, ValueError) as error:
            raise SourceError(f"{self._shown}: stopped giving frames: {_said(error)}") from error

    def close(self) -> None:
        """Close it."""
        self._container.close()


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error)
