"""Scores: how what was counted in a clip at a rate fits its truth, as plain data ready for JSON.

None stands for what is not known: no truth, or nothing to divide by.
"""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from analytics.statistics.intervals import wilson
from contract.types import Direction
from deploy.evaluation.matching import Crossing, Kind, Match, match, match_totals
from deploy.evaluation.truth import TrueLine, TrueOccupancy, TrueVisit, TrueZone
from edge.events import ZoneLeft

WAYS: Final[tuple[Direction, Direction]] = ("in", "out")
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
#: Of a crossing whose truth states no tolerance: what a person who reads frames one by one may be off, in seconds.
DEFAULT_TOLERANCE_S: Final = 0.5


def score_lines(
    lines: Sequence[TrueLine], counted: Mapping[str, Sequence[tuple[float, Direction]]], *, fps: float, step: float
) -> dict[str, Any]:
    """Return truth, predicted and matched of a clip, and line by line how they come about.

    `counted` holds (frame, direction) by line; `fps` is the clip's own rate, and `step` the frames from one analysed
    frame to the next: where frames are left out, a crossing may be seen so much later.
    """
    rows = {line.name: _score_line(line, counted.get(line.name, ()), fps, step) for line in lines}
    known = [row for row in rows.values() if row["truth"] is not None]
    return {
        "truth": sum(row["truth"] for row in known) if known else None,
        "predicted": sum(row["predicted"] for row in known or rows.values()) if rows else None,
        "matched": sum(row["matched"] for row in known) if known else None,
        **{kind: sum(row[way][kind] for row in known for way in WAYS) if known else None for kind in KINDS},
        "lines": rows,
    }


def _score_line(line: TrueLine, counted: Sequence[tuple[float, Direction]], fps: float, step: float) -> dict[str, Any]:
    guesses = [Crossing(frame, way) for frame, way in counted]
    row: dict[str, Any] = {"truth": None, "predicted": len(guesses), "matched": None, "timed": False}
    if line.totals is None:
        return row | {way: {"predicted": sum(each.direction == way for each in guesses)} for way in WAYS}
    row["truth"] = sum(line.totals.values())
    if line.crossings is None:
        row["matched"], _ = match_totals(line.totals, guesses)
        return row | {way: _totals_only(line.totals, guesses, way) for way in WAYS}
    late = step if step > 1 else 0.0
    default = DEFAULT_TOLERANCE_S * fps
    facts = [
        Crossing(each.frame, each.direction, (default if each.tol_frames is None else each.tol_frames) + late)
        for each in line.crossings
    ]
    found = match(facts, guesses, fps=fps)
    row |= {"timed": True, "matched": len(found.pairs)}
    row |= {way: _by_way(facts, guesses, found, way) for way in WAYS}
    row["faults"] = [
        {"kind": fault.kind, "frame": round(fault.frame), "direction": fault.direction} for fault in found.faults
    ]
    return row


def _by_way(facts: Sequence[Crossing], guesses: Sequence[Crossing], found: Match, way: Direction) -> dict[str, Any]:
    matched = sum(facts[fact].direction == way for fact, _ in found.pairs)
    true = sum(fact.direction == way for fact in facts)
    predicted = sum(guess.direction == way for guess in guesses)
    return {
        "truth": true,
        "predicted": predicted,
        "matched": matched,
        **{kind: found.of(kind, way) for kind in KINDS},
        "recall": share(matched, true),
        "precision": share(matched, predicted),
    }


def _totals_only(totals: Mapping[Direction, int], guesses: Sequence[Crossing], way: Direction) -> dict[str, Any]:
    predicted = sum(guess.direction == way for guess in guesses)
    matched = min(totals[way], predicted)
    return {
        "truth": totals[way],
        "predicted": predicted,
        "matched": matched,
        "missed": totals[way] - matched,
        "double": 0,
        "wrong_direction": 0,
        "invented": predicted - matched,
        "recall": share(matched, totals[way]),
        "precision": share(matched, predicted),
    }


def share(part: int, whole: int) -> dict[str, Any]:
    """Return part ÷ whole with its 95 % Wilson interval and n; value and interval None where n is 0."""
    if not whole:
        return {"value": None, "interval": None, "n": 0}
    low, high = wilson(part, whole)
    return {"value": round(part / whole, 4), "interval": [round(low, 4), round(high, 4)], "n": whole}


def score_zone(
    zone: TrueZone, visits: Sequence[ZoneLeft], inside: Sequence[tuple[int, int]], *, fps: float
) -> dict[str, Any]:
    """Return how stays in a zone, and (frame, people) in it, fit the truth; seconds where not said otherwise."""
    row: dict[str, Any] = {"visits": {"truth": None, "predicted": len(visits), "matched": None}}
    if zone.visits is not None:
        row["visits"], row["dwell"] = _visits(zone.visits, visits, fps)
    if zone.inside_end is not None:
        last = inside[-1][1] if inside else None
        error = None if last is None else abs(last - zone.inside_end)
        row["inside_end"] = {"truth": zone.inside_end, "predicted": last, "error": error}
    if zone.occupancy:
        row["occupancy"] = score_occupancy(zone.occupancy, inside)
    return row


def _visits(
    true: Sequence[TrueVisit], counted: Sequence[ZoneLeft], fps: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Pair stays by the time they share, the longest first, and compare how long they were."""
    shared = sorted(
        ((together, fact, guess) for fact, each in enumerate(true) for guess, seen in enumerate(counted)
         if (together := _shared(each, seen)) > 0),
        reverse=True,
    )  # fmt: skip
    pairs: dict[int, int] = {}
    for _, fact, guess in shared:
        if fact not in pairs and guess not in pairs.values():
            pairs[fact] = guess
    rows = []
    for fact, guess in sorted(pairs.items()):
        stay = _dwell(true[fact], fps)
        error = None if stay is None else round(counted[guess].dwell_s - stay, 3)
        rows.append({"truth_s": stay, "predicted_s": round(counted[guess].dwell_s, 3), "error_s": error})
    errors = [abs(row["error_s"]) for row in rows if row["error_s"] is not None]
    dwell = {
        "n": len(errors),
        "median_error_s": round(statistics.median(errors), 3) if errors else None,
        "max_error_s": max(errors) if errors else None,
        "visits": rows,
    }
    found = {"truth": len(true), "predicted": len(counted), "matched": len(pairs)}
    found |= {"missed": len(true) - len(pairs), "invented": len(counted) - len(pairs)}
    return found, dwell


def _shared(true: TrueVisit, counted: ZoneLeft) -> float:
    end = counted.exit_frame if true.exit_frame is None else min(true.exit_frame, counted.exit_frame)
    return end - max(true.enter_frame or 0, counted.enter_frame) + 1


def _dwell(visit: TrueVisit, fps: float) -> float | None:
    if visit.dwell_s is not None:
        return visit.dwell_s
    if visit.enter_frame is None or visit.exit_frame is None:
        return None
    return round((visit.exit_frame - visit.enter_frame) / fps, 3)


def score_occupancy(true: Sequence[TrueOccupancy], inside: Sequence[tuple[int, int]]) -> dict[str, Any]:
    """Return the mean error in people of (frame, people), over all stated frames that were analysed and by stretch.

    Where truth says 2 to 3, both are right.
    """
    rows, errors = [], []
    for stretch in true:
        seen = [people for frame, people in inside if stretch.first <= frame <= stretch.last]
        gaps = [max(stretch.least - people, people - stretch.most, 0) for people in seen]
        errors += gaps
        rows.append(
            {
                "frames": [stretch.first, stretch.last],
                "truth": [stretch.least, stretch.most],
                "predicted_mean": _mean(seen),
                "mean_error": _mean(gaps),
            }
        )
    return {"frames": len(errors), "mean_error": _mean(errors), "max_error": max(errors, default=None), "ranges": rows}


def total(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the sums over clips scored by `score_lines`, and recall and precision by direction of the timed lines."""
    scored = [result for result in results if result.get("truth") is not None and result.get("predicted") is not None]
    rows = [row for result in scored for row in result["lines"].values() if row["truth"] is not None]

    def over(way: Direction, key: str) -> int:
        return sum(row[way][key] for row in rows)

    return {
        "clips": len(scored),
        **{
            key: sum(result[key] for result in scored) if scored else None
            for key in ("truth", "predicted", "matched", *KINDS)
        },
        **{
            way: {
                "truth": over(way, "truth"),
                "predicted": over(way, "predicted"),
                "matched": over(way, "matched"),
                **{kind: over(way, kind) for kind in KINDS},
                "recall": share(over(way, "matched"), over(way, "truth")),
                "precision": share(over(way, "matched"), over(way, "predicted")),
            }
            for way in WAYS
        },
    }


def _mean(values: Sequence[float]) -> float | None:
    return round(statistics.fmean(values), 3) if values else None
