"""Noise that belongs to a person and a moment, not to a frame: the same at 3 and at 30 frames a second.

Values come from a hash of (person, kind, block of time), so that no state is carried and whole films are drawn at once.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from deploy.simulation.tracks.view import Floats

_STREAMS: Final = {"drift": 1, "burst": 2, "double": 3, "cut": 4}
#: Kinds of noise take several neighbouring streams each (the four sides of a box).
_SIDES: Final = 8
#: 2⁶⁴ ÷ the golden ratio: steps of it are spread evenly.
_GOLDEN: Final = 0x9E3779B97F4A7C15


class Noise:
    """Noise of one film."""

    def __init__(self, seed: int) -> None:
        draw = np.random.default_rng([seed, 77])
        self._normal = draw.standard_normal(1 << 16)
        self._uniform = draw.random(1 << 16)
        self._salt = np.uint64(draw.integers(1 << 40))

    def blocks(self, kind: str, person: NDArray[np.int64], time_s: Floats, block_s: float) -> Floats:
        """Return uniform numbers (N,) that hold for blocks of `block_s`, whose edges differ from person to person."""
        phase = self._uniform[self._slot(kind, 1, person, np.zeros(len(person), np.int64))]
        block = np.floor(time_s / block_s + phase).astype(np.int64)
        return self._uniform[self._slot(kind, 0, person, block)]

    def smooth(self, kind: str, side: int, person: NDArray[np.int64], time_s: Floats, block_s: float) -> Floats:
        """Return normal numbers (N,), mean 0, variance 1, that change over about `block_s`."""
        knot = np.floor(time_s / block_s).astype(np.int64)
        share = time_s / block_s - knot
        before, after = (self._normal[self._slot(kind, side, person, knot + step)] for step in (0, 1))
        return np.asarray((before * (1 - share) + after * share) / np.hypot(share, 1 - share), np.float64)

    def _slot(self, kind: str, side: int, person: NDArray[np.int64], block: NDArray[np.int64]) -> NDArray[np.intp]:
        key = (person.astype(np.uint64) * np.uint64(1 << 24)) ^ block.astype(np.uint64)
        key = key + np.array([((_STREAMS[kind] * _SIDES + side) * _GOLDEN + int(self._salt)) % 2**64], np.uint64)
        # The finaliser of splitmix64 (Steele et al. 2014): neighbouring keys land far apart.
        key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return ((key ^ (key >> np.uint64(31))) & np.uint64(0xFFFF)).astype(np.intp)
