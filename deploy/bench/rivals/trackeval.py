"""The runner of TrackEval: boxes with numbers, true and followed, in; HOTA, IDF1 and MOTA out.

Standard input holds a JSON list with one object a frame: `{"true": {"ids": [3], "xyxy": [[…]]}, "predicted": {…}}`.
"""

import importlib
import json
import sys
from importlib.metadata import version
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def score(frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the figures of `frames`, shares 0 … 1."""
    metrics: Any = importlib.import_module("trackeval.metrics")
    data = _sequence(frames)
    if not data["num_gt_dets"]:
        return {"HOTA": None, "IDF1": None, "reason": "the track truth has no box in the frames that were analysed"}
    hota = metrics.HOTA().eval_sequence(data)
    identity = metrics.Identity({"PRINT_CONFIG": False}).eval_sequence(data)
    clear = metrics.CLEAR({"PRINT_CONFIG": False}).eval_sequence(data)
    return {
        **{name: round(float(np.mean(hota[name])), 4) for name in ("HOTA", "DetA", "AssA", "LocA")},
        **{name: round(float(identity[name]), 4) for name in ("IDF1", "IDP", "IDR")},
        "MOTA": round(float(clear["MOTA"]), 4),
        "id_switches": int(clear["IDSW"]),
        "boxes": int(data["num_gt_dets"]),
        "people": int(data["num_gt_ids"]),
        "trackeval": version("trackeval"),
    }


def _sequence(frames: list[dict[str, Any]]) -> dict[str, Any]:
    """Return `frames` as TrackEval's metrics take a sequence: numbers from 0 without gaps, likeness frame by frame."""
    data: dict[str, Any] = {"num_timesteps": len(frames), "similarity_scores": []}
    for ours, kind in (("true", "gt"), ("predicted", "tracker")):
        numbers: dict[int, int] = {}
        ids = [
            np.array([numbers.setdefault(each, len(numbers)) for each in frame[ours]["ids"]], int) for frame in frames
        ]
        data[f"{kind}_ids"] = ids
        data[f"num_{kind}_ids"] = len(numbers)
        data[f"num_{kind}_dets"] = sum(len(each) for each in ids)
    for frame in frames:
        true, predicted = (np.array(frame[side]["xyxy"], float).reshape(-1, 4) for side in ("true", "predicted"))
        data["similarity_scores"].append(_iou(true, predicted))
    return data


def _iou(first: Floats, second: Floats) -> Floats:
    """Return the intersection over union of boxes xyxy (N, 4) and (M, 4), as (N, M)."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    shared = np.prod(np.clip(high - low, 0, None), axis=2)
    areas = np.prod(first[:, 2:] - first[:, :2], axis=1)[:, None] + np.prod(second[:, 2:] - second[:, :2], axis=1)
    return np.asarray(shared / np.maximum(areas - shared, 1e-9), np.float64)


if __name__ == "__main__":
    sys.stdout.write(json.dumps(score(json.load(sys.stdin))) + "\n")
