"""Video files: read once in full and in order, fast or at their own pace, or played again and again."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.av_container import AvContainer
from edge.sources.pacing import Pace
from edge.sources.protocol import Clock
from edge.sources.sampling import Sampler

_ADVICE: Final = (
    ". Give a video that FFmpeg reads (MP4, MKV, AVI, MOV, GIF …) or a folder of images; re-encode another one with "
    "`ffmpeg -i INPUT -c:v libx264 clip.mp4`"
)


class FileSource:
    """A video file, frame after frame, each of them. Wall time runs from `started_at` with media time."""

    def __init__(self, path: Path, *, started_at: datetime, fps: float | None = None, pace: Pace | None = None) -> None:
        """Open `path`; `fps` analyses fewer frames per second than the file has.

        With a `pace`, no frame comes before its moment; without, as fast as it is read.

        Raises:
            SourceError: no such file, or not a video.
        """
        if not path.is_file():
            raise SourceError(f"{path}: no such video file. Check the path; it is relative to {Path.cwd()}.")
        self._container = AvContainer(str(path), str(path), advice=_ADVICE)
        self._started_at = started_at
        self._sampler = Sampler(fps)
        self._pace = pace

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._container.size

    @property
    def fps(self) -> float | None:
        """The file's frames per second."""
        return self._container.fps

    @property
    def frame_count(self) -> int | None:
        """The file's frames, as its header says."""
        return self._container.frame_count

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames that are due.

        Raises:
            SourceError: the file is damaged.
        """
        for decoded in self._container.pictures():
            if self._sampler.due(decoded.time_s):
                captured_at = self._started_at + timedelta(seconds=decoded.time_s)
                if self._pace is not None and not self._pace.reached(captured_at):
                    return
                yield Frame(decoded.picture(), decoded.number, decoded.time_s, captured_at)

    def close(self) -> None:
        """Close the file."""
        if self._pace is not None:
            self._pace.close()
        self._container.close()


class LoopedFileSource:
    """A video file as if it were a camera: at its own pace, from the start again when it ends, for ever."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Clock,
        fps: float | None = None,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        """Open `path`. `wait` sleeps for so many seconds and returns True to stop (default: until `close`).

        Raises:
            SourceError: no such file, or not a video.
        """
        self._path = path
        self._fps = fps
        self._pace = Pace(clock, wait)
        first = FileSource(path, started_at=clock())
        self._size, self._own_fps = first.size, first.fps
        first.close()

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels."""
        return self._size

    @property
    def fps(self) -> float | None:
        """The file's frames per second."""
        return self._own_fps

    @property
    def frame_count(self) -> int | None:
        """None: it has no end."""
        return None

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames at the moments they are due. Number and media time go on over the loops; each starts anew.

        Raises:
            SourceError: the file is damaged, or empty.
        """
        started_at = self._pace.clock()
        index, offset_s = 0, 0.0
        while not self._pace.closed:
            source = FileSource(self._path, started_at=started_at, fps=self._fps)
            last: Frame | None = None
            for frame in source:
                at = started_at + timedelta(seconds=offset_s + frame.time_s)
                if not self._pace.reached(at):
                    source.close()
                    return
                again = last is None and index > 0
                yield Frame(frame.picture, index + frame.index, offset_s + frame.time_s, at, discontinuity=again)
                last = frame
            source.close()
            if last is None:
                raise SourceError(f"{self._path}: has no frames to play")
            index += last.index + 1
            offset_s += last.time_s + 1 / (self._fps or self._own_fps or 25.0)

    def close(self) -> None:
        """Stop playing."""
        self._pace.close()
