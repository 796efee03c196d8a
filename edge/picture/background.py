"""The background: what a camera looks at when nobody walks through, and whether it still looks there.

    pictures ──► recent (what stayed for about a minute) ──► compared with the reference, learnt at the start

Both live in memory only, a hundred and sixty values wide. A camera that was turned while the box was off is not
noticed: the box then takes what it sees first for right.
"""

from typing import Final

import cv2
import numpy as np

from edge.picture.looks import COARSE, Plane, contrasts

#: So fast does the recent background follow, in steps of brightness per second: who passes leaves no trace in it.
_FOLLOW_PER_S: Final = 3.0
#: After so many seconds of good pictures the reference is learnt, and renewed that often while it still fits: daylight
#: and shelves change.
_LEARN_S: Final = 60.0
_RENEW_S: Final = 600.0
#: A shift of more than this share of the picture's width is a camera that was moved; below the second it is noise.
_MOVED_SHARE: Final = 0.03
_NOISE_PX: Final = 0.5
#: How well the shifted reference must fit (correlation), and how much better than where it was.
_FITS: Final = 0.35
_BETTER: Final = 0.15
#: The camera looks elsewhere if nothing fits any more; it is sure to look where it did if this much does.
_NOTHING_FITS: Final = 0.12
_RENEW_FIT: Final = 0.6
#: A picture with less contrast than this has no edges to tell by.
_LEAST_CONTRAST: Final = 0.2


class Background:
    """Learns what a camera looks at, from coarse planes (90, 160) of brightness."""

    def __init__(self) -> None:
        self._recent: Plane | None = None
        self._reference: Plane | None = None
        self._shift = (0.0, 0.0)
        self._seen_s = 0.0
        self._renewed_s = 0.0
        self._window = np.asarray(cv2.createHanningWindow(COARSE, cv2.CV_32F), np.float32)

    def see(self, coarse: Plane, passed_s: float) -> None:
        """Take in a plane, `passed_s` after the one before."""
        step = _FOLLOW_PER_S * min(passed_s, 5.0)
        if self._recent is None:
            self._recent = coarse.copy()
        self._recent += np.clip(coarse - self._recent, -step, step)
        self._seen_s += min(passed_s, 5.0)
        if self._reference is None and self._seen_s >= _LEARN_S:
            self._learn((0.0, 0.0))

    def has_moved(self) -> bool:
        """Return whether the camera looks elsewhere than where it did when the reference was learnt."""
        if self._reference is None or self._recent is None:
            return False
        recent = contrasts(self._recent)
        if min(float(recent.std()), float(self._reference.std())) < _LEAST_CONTRAST:
            return False
        # Windowed here: given the window, OpenCV 4 writes the product into its inputs.
        (x, y), _ = cv2.phaseCorrelate(self._reference * self._window, recent * self._window)
        here, there = fit(self._reference, recent, (0, 0)), fit(self._reference, recent, (round(x), round(y)))
        aside = self._aside(x, y) > _MOVED_SHARE * COARSE[0]
        moved = (aside and there > _FITS and there > here + _BETTER) or here < _NOTHING_FITS
        if not moved and here > _RENEW_FIT and self._seen_s - self._renewed_s >= _RENEW_S:
            self._learn((x, y) if np.hypot(x, y) > _NOISE_PX else (0.0, 0.0))
        return moved

    def _aside(self, x: float, y: float) -> float:
        return float(np.hypot(self._shift[0] + x, self._shift[1] + y))

    def _learn(self, shift: tuple[float, float]) -> None:
        """Take the recent background for the reference; what it was shifted by stays known: drops wear a stone."""
        if self._recent is not None:
            self._reference = contrasts(self._recent)
        self._shift = (self._shift[0] + shift[0], self._shift[1] + shift[1])
        self._renewed_s = self._seen_s


def fit(reference: Plane, recent: Plane, shift: tuple[int, int]) -> float:
    """Return the correlation, -1…1, of two planes (H, W) where they overlap, the second shifted by (x, y); 0 if hardly.

    A shift of (x, y) means that what was at (0, 0) of the reference is at (x, y) of the recent one.
    """
    x, y = shift
    height, width = reference.shape
    if abs(x) > width // 2 or abs(y) > height // 2:
        return 0.0
    before = reference[max(0, -y) : height - max(0, y), max(0, -x) : width - max(0, x)]
    after = recent[max(0, y) : height + min(0, y), max(0, x) : width + min(0, x)]
    before, after = before - before.mean(), after - after.mean()
    scale = float(np.sqrt(np.sum(before * before) * np.sum(after * after)))
    return float(np.sum(before * after)) / scale if scale > 0 else 0.0
