"""How often groups are told right: simulated doors with known buying units, through the line counter and the grouping.

People walk over the floor in metres, a camera above the door sees them in perspective, boxes tremble and are missed.
Strangers arrive as a Poisson process and do not avoid one another, which is harder than a real door.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.random import Generator

from edge.counting.groups import BuyingUnits
from edge.counting.lines import LineCounter
from edge.counting.protocol import Counted
from edge.events import LineCrossed
from edge.geometry import Segment
from edge.tracking.protocol import Tracks

if TYPE_CHECKING:
    from numpy.typing import NDArray

_DOOR_M: Final = 2.0
_BODY_M: Final = 1.7
#: In view from so far before the door to so far behind it.
_BEFORE_M: Final = 4.0
_BEHIND_M: Final = 2.0
#: Box edges tremble by this share of the height; a person is missed in this share of frames.
_TREMBLE: Final = 0.02
_MISSED: Final = 0.05


@dataclass(frozen=True, slots=True)
class Walker:
    """One person: at the middle of the door line at `at_s`, `x_m` beside it, walking `speed` metres a second."""

    unit: int
    at_s: float
    x_m: float
    speed: float


Arrivals = Callable[[Generator, float], list[Walker]]


@dataclass(frozen=True, slots=True)
class Camera:
    """A pinhole camera `high_m` above the floor, `far_m` behind the door line, looking down at the door."""

    high_m: float
    far_m: float
    focal_px: float = 900.0

    def project(self, x_m: float, z_m: float, y_m: float) -> tuple[float, float]:
        """Return the pixel of a point `x_m` aside, `z_m` beyond the door as seen from the camera, `y_m` high."""
        tilt = np.arctan2(self.high_m - 1.0, self.far_m)
        ahead, down = self.far_m + z_m, self.high_m - y_m
        depth = ahead * np.cos(tilt) + down * np.sin(tilt)
        drop = down * np.cos(tilt) - ahead * np.sin(tilt)
        return 960 + self.focal_px * x_m / depth, 540 + self.focal_px * float(drop) / float(depth)


CAMERAS: Final = {"oblique": Camera(2.8, 5.0), "steep": Camera(3.5, 2.5)}


def singles(per_minute: float) -> Arrivals:
    """Strangers alone, as a Poisson process."""
    return lambda random, minutes: _arrive(random, minutes, per_minute, lambda: 1)


def followers(low_s: float, high_s: float) -> Arrivals:
    """Strangers who enter one after the other, `low_s` to `high_s` apart, in pairs a minute from one another."""

    def made(random: Generator, minutes: float) -> list[Walker]:
        found: list[Walker] = []
        for number in range(int(minutes * 3)):
            at_s = 20.0 * (number + 1)
            for turn in range(2):
                found += _unit(random, 2 * number + turn, at_s, 1)
                at_s += random.uniform(low_s, high_s)
        return found

    return made


def groups(per_minute: float, sizes: tuple[float, ...]) -> Arrivals:
    """Units as a Poisson process, of 1, 2, 3 … people with the probabilities `sizes`."""
    chances = np.array(sizes) / sum(sizes)
    return lambda random, minutes: _arrive(
        random, minutes, per_minute, lambda: int(random.choice(len(chances), p=chances)) + 1
    )


SCENES: Final[dict[str, Arrivals]] = {
    "pairs abreast, 2 a minute": groups(2, (0, 1)),
    "families of 3 and 4, 2 a minute": groups(2, (0, 0, 1, 1)),
    "strangers 2-4 s apart": followers(2, 4),
    "strangers 1-2 s apart": followers(1, 2),
    "strangers alone, 20 a minute": singles(20),
    "mixed, 4 units a minute": groups(4, (70, 22, 5, 3)),
    "mixed, 14 units a minute": groups(14, (70, 22, 5, 3)),
}


def rates(scene: Arrivals, camera: Camera, *, minutes: float, seed: int, fps: float = 10.0) -> dict[str, float | None]:
    """Return what the grouping makes of a scene.

    `people` and `units` are the truth; `split` the share of groups (two or more people) not found whole, None without
    any; `merged` the share of units put together with another one; `units_bias` is counted units ÷ true units − 1.
    """
    random = np.random.default_rng(seed)
    walkers = scene(random, minutes)
    found = list(_found(walkers, camera, fps, random))
    sizes = {number: event.group_size or 0 for number, event in found}
    true: dict[int, list[int]] = defaultdict(list)
    for number, walker in enumerate(walkers):
        true[walker.unit].append(number)
    several = [unit for unit in true.values() if len(unit) > 1]
    split = sum(1 for unit in several if any(sizes.get(number, 0) < len(unit) for number in unit))
    merged = sum(1 for unit in true.values() if any(sizes.get(number, 0) > len(unit) for number in unit))
    counted = sum(1 / size for size in sizes.values() if size)
    return {
        "people": len(walkers),
        "units": len(true),
        "split": split / len(several) if several else None,
        "merged": merged / len(true),
        "units_bias": counted / len(true) - 1,
    }


def report(*, minutes: float = 60.0, seed: int = 1) -> dict[str, Any]:
    """Return the rates of every scene and camera."""
    return {
        scene: {name: rates(arrivals, camera, minutes=minutes, seed=seed) for name, camera in CAMERAS.items()}
        for scene, arrivals in SCENES.items()
    }


def _arrive(random: Generator, minutes: float, per_minute: float, size: Callable[[], int]) -> list[Walker]:
    moments = np.sort(random.uniform(10, 60 * minutes, random.poisson(per_minute * minutes)))
    return [walker for unit, at_s in enumerate(moments) for walker in _unit(random, unit, float(at_s), size())]


def _unit(random: Generator, unit: int, at_s: float, size: int) -> Iterator[Walker]:
    """Yield a pair abreast, 0.75 m apart, or more in file, 0.8 m apart; all at one pace, each a little off it."""
    pace = float(np.clip(random.normal(1.2, 0.2), 0.6, 1.8))
    middle = random.uniform(-_DOOR_M / 2 + 0.3, _DOOR_M / 2 - 0.3)
    for place in range(size):
        abreast = size == 2  # noqa: PLR2004 - a pair
        aside = (place - 0.5) * random.normal(0.75, 0.12) if abreast else random.normal(0, 0.15)
        behind = random.normal(0, 0.2) if abreast else place * random.normal(0.8, 0.12)
        x_m = float(np.clip(middle + aside, -_DOOR_M / 2, _DOOR_M / 2))
        yield Walker(unit, at_s + behind / pace, x_m, pace + random.normal(0, 0.03))


def _found(walkers: list[Walker], camera: Camera, fps: float, random: Generator) -> Iterator[tuple[int, LineCrossed]]:
    """Yield (number, crossing) of everybody counted. Who comes to the camera walks down the picture: `in`."""
    left, right = camera.project(_DOOR_M, 0, 0), camera.project(-_DOOR_M, 0, 0)
    door = Segment(left, right)
    line, units = LineCounter("door", door, "foot"), BuyingUnits({"door": door})
    spans = [(one.at_s - _BEFORE_M / one.speed, one.at_s + _BEHIND_M / one.speed) for one in walkers]
    order = sorted(range(len(walkers)), key=lambda number: spans[number][0])
    active: list[int] = []
    last_s = max((end for _, end in spans), default=0.0) + 5
    for frame in range(int(last_s * fps)):
        time_s = frame / fps
        while order and spans[order[0]][0] <= time_s:
            active.append(order.pop(0))
        ended = tuple(number for number in active if spans[number][1] < time_s)
        active = [number for number in active if number not in ended]
        seen = [number for number in active if random.random() >= _MISSED]
        tracks = _tracks(seen, ended, [_box(walkers[number], camera, time_s, random) for number in seen])
        yield from _events(units.update(line.update(tracks, frame, time_s), tracks, time_s))
    yield from _events(units.cut(line.cut(last_s)))


def _events(counted: list[Counted]) -> Iterator[tuple[int, LineCrossed]]:
    for one in counted:
        if isinstance(one.event, LineCrossed):
            yield one.number, one.event


def _tracks(numbers: list[int], ended: tuple[int, ...], boxes: list[list[float]]) -> Tracks:
    xyxy: NDArray[np.float32] = np.array(boxes, np.float32).reshape(-1, 4)
    return Tracks(np.array(numbers, np.int64), xyxy, np.ones(len(numbers), np.bool_), ended)


def _box(walker: Walker, camera: Camera, time_s: float, random: Generator) -> list[float]:
    away_m = (walker.at_s - time_s) * walker.speed
    x, foot = camera.project(walker.x_m, away_m, 0)
    _, head = camera.project(walker.x_m, away_m, _BODY_M)
    height = foot - head
    wobble = random.normal(0, _TREMBLE * height, 4)
    return [x - 0.2 * height + wobble[0], head + wobble[1], x + 0.2 * height + wobble[2], foot + wobble[3]]
