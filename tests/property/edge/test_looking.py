"""Resting the detector loses no crossing of simulated people, filmed with a detector's faults at several rates."""

import pytest

from deploy.simulation.tracks.detector import Faults
from deploy.simulation.tracks.film import film
from deploy.simulation.tracks.scenes import draw_scene
from deploy.simulation.tracks.scoring import score
from deploy.simulation.tracks.truth import crossings
from tests.support.drawn_films import counted

SEED = 7


def errors(name: str, duration_s: float, fps: float) -> tuple[int, int, float]:
    """Return errors without and with the gate, and the share of frames that were looked at with it."""
    scene = draw_scene(name, seed=SEED, duration_s=duration_s)
    filmed = film(scene, fps=fps, faults=Faults(recall=0.95), seed=SEED)
    truth = crossings(scene)
    plain, _ = counted(scene, filmed, gate=False)
    spared, share = counted(scene, filmed, gate=True)
    return score(scene, truth, plain).total, score(scene, truth, spared).total, share


@pytest.mark.parametrize("fps", [10.0, 5.0])
def test_at_a_door_that_is_mostly_empty_half_the_looks_lose_nothing(fps: float) -> None:
    plain, spared, share = errors("sparse door", 180, fps)
    assert spared <= plain
    assert share < 0.8


@pytest.mark.slow
@pytest.mark.parametrize("fps", [25.0, 10.0, 5.0])
@pytest.mark.parametrize("name", ["sparse door", "busy door", "edge door", "crossroads"])
def test_no_scene_of_walkers_loses_by_it(name: str, fps: float) -> None:
    plain, spared, _ = errors(name, 200, fps)
    assert spared <= plain
