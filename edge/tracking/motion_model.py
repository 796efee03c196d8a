"""How a person's box moves: a constant-velocity Kalman filter for all tracks at once, in seconds and box heights.

Centre x, top, width and height are filtered independently (as in SORT and ByteTrack, whose covariance is block diagonal
too), each with a 2 × 2 covariance of position and velocity. The top, not the centre: what hides people in a shop
(shelves, tables, others) hides their legs, and a box that shrinks from below must not look like one that flies up. For
the same reason the sides have no velocity: a box that was half hidden does not go on shrinking. And how tall a person
is, is remembered beside the box: when it suddenly ends at the hips, something hides the legs, and the feet are where
they would be without it. Noise is stated per second and per box height, not per frame and pixel, so the same numbers
hold at 5 and at 30 frames per second, near the camera and far from it.
"""

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]

#: How far a detector's box edge is off, in box heights: 1/20 as in DeepSORT (Wojke et al. 2017).
MEASUREMENT: Final = 0.05
#: Change of velocity in one second, in box heights per second: a walker (1.4 m/s at 1.75 m = 0.8 heights/s) may stop
#: or set off within a second.
_AGILITY: Final = np.array([0.8, 0.8, 0.0, 0.0])
#: Speed of a person first seen, in box heights per second: standing to walking fast, either way.
_FIRST_SPEED: Final = np.array([0.8, 0.8, 0.0, 0.0])
#: Change of the sides within a second, in box heights: someone comes near, turns, or comes out from behind a shelf.
_RESIZING: Final = np.array([0.0, 0.0, 0.5, 0.5])
#: How fast a whole person may become smaller, as a share a second: who walks away at 1.4 m/s from 3 m.
SHRINKING: Final = 0.5
#: A box that is shorter than this share of the whole person ends where something hides the legs: more than the
#: height of a box errs (1.4 times 1/20), less than a shin.
_CUT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Motion:
    """State of N tracks.

    Attributes:
        position: float64 (N, 4): centre x, top, width, height in pixels.
        velocity: float64 (N, 4): their change in pixels per second.
        pp, pv, vv: float64 (N, 4): variance of position, covariance, variance of velocity.
        body: float64 (N,): height of the whole person in pixels, also while something hides the legs.
    """

    position: Floats
    velocity: Floats
    pp: Floats
    pv: Floats
    vv: Floats
    body: Floats

    @property
    def whole(self) -> Floats:
        """Position (N, 4) of the whole person: where legs are hidden, the box is continued down to the feet."""
        height = self.position[:, 3]
        whole = self.position.copy()
        whole[:, 3] = np.where(height < _CUT * self.body, self.body, height)
        return whole

    @classmethod
    def start(cls, position: Floats) -> "Motion":
        """Return the state of people first seen at `position` (N, 4), standing still for all one knows."""
        height = position[:, 3:4]
        return cls(
            position=position.copy(),
            velocity=np.zeros_like(position),
            pp=np.broadcast_to((MEASUREMENT * height) ** 2, position.shape).copy(),
            pv=np.zeros_like(position),
            vv=(_FIRST_SPEED * height) ** 2,
            body=position[:, 3].copy(),
        )

    def predict(self, dt: Floats) -> "Motion":
        """Return the state `dt` (N,) seconds later (white-noise acceleration, Bar-Shalom et al. 2001, 6.2.2)."""
        step = dt[:, None]
        height = np.maximum(self.position[:, 3:4], 1.0)
        noise = (_AGILITY * height) ** 2
        return Motion(
            position=self.position + self.velocity * step,
            velocity=self.velocity,
            pp=self.pp
            + 2 * step * self.pv
            + step**2 * self.vv
            + noise * step**3 / 3
            + (_RESIZING * height) ** 2 * step,
            pv=self.pv + step * self.vv + noise * step**2 / 2,
            vv=self.vv + noise * step,
            body=self.body * np.exp(-SHRINKING * dt),
        )

    def correct(self, rows: NDArray[np.intp], measured: Floats) -> "Motion":
        """Return the state after `measured` (M, 4) was seen for the tracks `rows` (M,)."""
        expected = (MEASUREMENT * np.maximum(measured[:, 3:4], 1.0)) ** 2
        pp, pv, vv = self.pp[rows], self.pv[rows], self.vv[rows]
        gain_p, gain_v = pp / (pp + expected), pv / (pp + expected)
        # Who is seen whole again is compared with the whole person, not with what was seen of him meanwhile.
        seen_whole = measured[:, 3:4] >= _CUT * self.body[rows, None]
        before = np.where(seen_whole, self.whole[rows], self.position[rows])
        innovation = measured - before
        updated = replace(self, **{name: getattr(self, name).copy() for name in self.__slots__})
        updated.position[rows] = before
        foot = before[:, 1] + before[:, 3]
        foot += gain_p[:, 3] * (measured[:, 1] + measured[:, 3] - foot)
        updated.position[rows] += gain_p * innovation
        # The lower edge is where people stand: it is filtered itself, not as the sum of two that err.
        updated.position[rows, 3] = foot - updated.position[rows, 1]
        updated.velocity[rows] += gain_v * innovation
        updated.pp[rows] = (1 - gain_p) * pp
        updated.pv[rows] = (1 - gain_p) * pv
        updated.vv[rows] = vv - gain_v * pv
        updated.body[rows] = np.maximum(updated.body[rows], updated.position[rows, 3])
        return updated

    def take(self, rows: NDArray[np.intp]) -> "Motion":
        """Return the state of the tracks `rows` only."""
        return Motion(*(getattr(self, name)[rows] for name in self.__slots__))

    def join(self, other: "Motion") -> "Motion":
        """Return the state of both."""
        return Motion(*(np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.__slots__))


def to_state(xyxy: NDArray[np.float32]) -> Floats:
    """Return boxes (N, 4) as centre x, top, width, height."""
    boxes = xyxy.astype(np.float64)
    left, top, right, bottom = boxes.T
    return np.stack([(left + right) / 2, top, right - left, bottom - top], axis=1)


def to_xyxy(position: Floats) -> Floats:
    """Return centre x, top, width, height (N, 4) as left, top, right, bottom."""
    x, top, width, height = position.T
    half, height = np.maximum(width, 1.0) / 2, np.maximum(height, 1.0)
    return np.stack([x - half, top, x + half, top + height], axis=1)
