"""A tracker that cannot err: it is told whose each simulated box is. What it leaves wrong, no tracker can mend."""

from collections.abc import Iterator

import numpy as np

from deploy.simulation.tracks.film import Film
from edge.tracking.protocol import Tracks

#: A person unseen for so long has ended.
_KEEP_S = 2.0


def oracle_tracks(film: Film, *, confidence: float) -> Iterator[Tracks]:
    """Yield the tracks of each frame of `film`: true numbers on the boxes that were found, none on false ones.

    A person begins with a box of at least `confidence`, is confirmed with the next, and ends unseen for two seconds.
    """
    edges = np.searchsorted(film.found_frame, np.arange(film.frames + 1))
    last: dict[int, float] = {}
    seen: dict[int, int] = {}
    for frame in range(film.frames):
        rows = np.arange(edges[frame], edges[frame + 1])
        rows = rows[film.found_person[rows] >= 0]
        # Of a person's two boxes the taller: the other is head and shoulders.
        tall = film.found.xyxy[rows, 3] - film.found.xyxy[rows, 1]
        rows = rows[np.argsort(-tall, kind="stable")]
        people, first = np.unique(film.found_person[rows], return_index=True)
        kept = [
            (number, row)
            for number, row in zip(people.tolist(), rows[first].tolist(), strict=True)
            if number in seen or film.found.score[row] >= confidence
        ]
        now_s = frame / film.fps
        ended = tuple(number for number, time_s in last.items() if now_s - time_s > _KEEP_S)
        for number in ended:
            del last[number]
        for number, _ in kept:
            last[number] = now_s
            seen[number] = seen.get(number, 0) + 1
        yield Tracks(
            ids=np.array([number for number, _ in kept], np.int64),
            xyxy=film.found.xyxy[[row for _, row in kept]].reshape(-1, 4),
            confirmed=np.array([seen[number] > 1 for number, _ in kept], np.bool_),
            ended=ended,
        )
