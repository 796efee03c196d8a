"""Following held against box truth: HOTA, IDF1 and MOTA by TrackEval, which runs in an environment of its own.

TrackEval (Luiten et al. 2020) is the code that MOTChallenge scores with; it names an OpenCV with windows among its
needs, so it is no dependency of ours.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from deploy.bench.rivals.client import run_module
from deploy.errors import RivalError, TruthError
from deploy.evaluation.ours import Followed

_COLUMNS_LEAST: Final = 6
_PERSON: Final = 1
Boxes = tuple[NDArray[np.int64], NDArray[np.float64]]


def load_tracks(path: Path) -> dict[int, Boxes]:
    """Return numbers (N,) and boxes xyxy (N, 4) by frame, from 0, of a MOTChallenge file.

    Its rows are `frame, id, left, top, width, height[, counts[, class[, visibility]]]` with frames and pixels from 1;
    rows that do not count (0) or are of another class than pedestrian are left out, as MOTChallenge does.

    Raises:
        TruthError: not of that form.
    """
    rows: dict[int, list[list[float]]] = {}
    for number, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not text.strip():
            continue
        try:
            row = [float(word) for word in text.split(",")]
        except ValueError:
            row = []
        if len(row) < _COLUMNS_LEAST:
            expected = "frame,id,left,top,width,height,…"
            raise TruthError(f"{path}: line {number}: expected {expected}, got {text[:60]!r}")
        counts = len(row) <= _COLUMNS_LEAST or row[6] != 0
        if counts and (len(row) <= _COLUMNS_LEAST + 1 or row[7] in {_PERSON, -1}):
            rows.setdefault(int(row[0]) - 1, []).append(row)
    return {frame: _boxes(np.array(each)) for frame, each in rows.items()}


def score_tracks(true: Mapping[int, Boxes], followed: Followed, *, python: Path | None = None) -> dict[str, Any]:
    """Return HOTA and its parts, IDF1 and MOTA of `followed`, over the frames that were analysed.

    All None where TrackEval cannot be installed or failed; `reason` says why.
    """
    frames = [
        {"true": _plain(true.get(frame)), "predicted": _plain((ids, xyxy.astype(np.float64)))}
        for frame, ids, xyxy in followed.frames
    ]
    try:
        return run_module("trackeval", [], text=json.dumps(frames), python=python)
    except RivalError as error:
        return {"HOTA": None, "IDF1": None, "reason": str(error)}


def _boxes(rows: NDArray[np.float64]) -> Boxes:
    # MOTChallenge counts pixels from 1.
    left_top = rows[:, 2:4] - 1
    return rows[:, 1].astype(np.int64), np.hstack([left_top, left_top + rows[:, 4:6]])


def _plain(boxes: Boxes | None) -> dict[str, Sequence[Any]]:
    if boxes is None:
        return {"ids": [], "xyxy": []}
    return {"ids": boxes[0].tolist(), "xyxy": np.round(boxes[1], 2).tolist()}
