"""The seam of sources: something that yields frames in order."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol, TypeAlias

from edge.frames import Frame

#: The wall clock: an aware instant in UTC. Passed in, so that tests own the time.
Clock: TypeAlias = Callable[[], datetime]


class VideoSource(Protocol):
    """Frames of one camera or clip, once over. Open on construction; `close` it, or use it as a context manager."""

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) of every frame, in pixels."""

    @property
    def fps(self) -> float | None:
        """The source's own frames per second, as it states them; None if it does not."""

    @property
    def frame_count(self) -> int | None:
        """How many frames it has, as it states them; None for a camera."""

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames that are due, in order.

        Raises:
            SourceError: the stream broke. A source that ends by itself just stops.
        """

    def close(self) -> None:
        """Let go of the device or file. Safe to call twice."""
