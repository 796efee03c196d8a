"""Comparing what was counted with hand-made ground truth."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

#: (frame, direction) of a crossing.
Crossing: TypeAlias = tuple[int, str]


def load_truth(folder: Path, clip: str) -> dict[str, Any]:
    """The truth file of `clip` under the data folder."""
    truth: dict[str, Any] = json.loads((folder / "truth" / f"{Path(clip).stem}.json").read_text(encoding="utf-8"))
    return truth


def unmatched(
    predicted: Sequence[Crossing], true: Sequence[Crossing], tolerance: float
) -> tuple[list[Crossing], list[Crossing]]:
    """Crossings (missed, invented) that are left when each pair of one direction within `tolerance` frames is taken.

    Nearest pairs are taken first, each crossing at most once.
    """
    gaps = sorted(
        (abs(guess[0] - fact[0]), i, j)
        for i, guess in enumerate(predicted)
        for j, fact in enumerate(true)
        if guess[1] == fact[1] and abs(guess[0] - fact[0]) <= tolerance
    )
    used_guesses: set[int] = set()
    used_facts: set[int] = set()
    for _, i, j in gaps:
        if i not in used_guesses and j not in used_facts:
            used_guesses.add(i)
            used_facts.add(j)
    return _left(true, used_facts), _left(predicted, used_guesses)


def _left(crossings: Iterable[Crossing], used: set[int]) -> list[Crossing]:
    return [crossing for number, crossing in enumerate(crossings) if number not in used]
