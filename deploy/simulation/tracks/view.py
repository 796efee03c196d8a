"""The camera: where on the picture stands who stands there on the floor. Metres on the floor, pixels in the picture.

        picture                         floor, from above
    ┌───────────────┐ y = horizon_px+…       z (away from the camera)
    │      ▯ far    │                        ▲   ▯
    │   ▯           │                        │ ▯
    │  ▮ near       │ y grows                │▮
    └───────────────┘                        └────► x (right)

A pinhole that looks straight ahead over a floor (its picture cropped, as a shifted lens or a rectified tilt gives it):
x_px = centre + f·x/z, foot_px = horizon + f·H/z, height_px = f·h/z. Straight lines stay straight, so the moment at
which a foot crosses a line on the floor is the moment at which its picture crosses the line's.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Spot: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A camera.

    Attributes:
        size: width and height of the picture in pixels.
        focal_px: focal length. 800 at 1280 wide sees 77°, a usual indoor lens (2.8 mm on a 1/2.8" chip: 75° to 100°).
        mounted_m: height of the camera over the floor.
        horizon_px: row of the horizon; above the picture (negative) for a camera that looks down on people.
    """

    size: tuple[int, int] = (1280, 720)
    focal_px: float = 800.0
    mounted_m: float = 3.0
    horizon_px: float = -60.0

    def foot(self, floor: Floats) -> Floats:
        """Return the picture (N, 2) of places on the floor (N, 2), which lie in front of the camera (z > 0)."""
        x, z = floor[:, 0], floor[:, 1]
        across = self.size[0] / 2 + self.focal_px * x / z
        return np.stack([across, self.horizon_px + self.focal_px * self.mounted_m / z], axis=1)

    def spot(self, floor: Spot) -> Spot:
        """Return the picture of one place on the floor."""
        ((x, y),) = self.foot(np.array([floor])).tolist()
        return x, y

    def boxes(self, floor: Floats, height_m: Floats, width: Floats) -> Floats:
        """Return the boxes (N, 4) xyxy, not clipped, of people who stand at `floor`; `width` in body heights."""
        foot = self.foot(floor)
        tall = self.focal_px * height_m / floor[:, 1]
        half = width * tall / 2
        return np.stack([foot[:, 0] - half, foot[:, 1] - tall, foot[:, 0] + half, foot[:, 1]], axis=1)

    def clipped(self, boxes: Floats) -> Floats:
        """Return boxes (N, 4) cut off at the picture's edges; without area where nothing of them is in it."""
        return np.clip(boxes, 0, np.array([*self.size, *self.size], np.float64))

    def sees_foot(self, floor: Floats) -> NDArray[np.bool_]:
        """Return (N,): whether who stands at `floor` has the foot in the picture."""
        foot = self.foot(floor)
        return np.asarray(np.all((foot >= 0) & (foot < np.array(self.size)), axis=1), np.bool_)
