"""Truth files: what is read from them, what is left alone, and what is refused."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.errors import TruthError
from deploy.evaluation.clips import collect
from deploy.evaluation.truth import TrueOccupancy, Truth, load_truth

UPRIGHT = {"a": [340, 180], "b": [340, 370]}
FLAT = {"a": [0, 250], "b": [560, 250]}


def truth(folder: Path, name: str = "clip.json", **content: Any) -> Truth:
    path = folder / name
    path.write_text(json.dumps(content))
    return load_truth(path)


def directions(folder: Path, line: dict[str, Any], *words: str) -> list[str]:
    crossings = [{"frame": 1, "direction": word} for word in words]
    [found] = truth(folder, lines=[line | {"crossings": crossings}]).lines
    return [each.direction for each in found.crossings or ()]


def test_words_of_direction_mean_in_towards_the_right_hand_of_who_walks_from_a_to_b(tmp_path: Path) -> None:
    assert directions(tmp_path, UPRIGHT, "right_to_left", "left_to_right", "in", "out") == ["in", "out", "in", "out"]
    assert directions(tmp_path, FLAT, "down", "up", "Top-to-bottom", "upward") == ["in", "out", "in", "out"]
    turned = {"a": UPRIGHT["b"], "b": UPRIGHT["a"]}
    assert directions(tmp_path, turned, "right_to_left", "left_to_right") == ["out", "in"]


@pytest.mark.parametrize(
    ("word", "anchor"),
    [
        ("bbox centre", "centre"),
        ("Center", "centre"),
        ("bbox bottom-centre", "foot"),
        ("bottom_center", "foot"),
        ("foot", "foot"),
        (None, "foot"),
    ],
)
def test_the_counted_point_is_named_in_many_ways(tmp_path: Path, word: str | None, anchor: str) -> None:
    assert truth(tmp_path, lines=[UPRIGHT | {"anchor": word}]).lines[0].anchor == anchor


def test_totals_alone_are_enough_and_crossings_overrule_them(tmp_path: Path) -> None:
    alone = truth(tmp_path, lines=[UPRIGHT | {"left_to_right": 12, "right_to_left": 15}])
    assert (alone.lines[0].totals, alone.lines[0].crossings, alone.crossings) == ({"in": 15, "out": 12}, None, 27)
    both = truth(tmp_path, lines=[UPRIGHT | {"in": 3, "crossings": [{"frame": 1, "direction": "in"}]}])
    assert (both.lines[0].totals, len(both.notes)) == ({"in": 1, "out": 0}, 1)


def test_a_line_that_says_nothing_about_crossings_is_no_truth_of_zero(tmp_path: Path) -> None:
    assert truth(tmp_path, lines=[UPRIGHT]).crossings is None
    assert truth(tmp_path, lines=[UPRIGHT | {"crossings": []}]).crossings == 0


def test_occupancy_is_stated_or_follows_from_who_was_visible_when(tmp_path: Path) -> None:
    stretches = [{"frames": [0, 13], "persons": 2}, {"frames": [14, 18], "persons": "2-3 (a third enters)"}]
    assert truth(tmp_path, occupancy_true=stretches).occupancy == (
        TrueOccupancy(0, 13, 2, 2),
        TrueOccupancy(14, 18, 2, 3),
    )
    spans = [{"first_visible": 5, "last_visible": 9}, {"first_visible": 8, "last_visible": 12}]
    assert [(each.first, each.last, each.least) for each in truth(tmp_path, presence=spans).occupancy] == [
        (5, 7, 1),
        (8, 9, 2),
        (10, 12, 1),
    ]


def test_a_tolerance_may_stand_at_the_line_or_at_the_crossing(tmp_path: Path) -> None:
    crossings = [{"frame": 1, "direction": "in"}, {"frame": 2, "direction": "in", "tol_frames": 9}]
    [line] = truth(tmp_path, lines=[UPRIGHT | {"tol_frames": 3, "crossings": crossings}]).lines
    assert [each.tol_frames for each in line.crossings or ()] == [3, 9]


def test_a_stay_may_begin_before_the_clip_and_end_after_it(tmp_path: Path) -> None:
    zone = {"polygon": [[0, 0], [9, 0], [9, 9]], "visits": [{"exit_frame": 40}, {"enter_frame": 50}]}
    [found] = truth(tmp_path, zones=[zone]).zones
    assert [(each.enter_frame, each.exit_frame) for each in found.visits or ()] == [(None, 40), (50, None)]


def test_names_that_occur_twice_are_told_apart_and_missing_ones_are_given(tmp_path: Path) -> None:
    lines = [UPRIGHT | {"name": "door"}, FLAT | {"name": "door"}, FLAT]
    assert [line.name for line in truth(tmp_path, lines=lines).lines] == ["door", "door (2)", "line 3"]


def test_unknown_keys_are_left_alone(tmp_path: Path) -> None:
    assert truth(tmp_path, weather="rain", lines=[UPRIGHT | {"colour": "red"}]).lines[0].crossings is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"lines": [{"a": [1, 2]}]}, r"`lines\[0\]`: expected a key `b`, got only a"),
        ({"lines": [{"a": [1, 2], "b": [1, 2]}]}, "two different points"),
        ({"lines": [UPRIGHT | {"anchor": "nose"}]}, r"`lines\[0\].anchor`: expected .* got nose"),
        ({"lines": [UPRIGHT | {"crossings": [{"frame": 3}]}]}, r"crossings\[0\]`: expected a key `direction`"),
        (
            {"lines": [UPRIGHT | {"crossings": [{"frame": "x", "direction": "in"}]}]},
            r"`lines\[0\].crossings\[0\].frame`: expected a number, got \"x\"",
        ),
        ({"lines": [UPRIGHT | {"crossings": [{"frame": 3, "direction": "sideways"}]}]}, "one of left_to_right"),
        ({"lines": [UPRIGHT | {"up": 3}]}, "up, which runs along it"),
        ({"lines": [UPRIGHT | {"in": -1}]}, "at least 0, got -1"),
        ({"lines": {"door": UPRIGHT}}, r"`lines`: expected a list"),
        ({"zones": [{"polygon": [[0, 0], [1, 1]]}]}, "at least 3 points, got 2"),
        ({"zones": [{"polygon": [[0, 0], [1, 1], [2]]}]}, r"two numbers, \[x, y\], got \[2\]"),
        ({"occupancy_true": [{"frames": [0, 1], "persons": "some"}]}, "a number of people"),
        ({"tracks": "gone.txt"}, "a MOTChallenge file beside this one"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(
    tmp_path: Path, content: dict[str, Any], told: str
) -> None:
    with pytest.raises(TruthError, match=told) as refused:
        truth(tmp_path, **content)
    assert "clip.json" in str(refused.value)


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_a_file_that_is_no_json_object_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "clip.json").write_text(text, encoding="latin-1")
    with pytest.raises(TruthError, match=r"clip\.json: expected"):
        load_truth(tmp_path / "clip.json")


def folders(tmp_path: Path, videos: list[str], truths: dict[str, dict[str, Any]]) -> tuple[Path, Path]:
    clips, facts = tmp_path / "clips", tmp_path / "truth"
    for folder in (clips, facts):
        folder.mkdir()
    for video in videos:
        (clips / video).parent.mkdir(exist_ok=True)
        (clips / video).touch()
    for name, content in truths.items():
        (facts / name).write_text(json.dumps(content))
    return clips, facts


def test_a_truth_file_finds_its_clip_by_the_name_it_states_else_by_its_own(tmp_path: Path) -> None:
    videos = ["shop.mp4", "aisle.gif", "other.avi", "sub/deep.mkv"]
    truths = {
        "monday.json": {"video": "D:\\films\\shop.mp4"},
        "aisle.json": {"video": "video/preview_of_aisle.gif"},
        "deep.json": {},
        "gone.json": {"video": "gone.mp4"},
    }
    found = collect(*folders(tmp_path, videos, truths))
    named = {clip.name: clip.truth.path.name if clip.truth else None for clip in found.clips}
    assert named == {"aisle": "aisle.json", "other": None, "shop": "monday.json", "deep": "deep.json"}
    assert [path.name for path in found.without_clip] == ["gone.json"]


def test_clips_of_one_stem_keep_their_whole_names(tmp_path: Path) -> None:
    found = collect(*folders(tmp_path, ["a.mp4", "a.avi"], {"a.json": {"video": "a.mp4"}}))
    assert [clip.name for clip in found.clips] == ["a.avi", "a.mp4"]


@pytest.mark.parametrize(
    ("videos", "truths", "told"),
    [
        ([], {"a.json": {}}, "expected videos"),
        (["a.mp4"], {}, "expected truth files"),
        (["a.mp4"], {"b.json": {}}, "none of the 1 truth files"),
        (["a.mp4"], {"a.json": {}, "b.json": {"video": "a.mp4"}}, "a clip of its own"),
    ],
)
def test_folders_that_do_not_fit_are_refused(
    tmp_path: Path, videos: list[str], truths: dict[str, dict[str, Any]], told: str
) -> None:
    with pytest.raises(TruthError, match=told):
        collect(*folders(tmp_path, videos, truths))


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(TruthError, match="nowhere: no such folder of clips"):
        collect(tmp_path / "nowhere", tmp_path)
