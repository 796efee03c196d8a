"""One evaluation: clips × models × rates through our pipeline and, in the same run, through the rivals.

Per tool: `clips.{name}.{rate}.{truth,predicted,matched}` with how they come about, and `totals.{rate}` over all clips.
The first model's results stand at the top, every model's under `by_model`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from deploy.bench.machine import machine
from deploy.bench.rivals.client import RIVALS, RivalName, run_rival
from deploy.bench.rivals.job import Line
from deploy.errors import RivalError, TruthError
from deploy.evaluation.clips import Clip, Collection
from deploy.evaluation.ours import Followed, Watched, camera_for, count, everywhere, follow, half_height, size_of
from deploy.evaluation.scores import score_lines, score_occupancy, score_zone, total
from deploy.evaluation.tracking import load_tracks, score_tracks
from deploy.evaluation.truth import TrueLine, Truth
from edge.config import check_geometry
from edge.detection.opening import open_detector
from edge.detection.protocol import Detector
from edge.errors import ConfigError
from edge.geometry import Segment

Result = dict[str, Any]
#: Hears what is being done, how many frames of it are, and how many there are if known.
Hear = Callable[[str, int, int | None], None]
NO_TRUTH: Final = "no truth: counted at a line down the middle of the picture, with nothing to hold it against"
_FPS_MOST: Final = 120
#: Frames per second that differ by this share are another recording's.
_FPS_OFF: Final = 0.02
NO_LINES: Final = "its truth has no line: zones and occupancy only"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to evaluate. `python` runs the rivals instead of the environments that are made for them."""

    collection: Collection
    models: tuple[str, ...]
    rates: tuple[str, ...]
    rivals: bool = True
    python: Path | None = None


@dataclass(frozen=True, slots=True)
class _Scene:
    """One clip as it is counted: its lines (ours where the truth has none), its own rate."""

    clip: Clip
    lines: tuple[TrueLine, ...]
    size: tuple[int, int]
    fps: float
    frames: int | None

    def rate(self, word: str) -> float | None:
        """Return frames per second for `full` or a number; None: all."""
        return None if word == "full" else float(word)

    def step(self, word: str) -> float:
        """Return how many frames of the clip lie from one analysed frame to the next."""
        rate = self.rate(word)
        return max(1.0, self.fps / rate) if rate else 1.0


def rates_of(words: str) -> tuple[str, ...]:
    """Return the rates in `words`, such as `full,10,5`.

    Raises:
        TruthError: something else than `full` or a number above 0.
    """
    rates = tuple(word.strip() for word in words.split(","))
    for rate in rates:
        try:
            usable = rate == "full" or 0 < float(rate) <= _FPS_MOST
        except ValueError:
            usable = False
        if not usable:
            raise TruthError(
                f"--fps: expected `full` or frames per second up to {_FPS_MOST}, as in full,10,5; got {rate!r}"
            )
    return tuple(dict.fromkeys(rates))


def evaluate(plan: Plan, *, hear: Hear = lambda _what, _done, _all: None) -> Result:
    """Return everything that was counted and how it fits, ready for JSON.

    Raises:
        SourceError: a clip cannot be read.
        TruthError: the truth is about another picture size, draws something out of the picture, or its tracks cannot be
            read.
        DetectorError, ModelsError: a model is unknown, missing or failed.
    """
    scenes = [_scene(clip) for clip in plan.collection.clips]
    # A model that cannot be opened is told before the others have taken their time.
    detectors = {model: open_detector(model) for model in plan.models}
    by_model = {model: _evaluate_model(plan, scenes, model, detector, hear) for model, detector in detectors.items()}
    return {
        **by_model[plan.models[0]],
        "by_model": by_model,
        "models": list(plan.models),
        "rates": list(plan.rates),
        "clips": {scene.clip.name: _facts(scene) for scene in scenes},
        "truth_without_clip": [path.name for path in plan.collection.without_clip],
        "machine": machine(),
    }


def _scene(clip: Clip) -> _Scene:
    size, fps, frames = size_of(clip.path)
    truth = clip.truth
    if truth is not None and truth.size is not None and truth.size != size:
        raise TruthError(
            f"{truth.path}: `size`: expected that of its clip {clip.path.name}, {list(size)}, got {list(truth.size)}"
        )
    _check_frames(clip, frames)
    middle = size[0] / 2
    default = TrueLine("middle", Segment((middle, 0.0), (middle, float(size[1]))), "foot", None, None)
    lines = (default,) if truth is None else truth.lines
    if truth is not None:
        try:
            check_geometry(camera_for(clip, truth.lines, truth.zones), size)
        except ConfigError as error:
            raise TruthError(f"{truth.path}: {error}") from error
    return _Scene(clip, lines, size, fps or (truth.fps if truth else None) or 25.0, frames)


def _check_frames(clip: Clip, frames: int | None) -> None:
    """Check that the clip has the frames that its truth names; one past the last is its end."""
    for stated in clip.truth.frames if clip.truth and frames else ():
        if frames and stated.value > frames:
            raise stated.wrong(f"a frame of its clip {clip.path.name}, which has {frames}", stated.value)


def _doubts(scene: _Scene, truth: Truth) -> list[str]:
    """Return what of a truth file does not fit its clip, and does not keep it from being counted."""
    doubts = []
    file = scene.clip.path.name
    if truth.video and not truth.video.endswith(file):
        doubts.append(f"{truth.path.name}: `video` is {truth.video}; taken for {file} by its stem")
    if truth.fps and abs(truth.fps - scene.fps) > _FPS_OFF * scene.fps:
        doubts.append(
            f"{truth.path.name}: its frames per second are {truth.fps:g}, those of {file} {scene.fps:.3f}: its "
            "numbers of frames are taken for those of the clip"
        )
    return doubts


def _facts(scene: _Scene) -> Result:
    truth = scene.clip.truth
    notes = (
        [NO_TRUTH] if truth is None else [*truth.notes, *_doubts(scene, truth), *([] if truth.lines else [NO_LINES])]
    )
    return {
        "file": scene.clip.path.name,
        "truth": truth.path.name if truth else None,
        "size": list(scene.size),
        "fps": round(scene.fps, 3),
        "frames": scene.frames,
        "lines": {
            line.name: {"points": [line.segment.a, line.segment.b], "anchor": line.anchor} for line in scene.lines
        },
        "notes": notes,
    }


def _evaluate_model(plan: Plan, scenes: Sequence[_Scene], model: str, detector: Detector, hear: Hear) -> Result:
    ours: dict[str, dict[str, Result]] = {}
    theirs: dict[RivalName, dict[str, dict[str, Result]]] = {rival: {} for rival in RIVALS}
    reasons: dict[str, str] = {} if plan.rivals else dict.fromkeys(RIVALS, "left out, as was asked for")
    for scene in scenes:
        name = scene.clip.name
        ours[name] = _at_rates(plan, scene, detector, hear)
        lift = half_height(scene.clip.path, scene.lines, detector) if len(reasons) < len(RIVALS) else 0.0
        for rival in (rival for rival in RIVALS if rival not in reasons):
            what = f"{model} · {name} · {rival}"
            hear(what, 0, None)
            try:
                theirs[rival][name] = _theirs(
                    plan, scene, model=model, rival=rival, lift=lift, say=lambda what: hear(what, 0, None)
                )
            except RivalError as error:
                reasons[rival] = str(error)
    tools: Result = {"footfall": {"model": model, "clips": ours, "totals": _totals(ours, plan.rates)}}
    for rival, clips in theirs.items():
        tools[rival] = (
            None if rival in reasons else {"model": model, "clips": clips, "totals": _totals(clips, plan.rates)}
        )
    return tools | {"reasons": reasons}


def _at_rates(plan: Plan, scene: _Scene, detector: Detector, hear: Hear) -> dict[str, Result]:
    """Return what we count at each rate; one that the clip does not exceed is the clip's own: the same frames."""
    results: dict[str, Result] = {}
    by_step: dict[float, Result] = {}
    for rate in plan.rates:
        step = scene.step(rate)
        if step not in by_step:
            by_step[step] = _ours(plan, scene, "full" if step == 1 else rate, detector, hear)
        results[rate] = by_step[step]
    return results


def _ours(plan: Plan, scene: _Scene, rate: str, detector: Detector, hear: Hear) -> Result:
    truth = scene.clip.truth
    zones = truth.zones if truth else ()
    fps = scene.rate(rate)
    what = f"{detector.name} · {scene.clip.name} · {rate}"

    def progress(frame: int) -> None:
        hear(what, frame + 1, scene.frames)

    seen = count(scene.clip, scene.lines, zones, fps, detector=detector, hear=progress)
    result = _lines_of(scene, rate, [(each.line, each.frame, each.direction) for each in seen.result.crossings])
    result |= {"frames": seen.result.frames, "analysed_fps": round(seen.result.fps, 3)}
    result["zones"] = {
        zone.name: score_zone(
            zone,
            [visit for visit in seen.result.visits if visit.zone == zone.name],
            seen.inside[zone.name],
            fps=scene.fps,
        )
        for zone in zones
    }
    if truth and truth.occupancy:
        whole = everywhere(scene.size)
        # On its own: with everybody in a zone the motion gate would never rest.
        watched: Watched = count(scene.clip, (), (whole,), fps, detector=detector, hear=progress)
        result["occupancy"] = score_occupancy(truth.occupancy, watched.inside[whole.name])
    if truth and truth.tracks:
        followed = follow(scene.clip, fps, detector=detector, hear=progress)
        result["tracking"] = score_tracks(load_tracks(truth.tracks), followed, python=plan.python)
    return result


def _theirs(
    plan: Plan, scene: _Scene, *, model: str, rival: RivalName, lift: float, say: Callable[[str], None]
) -> dict[str, Result]:
    if not scene.lines:
        return {rate: _lines_of(scene, rate, []) for rate in plan.rates}
    words = [Line(line.name, line.segment.a, line.segment.b, line.anchor).word for line in scene.lines]
    file = scene.clip.truth.tracks if scene.clip.truth else None
    python = plan.python
    told = run_rival(
        rival, scene.clip.path, words, model, rates=plan.rates, lift=lift, tracks=bool(file), python=python, say=say
    )
    results = {}
    for rate, counted in told["rates"].items():
        crossings = [(each["line"], each["frame"], each["direction"]) for each in counted["crossings"]]
        results[rate] = _lines_of(scene, rate, crossings) | {"frames": counted["frames"], "versions": told["versions"]}
        if file:
            results[rate]["tracking"] = score_tracks(load_tracks(file), Followed.of(counted["tracks"]), python=python)
    return results


def _lines_of(scene: _Scene, rate: str, crossings: Sequence[tuple[str, int, Any]]) -> Result:
    counted = {
        line.name: [(float(frame), way) for name, frame, way in crossings if name == line.name] for line in scene.lines
    }
    return score_lines(scene.lines, counted, fps=scene.fps, step=scene.step(rate))


def _totals(clips: dict[str, dict[str, Result]], rates: Sequence[str]) -> Result:
    return {rate: total([clip[rate] for clip in clips.values()]) for rate in rates}
