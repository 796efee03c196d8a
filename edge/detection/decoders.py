"""Output decoders: what a family of networks returns, read as people in input pixels.

Each takes the raw outputs and the least score to keep, and returns boxes float32 (N, 4) xyxy in pixels of the input
and scores float32 (N,). Only the class `person` is read.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float32]
Decoded: TypeAlias = tuple[Floats, Floats]
Decoder: TypeAlias = Callable[[Sequence[Floats], tuple[int, int], float], Decoded]

#: Two boxes that overlap more are one person. Higher than for COCO scoring's 0.45 because shoppers stand close:
#: two real people seldom overlap by more than this, two boxes of one person nearly always do.
NMS_IOU: Final = 0.65

_YOLOX_STRIDES: Final = (8, 16, 32)
_COCO_PERSON: Final = 0
_RETAIL_PERSON: Final = 1


def decode_yolo(outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Decoded:
    """Read YOLOv8/11: (1, 4 + classes, anchors), rows cx, cy, w, h in input pixels, then a score per class."""
    del input_size
    rows = outputs[0][0]
    kept = rows[:, rows[4 + _COCO_PERSON] >= min_score]
    centre, half = kept[:2].T, kept[2:4].T / 2
    return suppress(np.hstack([centre - half, centre + half]), kept[4 + _COCO_PERSON])


def decode_yolo_heads(outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Decoded:
    """Read the raw heads of a YOLOv8/11 (edge.detection.openvino_graph): per grid box logits and the person's logit.

    A box is a cell's centre and four distances from it, each the mean of a distribution over 16 steps of the grid.
    """
    least = np.log(min_score / (1 - min_score))
    boxes: list[Floats] = [np.empty((0, 4), np.float32)]
    scores: list[Floats] = [np.empty(0, np.float32)]
    for sides, logits in zip(outputs[::2], outputs[1::2], strict=True):
        rows, columns = np.nonzero(logits[0, 0] >= least)
        spread = sides[0][:, rows, columns].reshape(4, sides.shape[1] // 4, len(rows))
        spread = np.exp(spread - spread.max(axis=1, keepdims=True))
        steps = np.arange(spread.shape[1], dtype=np.float32)
        far = np.einsum("sdn,d->ns", spread / spread.sum(axis=1, keepdims=True), steps)
        centre = np.stack([columns, rows], axis=1).astype(np.float32) + np.float32(0.5)
        stride = np.float32(input_size[0] / logits.shape[3])
        boxes.append(np.hstack([centre - far[:, :2], centre + far[:, 2:]]) * stride)
        scores.append(1 / (1 + np.exp(-logits[0, 0, rows, columns])))
    return suppress(np.concatenate(boxes), np.concatenate(scores))


def decode_end_to_end(outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Decoded:
    """Read YOLO26 and other end-to-end models: (1, N, 6), rows x1, y1, x2, y2 in input pixels, score, class."""
    del input_size
    rows = outputs[0][0]
    kept = rows[(rows[:, 4] >= min_score) & (rows[:, 5] == _COCO_PERSON)]
    return suppress(kept[:, :4], kept[:, 4])


def decode_yolox(outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Decoded:
    """Read YOLOX: (1, cells, 5 + classes), rows dx, dy, log w, log h in cells of the grid, objectness, class scores."""
    rows = outputs[0][0]
    score = rows[:, 4] * rows[:, 5 + _COCO_PERSON]
    keep = score >= min_score
    grid, stride = _yolox_grid(input_size)
    kept = rows[keep]
    centre = (kept[:, :2] + grid[keep]) * stride[keep]
    half = np.exp(kept[:, 2:4]) * stride[keep] / 2
    return suppress(np.hstack([centre - half, centre + half]), score[keep])


def decode_ssd(outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Decoded:
    """Read OpenVINO's DetectionOutput: (1, 1, N, 7), rows image, class, score, x1, y1, x2, y2 as shares."""
    rows = outputs[0].reshape(-1, 7)
    kept = rows[(rows[:, 0] >= 0) & (rows[:, 1] == _RETAIL_PERSON) & (rows[:, 2] >= min_score)]
    scale = np.array([*input_size, *input_size], np.float32)
    return suppress(kept[:, 3:7] * scale, kept[:, 2])


def decode_tf_ssd(outputs: Sequence[Floats], input_size: tuple[int, int], min_score: float) -> Decoded:
    """Read TensorFlow's detection graphs: boxes (1, N, 4) y1, x1, y2, x2 as shares, classes and scores (1, N)."""
    boxes, classes, scores = (output[0] for output in outputs[:3])
    keep = (classes == _RETAIL_PERSON) & (scores >= min_score)
    scale = np.array([*input_size, *input_size], np.float32)
    return suppress(boxes[keep][:, [1, 0, 3, 2]] * scale, scores[keep])


def suppress(xyxy: Floats, score: Floats) -> Decoded:
    """Return the boxes that are left when each weaker one that overlaps a stronger by `NMS_IOU` is dropped."""
    xyxy = np.ascontiguousarray(xyxy, np.float32)
    score = np.ascontiguousarray(score, np.float32)
    if len(score) < 2:  # noqa: PLR2004 - one box overlaps nothing
        return xyxy, score
    xywh = np.hstack([xyxy[:, :2], xyxy[:, 2:] - xyxy[:, :2]])
    kept = np.asarray(cv2.dnn.NMSBoxes(xywh.tolist(), score.tolist(), 0.0, NMS_IOU), int).reshape(-1)
    return xyxy[kept], score[kept]


def yolox_cells(input_size: tuple[int, int]) -> int:
    """Return how many cells YOLOX's three grids have together over an input of (width, height)."""
    return sum((input_size[0] // stride) * (input_size[1] // stride) for stride in _YOLOX_STRIDES)


@lru_cache(maxsize=16)
def _yolox_grid(input_size: tuple[int, int]) -> tuple[Floats, Floats]:
    """Return cell corners (cells, 2) and strides (cells, 1) of YOLOX's three grids, in its output's order."""
    width, height = input_size
    cells, strides = [], []
    for stride in _YOLOX_STRIDES:
        columns, rows = np.meshgrid(np.arange(width // stride), np.arange(height // stride))
        cells.append(np.stack([columns, rows], axis=-1).reshape(-1, 2))
        strides.append(np.full((columns.size, 1), stride))
    return np.concatenate(cells).astype(np.float32), np.concatenate(strides).astype(np.float32)
