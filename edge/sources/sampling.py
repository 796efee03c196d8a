"""Sampling: which frames of a stream are analysed."""


class Sampler:
    """Chooses frames at a steady rate by their time, whatever the source's own rate.

    The grid of due times is anchored to the first frame and never drifts: at 5 per second from 25, every fifth.
    """

    def __init__(self, fps: float | None) -> None:
        self._period_s = 1 / fps if fps else 0.0
        self._first_s: float | None = None
        self._due = 0

    def due(self, time_s: float) -> bool:
        """Return whether the frame of media time `time_s` is to be analysed, and note it if so."""
        if not self._period_s:
            return True
        if self._first_s is None:
            self._first_s = time_s
        # A hundredth of a period of tolerance, so that rounded time stamps do not slip to the next frame.
        steps = (time_s - self._first_s) / self._period_s + 0.01
        if steps < self._due:
            return False
        self._due = int(steps) + 1
        return True
