"""The proposer on synthetic people with known doors: a line just inside each, the right way round, none elsewhere."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from edge.config import CameraConfig, LineConfig
from edge.counting.lines import LineCounter
from edge.detections import Detections
from edge.errors import NobodySeenError
from edge.events import LineCrossed
from edge.frames import Frame
from edge.geometry import Place, Segment
from edge.linting.scene import given_people
from edge.linting.site import lint_camera
from edge.proposing.comparing import compare
from edge.proposing.drawing import draw
from edge.proposing.lines import Proposal, propose
from edge.proposing.observing import Observed, Observer
from edge.proposing.watching import watch
from edge.tracking.bytetrack import ByteTrack
from edge.tracking.protocol import Tracks
from tests.support.scenes import START, detections

SIZE = (640, 480)
FPS = 10
PERSON = 100.0
SPEED = 80.0


class Walk:
    """A person 100 px tall who walks through `places` at 0.8 heights a second from `at_s` on."""

    def __init__(self, at_s: float, *places: Place) -> None:
        self.at_s = at_s
        self.places = places
        lengths = [float(np.hypot(b[0] - a[0], b[1] - a[1])) for a, b in pairwise(places)]
        self.ends_s = [at_s + sum(lengths[:number]) / SPEED for number in range(len(places))]

    def foot(self, time_s: float) -> Place | None:
        if not self.ends_s[0] <= time_s <= self.ends_s[-1]:
            return None
        x, y = (np.interp(time_s, self.ends_s, [place[axis] for place in self.places]) for axis in (0, 1))
        return float(x), float(y)


def boxes(walks: Sequence[Walk], time_s: float, hidden: Sequence[float] = ()) -> Detections:
    """Boxes of who is seen, cut off by the picture; nobody whose middle is between the two x of `hidden`."""
    feet = [foot for walk in walks if (foot := walk.foot(time_s)) is not None]
    feet = [foot for foot in feet if not hidden or not hidden[0] < foot[0] < hidden[1]]
    seen = detections(feet, height=PERSON)
    xyxy = np.clip(seen.xyxy, 0, [*SIZE, *SIZE]).astype(np.float32)
    visible = (xyxy[:, 2] - xyxy[:, 0] > 10) & (xyxy[:, 3] - xyxy[:, 1] > 35)
    return Detections(xyxy[visible], seen.score[visible])


def tracks_of(walks: Sequence[Walk], **settings: Any) -> Iterator[tuple[float, Tracks]]:
    tracker = ByteTrack(0.4)
    for frame in range(round((max(walk.ends_s[-1] for walk in walks) + 3) * FPS)):
        yield frame / FPS, tracker.update(boxes(walks, frame / FPS, **settings), frame / FPS)


def observed(walks: Sequence[Walk], **settings: Any) -> Observed:
    observer = Observer(SIZE)
    for time_s, tracks in tracks_of(walks, **settings):
        observer.update(tracks, time_s)
    return observer.observed()


def crossings(line: LineConfig, walks: Sequence[Walk]) -> tuple[int, int]:
    """In and out that the real counter counts on a proposed line."""
    counter = LineCounter(line.name, Segment(*line.points), line.anchor or "foot")
    events = [item.event for time_s, tracks in tracks_of(walks) for item in counter.update(tracks, 0, time_s)]
    events += [item.event for item in counter.cut(1e9)]
    inward = [event.direction == "in" for event in events if isinstance(event, LineCrossed)]
    return sum(inward), len(inward) - sum(inward)


def through_left(count: int, *, out: bool = False, start_s: float = 0.0) -> list[Walk]:
    """People over the left edge, at heights of 250 to 350, to a place in the middle where they go behind a wall."""
    ways = [[(-40.0, 250.0 + 100 * number / max(1, count - 1)), (420.0, 300.0)] for number in range(count)]
    return [Walk(start_s + 8 * number, *(way[::-1] if out else way)) for number, way in enumerate(ways)]


def the_one(proposals: list[Proposal]) -> Proposal:
    (proposal,) = proposals
    return proposal


def test_a_door_at_the_left_edge_gets_one_line_just_inside_across_the_walk_with_in_to_the_right() -> None:
    walks = through_left(5)
    walks += [Walk(walk.ends_s[-1] + 60, *walk.places[::-1]) for walk in walks[:3]]
    # Where they turn round inside differs for each: that is no door.
    for number, walk in enumerate(walks):
        spot = (300.0 + 60 * (number % 5), 180.0 + 60 * ((number * 2) % 5))
        walk.places = (walk.places[0], spot) if number < 5 else (spot, walk.places[-1])
    proposal = the_one([one for one in propose(observed(walks)) if one.at_edge])
    (x0, y0), (x1, y1) = proposal.line.points
    assert x0 == x1
    assert 20 < x0 < 80, "within a body height of the edge"
    assert min(y0, y1) <= 250
    assert max(y0, y1) >= 350
    assert Segment((x0, y0), (x1, y1)).side((600, 300)) > 0
    assert (proposal.came_in, proposal.went_out) == (5, 3)
    assert proposal.problems == ()
    assert crossings(proposal.line, walks) == (5, 3)


def test_people_who_walk_through_get_a_line_at_either_end() -> None:
    walks = [Walk(10 * number, (-40, 300), (680, 320)) for number in range(4)]
    walks += [Walk(60 + 10 * number, (680, 330), (-40, 290)) for number in range(3)]
    left, right = sorted(propose(observed(walks)), key=lambda one: one.line.points[0][0])
    assert (left.came_in, left.went_out) == (4, 3)
    assert (right.came_in, right.went_out) == (3, 4)
    assert crossings(left.line, walks) == (4, 3)
    assert crossings(right.line, walks) == (3, 4)


def test_where_the_lower_edge_hides_the_feet_the_middle_of_the_body_counts() -> None:
    walks = [Walk(12 * number, (300.0 + 15 * number, 560), (60.0 + 90 * number, 300)) for number in range(6)]
    proposal = the_one([one for one in propose(observed(walks)) if one.at_edge])
    assert proposal.line.anchor == "centre"
    assert Segment(*proposal.line.points).side((320, 200)) > 0, "`in` leads up, into the picture"
    assert proposal.came_in == 6
    assert crossings(proposal.line, walks) == (6, 0)


def test_a_door_in_the_middle_of_the_picture_is_found_and_said_to_be_there() -> None:
    """A door in the back wall: people come out of it towards the camera and fan out over the floor."""
    walks = [Walk(5 + 12 * number, (320, 200), (90.0 + 65 * number, 400 + 20 * (number % 3))) for number in range(8)]
    proposal = max(propose(observed(walks)), key=lambda one: one.came_in)
    assert not proposal.at_edge
    (x0, y0), (x1, y1) = proposal.line.points
    assert 200 < (y0 + y1) / 2 < 320
    assert min(x0, x1) < 320 < max(x0, x1)
    assert Segment((x0, y0), (x1, y1)).side((320, 460)) > 0
    assert proposal.came_in == 8


def close_by(feet: Sequence[float]) -> Observed:
    """People 380 px tall in 768 x 432 who come over the lower edge and leave over the right one, with `feet` there.

    The picture hides feet that are lower than 432.
    """
    observer = Observer((768, 432))
    observer.update(Tracks(np.zeros(0, np.int64), np.zeros((0, 4), np.float32), np.zeros(0, np.bool_)), -1.0)
    for number, foot in enumerate(feet):
        times, xs, ys = [0.0, 1.6, 5.0], [240.0 + 15 * number, 400.0, 730.0], [530.0 + 8 * number, 392.0, foot]
        for time_s in np.arange(0, 5.05, 1 / FPS):
            x, y = np.interp(time_s, times, xs), np.interp(time_s, times, ys)
            box = np.array([[x - 80, y - 380, x + 80, y]], np.float32)
            observer.update(Tracks(np.array([number]), box, np.ones(1, np.bool_)), 10.0 * number + float(time_s))
        gone = Tracks(np.zeros(0, np.int64), np.zeros((0, 4), np.float32), np.zeros(0, np.bool_), (number,))
        observer.update(gone, 10.0 * number + 5.2)
    return observer.observed()


def test_one_exit_where_the_feet_of_some_are_hidden_gets_one_line_that_counts_them_all() -> None:
    """Those whose feet are seen and those whose feet are cut off made two doors, both counting each walker."""
    seen = close_by([400, 410, 405, 470, 455, 515])
    found = {(one.came_in, one.went_out): one for one in propose(seen)}
    assert sorted(found) == [(0, 6), (6, 0)]
    assert found[0, 6].line.anchor == "centre"


@pytest.mark.parametrize("person_px", [None, 350, 380])
def test_what_is_proposed_passes_its_own_linter_however_tall_people_are_said_to_be(person_px: float | None) -> None:
    seen = close_by([400, 410, 405, 470, 455, 515])
    proposals = propose(seen)
    assert [one.problems for one in proposals] == [(), ()]
    camera = CameraConfig(name="c", source="x", lines=tuple(one.line for one in proposals))
    people = given_people(person_px) if person_px else None
    assert lint_camera(camera, seen.size, people=people) == []


def test_a_pillar_that_hides_people_is_no_door() -> None:
    walks = [Walk(10 * number, (-40, 300), (680, 300)) for number in range(6)]
    walks += [Walk(100 + 10 * number, (680, 340), (-40, 340)) for number in range(6)]
    proposals = propose(observed(walks, hidden=(280, 400)))
    assert len(proposals) == 2
    assert all(one.at_edge for one in proposals)


def test_a_poster_that_is_taken_for_a_person_is_no_door() -> None:
    observer = Observer(SIZE)
    for frame in range(300):
        on = frame % 30 < 20
        ended = () if on else (frame // 30,)
        box = np.array([[300, 200, 340, 300]], np.float32)[: int(on)]
        ids = np.array([frame // 30])[: int(on)]
        observer.update(Tracks(ids, box, np.ones(int(on), np.bool_), ended), frame / FPS)
    assert observer.people == 10
    assert propose(observer.observed()) == []


def test_what_the_observer_keeps_does_not_grow_with_the_time() -> None:
    observer = Observer(SIZE)
    for number in range(6_000):
        for step in range(3):
            box = np.array([[100 + 60 * step, 200, 140 + 60 * step, 300]], np.float32)
            observer.update(Tracks(np.array([number]), box, np.ones(1, np.bool_)), number + step / 3)
        observer.update(Tracks(np.zeros(0, np.int64), box[:0], np.zeros(0, np.bool_), (number,)), number + 0.9)
    assert len(observer._walkers) == 0
    assert len(observer._trips) == 5_000


def test_heights_are_learnt_by_depth() -> None:
    observer = Observer(SIZE)
    for frame in range(120):
        y, height = 200 + 2 * frame, 40 + 0.5 * frame
        box = np.array([[300, y - height, 300 + height * 0.4, y]], np.float32)
        observer.update(Tracks(np.array([1]), box, np.ones(1, np.bool_)), frame / FPS)
    people = observer.observed().people
    assert people.origin == "observed"
    assert people.height((0, 300)) == pytest.approx(65, abs=1)
    assert people.height((0, 0)) == pytest.approx(40, abs=1), "nobody was seen further back"


def test_nobody_seen_is_said() -> None:
    with pytest.raises(NobodySeenError, match=r"nobody was seen in 2 seconds\. Watch while people come and go"):
        watch(Footage(20), Finder([]), ByteTrack(0.4), seconds=60)


def test_a_watch_ends_when_its_time_is_over_and_ctrl_c_keeps_what_was_seen() -> None:
    walks = [Walk(0, (100, 300), (600, 300))]
    seen = watch(Footage(100), Finder(walks), ByteTrack(0.4), seconds=5)
    assert seen.seconds == pytest.approx(5, abs=0.2)
    seen = watch(Footage(100, interrupted_at=30), Finder(walks), ByteTrack(0.4), seconds=60)
    assert seen.seconds == pytest.approx(2.9, abs=0.2)


def test_lines_of_a_site_are_compared_with_the_proposed_ones() -> None:
    walks = [Walk(10 * number, (-40, 300), (680, 320)) for number in range(4)]
    proposals = propose(observed(walks))
    left = min(proposals, key=lambda one: one.line.points[0][0]).line
    (a, b) = left.points
    lines = (
        LineConfig(name="same", points=(a, b)),
        LineConfig(name="swapped", points=(b, a), door="b"),
        LineConfig(name="turned", points=((a[0] - 20, 300), (a[0] + 60, 310)), door="c"),
        LineConfig(name="away", points=((300, 60), (340, 60)), door="d"),
        LineConfig(name="street", points=(a, b), role="pass_by"),
    )
    found = compare(CameraConfig(name="c", source="x", lines=lines), proposals)
    assert {one.line: one.verdict for one in found} == {
        "same": "agrees", "swapped": "other_way_round", "turned": "differs", "away": "elsewhere",
    }  # fmt: skip
    assert found[0].proposal == left.name
    assert compare(CameraConfig(name="c", source="x", lines=lines[:1]), [])[0].verdict == "elsewhere"


def test_the_drawing_holds_lines_and_heat_and_no_picture() -> None:
    seen = observed([Walk(10 * number, (-40, 300), (680, 320)) for number in range(4)])
    own = LineConfig(name="mine", points=((10, 10), (200, 200)))
    svg = draw(seen, propose(seen), (own,))
    assert svg.startswith("<svg")
    assert "door-1: " in svg
    assert "mine" in svg
    assert "stroke-dasharray" in svg
    assert not re.search(r"<image|href|base64|data:", svg)


class Footage:
    """A source of `frames` grey pictures at 10 frames a second."""

    size = SIZE
    fps = float(FPS)
    frame_count: int | None = None

    def __init__(self, frames: int, *, interrupted_at: int | None = None) -> None:
        self._frames = frames
        self._interrupted_at = interrupted_at

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self._frames):
            if index == self._interrupted_at:
                raise KeyboardInterrupt
            yield Frame(np.full((1, 1, 3), index, np.uint8), index, index / FPS, START)

    def close(self) -> None:
        pass


class Finder:
    """A detector that knows where everybody is; the picture's first value is the number of the frame."""

    name = "finder"
    confidence = 0.4

    def __init__(self, walks: Sequence[Walk]) -> None:
        self._walks = walks

    def detect(self, image: Any) -> Detections:
        return boxes(self._walks, int(image[0, 0, 0]) / FPS)

    def reset(self) -> None:
        pass
