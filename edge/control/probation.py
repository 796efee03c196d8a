"""Probation: whether a new set-up has made the box blind. Pure: it is told the time and how the cameras are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from contract.messages import CameraHealth


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds. A set-up is watched for `watch_s`; a camera that is blind for `patience_s` on end ends it before.

    A stream has to be opened and a model loaded within the patience.
    """

    watch_s: float = 120.0
    patience_s: float = 60.0


class Probation:
    """Watches cameras of which those in `was_up` were up and without trouble before. Times are monotonic seconds."""

    def __init__(self, was_up: Collection[str], pace: Pace, now: float) -> None:
        self._was_up = frozenset(was_up)
        self._pace = pace
        self._until = now + pace.watch_s
        self._blind_since: float | None = None

    def look(self, health: Sequence[CameraHealth], now: float) -> str | None:
        """Return why the set-up has failed; an empty text where it has not, and None while that is open."""
        blind = self._blind(health)
        if not blind:
            self._blind_since = None
            return "" if now >= self._until else None
        if self._blind_since is None:
            self._blind_since = now
        return blind if now - self._blind_since >= self._pace.patience_s else None

    def _blind(self, health: Sequence[CameraHealth]) -> str:
        """Return what is worse than before; empty where nothing is."""
        for each in health:
            if each.camera in self._was_up and (each.state == "down" or each.trouble is not None):
                return f"camera {each.camera}, up before, is {each.trouble or each.state} since the change"
        up = sum(each.state == "up" for each in health)
        expected = min(len(self._was_up), len(health))
        return f"{up} cameras are up since the change, {len(self._was_up)} were before" if up < expected else ""
