"""The watch over one camera's pictures: looks once a second, and says what is wrong once it is sure.

What is learnt (how sharp, how structured, what in the background) is learnt from good pictures only. A trouble is
raised after it held for a while and cleared after it was gone for a while, so that neither somebody close to the lens
nor a lamp that is switched makes an alarm.
"""

import logging
from collections.abc import Mapping
from typing import Final

import cv2
import numpy as np

from contract.messages import Trouble
from edge.frames import Frame, Image
from edge.picture.background import Background
from edge.picture.looks import COARSE, FINE, Plane, is_dark, is_overexposed, is_same, sharpness, structure

_LOGGER = logging.getLogger(__name__)

#: With these a picture cannot be counted on; with the others it can, but someone should look after the camera.
UNUSABLE: Final[frozenset[Trouble]] = frozenset({"dark", "covered", "frozen", "moved"})
#: How long each must hold before it is raised, in seconds; the one that explains most first. `frozen` outlasts the
#: longest groups of pictures that cameras send (a minute and more in still scenes), within which nothing need change.
RAISED_AFTER_S: Final[Mapping[Trouble, float]] = {
    "dark": 20.0,
    "covered": 30.0,
    "frozen": 120.0,
    "moved": 60.0,
    "overexposed": 60.0,
    "blurred": 120.0,
}
#: … and how long it must be gone before it is cleared.
CLEARED_AFTER_S: Final = 10.0
WORDS: Final[Mapping[Trouble, str]] = {
    "dark": "its picture is dark. Is there light, and is the lens free?",
    "covered": "something covers its view. Is the lens free?",
    "frozen": "its picture stands still although frames come. Restart the camera",
    "moved": "it looks elsewhere than it did. Turn it back, or draw its lines anew and restart this program",
    "overexposed": "its picture is white. Does the sun or a lamp shine into it?",
    "blurred": "its picture is blurred. Is the lens clean and in focus?",
}

_EVERY_S: Final = 1.0
#: The background is compared only so often: a turned camera stays turned.
_COMPARE_S: Final = 5.0
#: A tile has structure from this deviation of brightness on; it lost it below a share of what it had.
_STRUCTURED: Final = 4.0
_LOST_SHARE: Final = 0.3
#: A view is covered if so many of its structured tiles lost it. A view without any tile above `_FLAT` always is.
_COVERED_SHARE: Final = 0.7
_FLAT: Final = 1.0
#: Light that went down takes contrast with it: up to so much is made good.
_GAIN_MAX: Final = 6.0
#: A picture is blurred if it is less sharp than this share of what it was.
_BLURRED_SHARE: Final = 0.3
#: How fast the habits of a camera are learnt, in seconds, and from when on they are known.
_HABIT_S: Final = 600.0
_KNOWN_S: Final = 60.0


class PictureWatch:
    """Watches the pictures of camera `name`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._looked_s = self._compared_s = -np.inf
        self._learnt_s = 0.0
        self._still: Image | None = None
        self._sharp = 0.0
        self._tiles: Plane | None = None
        self._light = 0.0
        self._background = Background()
        self._moved = False
        #: Since when each trouble is seen, and when each was last seen, in media seconds.
        self._since: dict[Trouble, float] = {}
        self._last: dict[Trouble, float] = {}
        self._raised: set[Trouble] = set()

    @property
    def trouble(self) -> Trouble | None:
        """What is wrong; of several, what explains most."""
        return next((one for one in RAISED_AFTER_S if one in self._raised), None)

    @property
    def unusable(self) -> bool:
        """Whether the pictures cannot be counted on."""
        return bool(self._raised & UNUSABLE)

    @property
    def doubted_s(self) -> float:
        """For how many seconds the worst trouble has been seen, those before it was raised included; 0 without one."""
        return self._looked_s - self._since[self.trouble] if self.trouble is not None else 0.0

    def see(self, frame: Frame) -> None:
        """Look at `frame` if the last look is a second ago."""
        passed_s = frame.time_s - self._looked_s
        if passed_s < _EVERY_S:
            return
        self._looked_s = frame.time_s
        fine = frame.picture.luma(FINE)
        self._judge(self._seen(fine, frame.time_s, min(passed_s, 5.0)), frame.time_s)

    def _seen(self, fine: Image, now_s: float, passed_s: float) -> set[Trouble]:
        """Return what is wrong with this picture, and learn from it if nothing is."""
        seen: set[Trouble] = {"frozen"} if self._stands_still(fine) else set()
        if is_dark(fine):
            return seen | {"dark"}
        if is_overexposed(fine):
            seen.add("overexposed")
        coarse = np.asarray(cv2.resize(fine, COARSE, interpolation=cv2.INTER_AREA), np.float32)
        tiles, light, sharp = structure(coarse), float(coarse.mean()), sharpness(fine)
        if self._is_covered(tiles, light):
            return seen | {"covered"}
        if self._learnt_s >= _KNOWN_S and sharp < _BLURRED_SHARE * self._sharp:
            seen.add("blurred")
        if "frozen" not in self._raised:
            self._background.see(coarse, passed_s)
        if now_s - self._compared_s >= _COMPARE_S:
            self._compared_s = now_s
            self._moved = self._background.has_moved()
        if self._moved:
            seen.add("moved")
        if not seen:
            self._learn(tiles, light, sharp, passed_s)
        return seen

    def _stands_still(self, fine: Image) -> bool:
        if self._still is not None and is_same(fine, self._still):
            return True
        self._still = fine
        return False

    def _is_covered(self, tiles: Plane, light: float) -> bool:
        if float(tiles.max()) < _FLAT:
            return True
        if self._tiles is None or self._learnt_s < _KNOWN_S:
            return False
        gain = min(max(self._light / max(light, 1.0), 1.0), _GAIN_MAX)
        structured = self._tiles >= _STRUCTURED
        lost = structured & (tiles * gain < _LOST_SHARE * self._tiles)
        # A view of which little has structure says nothing about the rest.
        enough = int(np.count_nonzero(structured)) >= tiles.size // 10
        return enough and int(np.count_nonzero(lost)) >= _COVERED_SHARE * int(np.count_nonzero(structured))

    def _learn(self, tiles: Plane, light: float, sharp: float, passed_s: float) -> None:
        self._learnt_s += passed_s
        share = passed_s / min(self._learnt_s, _HABIT_S)
        self._tiles = tiles.copy() if self._tiles is None else self._tiles
        self._tiles += np.float32(share) * (tiles - self._tiles)
        self._light += share * (light - self._light)
        self._sharp += share * (sharp - self._sharp)

    def _judge(self, seen: set[Trouble], now_s: float) -> None:
        before = self.trouble
        for one, after_s in RAISED_AFTER_S.items():
            if one in seen:
                self._last[one] = now_s
                if now_s - self._since.setdefault(one, now_s) >= after_s:
                    self._raised.add(one)
            elif one not in self._raised:
                self._since.pop(one, None)
            elif now_s - self._last[one] >= CLEARED_AFTER_S:
                self._raised.remove(one)
                self._since.pop(one, None)
        if self.trouble != before:
            self._tell()

    def _tell(self) -> None:
        now = self.trouble
        if now is None:
            _LOGGER.info(
                "camera %s: its picture is good again", self._name,
                extra={"action": "picture_good", "camera": self._name},
            )  # fmt: skip
        else:
            _LOGGER.warning(
                "camera %s: %s", self._name, WORDS[now],
                extra={"action": "picture_trouble", "camera": self._name, "trouble": now},
            )  # fmt: skip
