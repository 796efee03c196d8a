"""Following against box truth: MOTChallenge files are read, TrackEval's figures come back, a missing one is null."""

from pathlib import Path

import numpy as np
import pytest

from deploy.bench.rivals.environment import environments_folder, interpreter
from deploy.errors import TruthError
from deploy.evaluation.ours import Followed
from deploy.evaluation.tracking import Boxes, load_tracks, score_tracks


def walkers(*numbers: int, frames: int = 20) -> dict[int, Boxes]:
    """People who walk side by side, one every 100 pixels."""
    return {
        frame: (
            np.array(numbers),
            np.array([[100.0 * row, frame, 100 * row + 40, frame + 100] for row in range(len(numbers))]),
        )
        for frame in range(frames)
    }


def followed(boxes: dict[int, Boxes]) -> Followed:
    return Followed([(frame, ids.astype(np.int64), xyxy.astype(np.float32)) for frame, (ids, xyxy) in boxes.items()])


def test_a_motchallenge_file_counts_frames_and_pixels_from_one(tmp_path: Path) -> None:
    path = tmp_path / "clip.mot.txt"
    path.write_text("1,7,11,21,40,100,1,1,1\n\n1,8,111,21,40,100,0,1,1\n1,9,211,21,40,100,1,3,1\n3,7,12,22,40,100\n")
    tracks = load_tracks(path)
    assert sorted(tracks) == [0, 2]
    assert tracks[0][0].tolist() == [7], "what does not count, and what is no pedestrian, is left out"
    assert tracks[0][1].tolist() == [[10, 20, 50, 120]]


@pytest.mark.parametrize("row", ["1,2,3", "a,b,c,d,e,f"])
def test_a_row_that_is_no_box_is_refused(tmp_path: Path, row: str) -> None:
    path = tmp_path / "clip.mot.txt"
    path.write_text(f"1,7,11,21,40,100\n{row}\n")
    with pytest.raises(TruthError, match=r"clip\.mot\.txt: line 2: expected frame,id,"):
        load_tracks(path)


def test_without_trackeval_the_figures_are_null_with_a_reason(tmp_path: Path) -> None:
    scored = score_tracks(walkers(1), followed(walkers(1)), python=tmp_path / "nowhere")
    assert (scored["HOTA"], scored["IDF1"]) == (None, None)
    assert "nowhere cannot be run" in scored["reason"]


def check_figures(python: Path) -> None:
    true = walkers(1, 2)
    exact = score_tracks(true, followed(walkers(5, 9)), python=python)
    assert (exact["HOTA"], exact["IDF1"], exact["MOTA"], exact["boxes"]) == (1.0, 1.0, 1.0, 40)

    half = score_tracks(true, followed(walkers(5)), python=python)
    assert (half["IDP"], half["IDR"], half["id_switches"]) == (1.0, 0.5, 0)

    # After half of the clip the two are taken for each other.
    swapped = {frame: (ids[::-1] if frame >= 10 else ids, xyxy) for frame, (ids, xyxy) in walkers(5, 9).items()}
    mixed = score_tracks(true, followed(swapped), python=python)
    assert (mixed["IDF1"], mixed["DetA"], mixed["id_switches"]) == (0.5, 1.0, 2)
    assert mixed["HOTA"] < 0.8


def test_figures_are_trackevals_where_it_is_installed() -> None:
    home = environments_folder() / "trackeval"
    if not (home / "footfall-installed.txt").is_file():
        pytest.skip(f"TrackEval is not in {home}: `footfall models evaluate` puts it there when it is needed")
    check_figures(home / "bin" / "python")


@pytest.mark.slow
def test_trackeval_is_installed_on_demand(tmp_path: Path) -> None:
    told: list[str] = []
    check_figures(interpreter("trackeval", folder=tmp_path, say=told.append))
    assert told == [f"installing trackeval into {tmp_path / 'trackeval'}, once"]
    interpreter("trackeval", folder=tmp_path, say=told.append)
    assert len(told) == 1
