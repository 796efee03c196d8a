"""The smallest tracker that keeps the protocol: greedy overlap, and nothing else. Proves that the battery is fair."""

import numpy as np

from edge.detections import Detections
from edge.tracking.association import iou
from edge.tracking.protocol import Tracks

_KEEP_S = 1.0
_LEAST_IOU = 0.2


class GreedyIou:
    """Follows people by the overlap of their last box with the new one, the best pairs first."""

    def __init__(self, confidence: float = 0.4) -> None:
        self._confidence = confidence
        self._next_id = 1
        #: Last box, when last seen, how often seen.
        self._people: dict[int, tuple[np.ndarray, float, int]] = {}

    def update(self, detections: Detections, time_s: float) -> Tracks:
        """Return who is seen in the frame of `time_s`."""
        ended = tuple(number for number, (_, seen_s, _) in self._people.items() if time_s - seen_s > _KEEP_S)
        for number in ended:
            del self._people[number]
        free = set(range(len(detections)))
        now: list[int] = []
        for number, column in self._pairs(detections):
            if column in free and number not in now:
                free.discard(column)
                now.append(number)
                self._people[number] = (detections.xyxy[column].copy(), time_s, self._people[number][2] + 1)
        for column in sorted(free):
            if detections.score[column] >= self._confidence:
                self._people[self._next_id] = (detections.xyxy[column].copy(), time_s, 1)
                now.append(self._next_id)
                self._next_id += 1
        boxes = [self._people[number][0] for number in now]
        confirmed = np.array([self._people[number][2] > 1 for number in now], np.bool_)
        return Tracks(np.array(now, np.int64), np.array(boxes, np.float32).reshape(-1, 4), confirmed, ended)

    def trust(self, confidence: float) -> None:
        """Let a detection of at least `confidence` start a track from the next frame on."""
        self._confidence = confidence

    def reset(self) -> tuple[int, ...]:
        """Forget everyone."""
        ended = tuple(self._people)
        self._people.clear()
        return ended

    def _pairs(self, detections: Detections) -> list[tuple[int, int]]:
        numbers = list(self._people)
        boxes = np.array([self._people[number][0] for number in numbers], np.float64).reshape(-1, 4)
        overlap = iou(boxes, detections.xyxy.astype(np.float64))
        order = sorted(((-overlap[row, column], row, column) for row, column in np.argwhere(overlap > _LEAST_IOU)))
        return [(numbers[row], int(column)) for _, row, column in order]
