"""One opening of a source, read in a thread of its own, which can be left behind when the source hangs.

A camera that falls silent holds its reader inside a library for two or three time-outs, and closing it from outside is
not safe there. So the thread is abandoned: what it still says is not heard, and it closes its source when it returns.
"""

import logging
from collections.abc import Callable
from threading import Thread
from typing import TypeAlias

from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.protocol import VideoSource

_LOGGER = logging.getLogger(__name__)


class Reading:
    """Opens and reads a source: each frame to `take`, until that returns False, the source ends or it breaks.

    Attributes:
        began_s, frame_at_s: when it was begun and gave its newest frame, on the capture's clock; for the capture.
        index, time_s: what the numbers and times of its frames are added to.
        frames: how many were taken.
        abandoned: nobody listens any more.
        done, fault: it has ended, and why; None where the source came to its own end.
    """

    def __init__(self, name: str, *, began_s: float, index: int, time_s: float) -> None:
        self.name = name
        self.began_s = began_s
        self.frame_at_s: float | None = None
        self.index = index
        self.time_s = time_s
        self.frames = 0
        self.abandoned = self.done = False
        self.fault: str | None = None
        self._thread: Thread | None = None

    @property
    def alive(self) -> bool:
        """Whether its thread still runs."""
        return self._thread is not None and self._thread.is_alive()

    def start(
        self, open_source: Callable[[], VideoSource], opened: "Opened", take: "Take", ended: Callable[[], None]
    ) -> None:
        """Read in a thread of its own; `opened` hears of the open source, `ended` that nothing more comes."""

        def run() -> None:
            self.fault = self._read(open_source, opened, take)
            self.done = True
            ended()

        self._thread = Thread(target=run, name=f"reading-{self.name}", daemon=True)
        self._thread.start()

    def join(self, timeout_s: float) -> None:
        """Wait for its thread."""
        if self._thread is not None:
            self._thread.join(timeout_s)

    def _read(self, open_source: Callable[[], VideoSource], opened: "Opened", take: "Take") -> str | None:
        try:
            source = open_source()
            try:
                opened(self, source)
                for frame in source:
                    if not take(self, frame):
                        break
            finally:
                source.close()
        except SourceError as error:
            return str(error)
        except Exception as error:
            # The root of a thread: nobody above would hear of it, and a camera must come back from any fault.
            _LOGGER.exception("capture failed", extra={"action": "capture_failed", "camera": self.name})
            return f"{type(error).__name__}: {error}"
        return None


Opened: TypeAlias = Callable[[Reading, VideoSource], None]
Take: TypeAlias = Callable[[Reading, Frame], bool]
