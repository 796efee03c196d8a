"""Scenes: a camera, a line, and a mix of people who come to it at random moments.

Same seed, same scene, whatever it is then filmed with: recalls and frame rates are compared on the same people.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np

from deploy.simulation.tracks.view import Floats, Spot, View
from deploy.simulation.tracks.walks import STEP_S, Line, Walk, way
from deploy.simulation.tracks.ways import WAYS, Draw, Stage

#: Weidmann (1993): free walking speed 1.34 m/s ± 0.26; shoppers in a doorway are slower.
_SPEED_MPS: Final = (1.25, 0.25)
_SPEED_LIMITS: Final = (0.6, 2.0)
#: Adults of both sexes and some children.
_HEIGHT_M: Final = (1.68, 0.11)
_HEIGHT_LIMITS: Final = (1.15, 1.98)
#: Shoulders and arms against height, from the front and from the side.
_WIDTH: Final = (0.28, 0.42)
#: Friends walk 0.6 m apart abreast (Moussaïd et al. 2010: 0.6 to 0.8 m) and about a second apart in file.
_ABREAST_M: Final = (0.5, 0.75)
_FILE_S: Final = (0.6, 1.3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pillar:
    """Something that hides who is behind it, from the floor to the ceiling."""

    spot: Spot
    width_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixture:
    """Something that a detector takes for a person: a mannequin, a poster.

    Attributes:
        spot: where it stands.
        height_m: how tall.
        share: of frames in which it is found.
        score: how sure the detector then is.
    """

    spot: Spot
    height_m: float = 1.75
    share: float = 0.6
    score: float = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneModel:
    """A kind of scene.

    Attributes:
        about: what it is, in one line.
        view: the camera.
        line: the line, on the floor.
        out_m, in_m: how far from the line walks begin and end, on either side.
        parties_per_min: how many parties come, at random moments (Poisson).
        sizes: shares of parties of one, two, three, four.
        abreast: share of parties that walk side by side; the others walk in file.
        ways: shares of the ways of walking.
        inwards: share of parties that come from the `out` side.
        pillars: what hides people.
        fixtures: what looks like people.
        zone: corners of an area on the floor.
    """

    about: str
    view: View
    line: Line
    out_m: float
    in_m: float
    parties_per_min: float
    sizes: tuple[float, ...]
    ways: Mapping[str, float]
    abreast: float = 0.7
    inwards: float = 0.5
    pillars: tuple[Pillar, ...] = ()
    fixtures: tuple[Fixture, ...] = ()
    zone: tuple[Spot, ...] = ((-2.0, 3.4), (2.0, 3.4), (2.0, 5.0), (-2.0, 5.0))


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What happened: who walked where from 0 to `duration_s`."""

    model: SceneModel
    walks: tuple[Walk, ...]
    duration_s: float


_DOOR: Final = Line((-1.2, 5.5), (1.2, 5.5))
_INDOORS: Final = View()
_SQUARE: Final = View(focal_px=700, mounted_m=5.0, horizon_px=-40)

SCENES: Final[Mapping[str, SceneModel]] = MappingProxyType({
    "sparse door": SceneModel(
        about="a door 2.4 m wide seen from inside, one party at a time",
        view=_INDOORS, line=_DOOR, out_m=3.5, in_m=2.6, parties_per_min=6, sizes=(0.75, 0.25),
        ways={"across": 0.6, "along": 0.15, "turn_back": 0.08, "peek": 0.07, "fast": 0.05, "round_end": 0.05},
    ),
    "busy door": SceneModel(
        about="the same door at noon: groups abreast and in file, both ways, who hide one another",
        view=_INDOORS, line=_DOOR, out_m=3.5, in_m=2.6, parties_per_min=24, sizes=(0.45, 0.33, 0.14, 0.08),
        ways={"across": 0.7, "along": 0.1, "turn_back": 0.06, "peek": 0.05, "fast": 0.05, "round_end": 0.04},
    ),
    "edge door": SceneModel(
        about="a door that opens at the line: people appear and vanish right at it",
        view=_INDOORS, line=_DOOR, out_m=3.5, in_m=2.6, parties_per_min=12, sizes=(0.7, 0.3),
        ways={"appear": 0.5, "vanish": 0.4, "along": 0.1},
    ),
    "crossroads": SceneModel(
        about="an open square seen from 5 m, a line 6 m long away from the camera, a lamp post beside it",
        view=_SQUARE, line=Line((0.0, 6.0), (0.0, 12.0)), out_m=7.0, in_m=7.0, parties_per_min=22,
        sizes=(0.6, 0.3, 0.1), pillars=(Pillar(spot=(0.4, 6.2), width_m=0.25),),
        ways={"across": 0.66, "turn_back": 0.1, "peek": 0.05, "fast": 0.05, "round_end": 0.07, "along": 0.07},
        zone=((-3.0, 7.0), (3.0, 7.0), (3.0, 11.0), (-3.0, 11.0)),
    ),
    "loiterers": SceneModel(
        about="a door where people wait on the line, peek and turn back, beside a mannequin",
        view=_INDOORS, line=_DOOR, out_m=3.5, in_m=2.6, parties_per_min=9, sizes=(0.7, 0.3),
        ways={"loiter": 0.45, "turn_back": 0.2, "peek": 0.15, "across": 0.2},
        fixtures=(Fixture(spot=(1.6, 5.3)),),
    ),
})  # fmt: skip


def draw_scene(name: str, *, seed: int, duration_s: float) -> Scene:
    """Return the scene `name` (a key of `SCENES`) with the people that `seed` draws.

    Raises:
        KeyError: no such scene.
    """
    model = SCENES[name]
    draw = np.random.default_rng([seed, *name.encode()])
    walks: list[Walk] = []
    start_s = float(draw.exponential(60 / model.parties_per_min))
    party = 0
    while start_s < duration_s:
        walks += _party(draw, model, start_s, party)
        party += 1
        start_s += float(draw.exponential(60 / model.parties_per_min))
    return Scene(model, tuple(walks), duration_s)


def _party(draw: Draw, model: SceneModel, start_s: float, number: int) -> list[Walk]:
    people = 1 + int(draw.choice(len(model.sizes), p=np.array(model.sizes) / sum(model.sizes)))
    names, shares = list(model.ways), np.array(list(model.ways.values()))
    rule = WAYS[names[int(draw.choice(len(names), p=shares / shares.sum()))]]
    side = -1 if draw.random() < model.inwards else 1
    gap = float(draw.uniform(*_ABREAST_M)) if draw.random() < model.abreast else 0.0
    speed_mps = float(np.clip(draw.normal(*_SPEED_MPS), *_SPEED_LIMITS))
    margin = 0.35 + gap * (people - 1) / 2
    path = way(rule(draw, Stage(model.line.length, model.out_m, model.in_m), side, margin), speed_mps)
    walks, late_s = [], 0.0
    for member in range(people):
        beside = gap * (member - (people - 1) / 2)
        # Nobody walks exactly in another's footsteps.
        places = path + np.array([beside, 0.0]) + draw.normal(0, 0.06 if gap else 0.15, 2)
        walks.append(_person(draw, model.line.floor(places), start_s + late_s, number))
        late_s += float(draw.uniform(*_FILE_S)) if not gap else float(draw.uniform(0, 0.25))
    return walks


def _person(draw: Draw, floor: Floats, start_s: float, party: int) -> Walk:
    # Nobody walks through the camera: who comes nearer than the picture shows stands at its lower edge.
    floor[:, 1] = np.maximum(floor[:, 1], 1.0)
    return Walk(
        start_s=round(start_s / STEP_S) * STEP_S,
        floor=floor,
        height_m=float(np.clip(draw.normal(*_HEIGHT_M), *_HEIGHT_LIMITS)),
        width=float(draw.uniform(*_WIDTH)),
        group=party,
    )
