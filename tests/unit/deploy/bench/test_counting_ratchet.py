"""Counting on simulated people: no cell of `tests/golden/tracks.json` may get worse."""

import pytest

from tests.support.track_ratchet import PLAN, known, measured


@pytest.mark.parametrize("scene", list(PLAN.duration_s))
def test_no_scene_is_counted_worse_than_before(scene: str) -> None:
    before, now = known(), measured(scene)
    worse = {
        name: f"{before[name]['errors']} → {cell['errors']} errors of {cell['n']}"
        for name, cell in now.items()
        if cell["errors"] > before[name]["errors"]
    }
    assert worse == {}, (
        "counting got worse on simulated people. `footfall bench counting` shows where. If there are fewer errors in "
        "all, `python -m tests.support.track_ratchet` takes the new figures; commit them, and say why"
    )


def test_the_ratchet_covers_every_cell_of_its_plan_with_enough_crossings() -> None:
    cells = known()
    assert len(cells) == PLAN.cells
    assert sum(cell["n"] for cell in cells.values()) > 800
