"""Ground truth: what a person saw in a clip, one JSON file per clip.

    {"video": "shop.mp4", "fps": 25, "size": [1920, 1080],
     "lines": [{"name": "door", "a": [600, 0], "b": [600, 431], "anchor": "foot",
                "left_to_right": 2, "right_to_left": 1,
                "crossings": [{"frame": 190, "direction": "left_to_right", "tol_frames": 4}]}],
     "zones": [{"name": "table", "polygon": [[360, 340], …], "anchor": "centre", "persons_inside_end": 1,
                "visits": [{"enter_frame": 72, "exit_frame": 187, "dwell_s": 11.5}],
                "occupancy_true": [{"frames": [0, 13], "persons": 2}]}],
     "occupancy_true": [{"frames": [14, 18], "persons": "2-3"}],
     "presence": [{"first_visible": 63, "last_visible": 198}]}

Only `a` and `b` of a line and `polygon` of a zone are needed; a line with totals and no `crossings` is held against
the totals alone. Frames count from 0. Unknown keys are left alone; one that looks like a known one is told. What is
stated and cannot be understood is refused: a guess would put a wrong figure into a table that people believe.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Final, TypeVar

from contract.types import Direction
from deploy.evaluation.reading import Node
from deploy.evaluation.words import anchor_of, direction_of, is_direction
from edge.config import Anchor
from edge.geometry import Place, Segment


@dataclass(frozen=True, slots=True)
class TrueCrossing:
    """One person crossed at `frame`, give or take `tol_frames` (None: not stated)."""

    frame: float
    direction: Direction
    tol_frames: float | None = None


@dataclass(frozen=True, slots=True)
class TrueLine:
    """A line and who crossed it.

    Attributes:
        crossings: one by one; None: only the totals are known.
        totals: how many in each direction; None: nothing is known.
    """

    name: str
    segment: Segment
    anchor: Anchor
    crossings: tuple[TrueCrossing, ...] | None
    totals: dict[Direction, int] | None


@dataclass(frozen=True, slots=True)
class TrueVisit:
    """One stay. `enter_frame` None: there from the start; `exit_frame` None: to the end; `dwell_s` None: not stated."""

    enter_frame: int | None
    exit_frame: int | None
    dwell_s: float | None


@dataclass(frozen=True, slots=True)
class TrueOccupancy:
    """From frame `first` to frame `last`, both included, at least `least` and at most `most` people are there."""

    first: int
    last: int
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class TrueZone:
    """An area, its stays (None: not stated) and how many people are in it."""

    name: str
    polygon: tuple[Place, ...]
    anchor: Anchor
    visits: tuple[TrueVisit, ...] | None
    occupancy: tuple[TrueOccupancy, ...]
    inside_end: int | None


_LINE_KEYS: Final = ("name", "a", "b", "points", "anchor", "tol_frames", "crossings")
_CROSSING_KEYS: Final = ("frame", "direction", "tol_frames")
_ZONE_KEYS: Final = ("name", "polygon", "anchor", "visits", "occupancy_true", "persons_inside_end")
_VISIT_KEYS: Final = ("enter_frame", "exit_frame", "dwell_s")

_Shape = TypeVar("_Shape", TrueLine, TrueZone)


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one clip. `occupancy` is of the whole picture; `tracks` is where box truth lies, or None.

    `frames` are the numbers of frames that are stated, each with its place in the file.
    """

    path: Path
    video: str | None
    fps: float | None
    size: tuple[int, int] | None
    lines: tuple[TrueLine, ...]
    zones: tuple[TrueZone, ...]
    occupancy: tuple[TrueOccupancy, ...]
    tracks: Path | None
    notes: tuple[str, ...] = ()
    frames: tuple[Node, ...] = ()

    @property
    def crossings(self) -> int | None:
        """How many crossings there are to find; None: no line says."""
        known = [sum(line.totals.values()) for line in self.lines if line.totals is not None]
        return sum(known) if known else None


def load_truth(path: Path) -> Truth:
    """Return the truth file at `path`.

    Raises:
        TruthError: not JSON, or something in it cannot be understood; names file, key, what was expected and what came.
    """
    root = Node.load(path)
    notes: list[str] = []
    fps = root.get("fps") or root.get("fps_header")
    size = root.get("size")
    notes += _slips(root)
    return Truth(
        path=path,
        video=video.text() if (video := root.get("video")) else None,
        fps=fps.number(least=0.01) if fps else None,
        size=(int(size.pair()[0]), int(size.pair()[1])) if size else None,
        lines=_named(tuple(_line(node, number, notes) for number, node in enumerate(root.items("lines"), start=1))),
        zones=_named(tuple(_zone(node, number) for number, node in enumerate(root.items("zones"), start=1))),
        occupancy=_occupancy(root) or _presence(root),
        tracks=_tracks(path, root),
        notes=tuple(notes),
        frames=tuple(_frames(root)),
    )


def _slips(root: Node) -> Iterator[str]:
    """Yield a note for each key that looks misspelt."""
    for line in root.items("lines"):
        yield from line.slips(_LINE_KEYS)
        for crossing in line.items("crossings"):
            yield from crossing.slips(_CROSSING_KEYS)
    for zone in root.items("zones"):
        yield from zone.slips(_ZONE_KEYS)
        for visit in zone.items("visits"):
            yield from visit.slips(_VISIT_KEYS)


def _frames(root: Node) -> Iterator[Node]:
    """Yield each number of a frame that is stated."""
    stays = [*root.items("zones"), root]
    stated = [each for line in root.items("lines") for each in line.items("crossings")]
    stated += [each for zone in root.items("zones") for each in zone.items("visits")]
    stated += [*root.items("presence"), *(each for stay in stays for each in stay.items("occupancy_true"))]
    for each in stated:
        for key in ("frame", "enter_frame", "exit_frame", "first_visible", "last_visible"):
            if (found := each.get(key)) is not None:
                yield found
        yield from each.items("frames")


def _line(node: Node, number: int, notes: list[str]) -> TrueLine:
    ends = node.need("points").points(least=2)[:2] if node.get("points") else None
    a, b = ends or (node.need("a").pair(), node.need("b").pair())
    if a == b:
        raise node.wrong("two different points", f"twice {list(a)}")
    segment = Segment(a, b)
    name = _name(node, f"line {number}")
    usual = node.get("tol_frames")
    crossings = tuple(_crossing(each, segment, usual) for each in node.items("crossings"))
    totals = _totals(node, segment)
    if node.get("crossings"):
        seen = {way: sum(each.direction == way for each in crossings) for way in ("in", "out")}
        if totals is not None and totals != seen:
            notes.append(f"{name}: its totals say {totals}, its crossings {seen}: the crossings are taken")
        totals = {"in": seen["in"], "out": seen["out"]}
    return TrueLine(name, segment, _anchor(node), crossings if node.get("crossings") else None, totals)


def _totals(node: Node, segment: Segment) -> dict[Direction, int] | None:
    stated = {key: node.need(key) for key in node.keys if is_direction(key)}
    if not stated:
        return None
    totals: dict[Direction, int] = {"in": 0, "out": 0}
    for key, value in stated.items():
        totals[direction_of(value, key, segment)] += int(value.number(least=0))
    return totals


def _crossing(node: Node, segment: Segment, usual: Node | None) -> TrueCrossing:
    way = node.need("direction")
    tolerance = node.get("tol_frames") or usual
    return TrueCrossing(
        frame=node.need("frame").number(least=0),
        direction=direction_of(way, way.text(), segment),
        tol_frames=tolerance.number(least=0) if tolerance else None,
    )


def _zone(node: Node, number: int) -> TrueZone:
    inside = node.get("persons_inside_end")
    return TrueZone(
        name=_name(node, f"zone {number}"),
        polygon=node.need("polygon").points(least=3),
        anchor=_anchor(node),
        visits=tuple(_visit(each) for each in node.items("visits")) if node.get("visits") else None,
        occupancy=_occupancy(node),
        inside_end=int(inside.number(least=0)) if inside else None,
    )


def _visit(node: Node) -> TrueVisit:
    start, end, dwell = node.get("enter_frame"), node.get("exit_frame"), node.get("dwell_s")
    enter = int(start.number(least=0)) if start else None
    return TrueVisit(
        enter_frame=enter,
        exit_frame=int(end.number(least=enter or 0)) if end else None,
        dwell_s=dwell.number(least=0) if dwell else None,
    )


def _occupancy(node: Node) -> tuple[TrueOccupancy, ...]:
    stated = []
    for each in node.items("occupancy_true"):
        one = each.get("frame")
        first, last = (one.number(least=0),) * 2 if one else each.need("frames").pair()
        least, most = each.need("persons").count_range()
        stated.append(TrueOccupancy(int(first), int(last), least, most))
    return tuple(stated)


def _presence(root: Node) -> tuple[TrueOccupancy, ...]:
    """Return how many people are visible, stretch by stretch, from when each was."""
    spans = [
        (int(each.need("first_visible").number(least=0)), int(each.need("last_visible").number(least=0)))
        for each in root.items("presence")
    ]
    changes = sorted({first for first, _ in spans} | {last + 1 for _, last in spans})
    stretches = pairwise(changes)
    counted = ((first, end, sum(a <= first <= b for a, b in spans)) for first, end in stretches)
    return tuple(TrueOccupancy(first, end - 1, people, people) for first, end, people in counted)


def _tracks(path: Path, root: Node) -> Path | None:
    """Return where box truth lies: the file that `tracks` names, else MOTChallenge files beside this one."""
    stated = root.get("tracks")
    if stated:
        named = path.parent / stated.text()
        if not named.is_file():
            raise stated.wrong("a MOTChallenge file beside this one", str(named))
        return named
    stem = path.with_suffix("")
    usual = (stem.with_name(f"{stem.name}.mot.txt"), stem.with_name(f"{stem.name}.gt.txt"), stem / "gt" / "gt.txt")
    return next((each for each in usual if each.is_file()), None)


def _anchor(node: Node) -> Anchor:
    stated = node.get("anchor")
    return anchor_of(stated, stated.text()) if stated else "foot"


def _name(node: Node, default: str) -> str:
    stated = node.get("name")
    return stated.text() if stated else default


def _named(shapes: tuple[_Shape, ...]) -> tuple[_Shape, ...]:
    """Return `shapes` with names that occur once: the pipeline tells lines and zones apart by name."""
    seen: dict[str, int] = {}
    unique = []
    for shape in shapes:
        seen[shape.name] = times = seen.get(shape.name, 0) + 1
        unique.append(shape if times == 1 else replace(shape, name=f"{shape.name} ({times})"))
    return tuple(unique)
