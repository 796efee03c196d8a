"""The journal: which day a device's outbox is in, so that a restart continues where the last run ended.

A day's entries are always the same, in the same order: the day and the seq of its first entry say which of them the
outbox already holds. The journal is written before a day begins; a stale one is only earlier, never wrong.
"""

from datetime import date
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import msgspec

from deploy.simulation.errors import JournalError
from deploy.simulation.model import MODEL_VERSION


class Mark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a device stands.

    Attributes:
        seed: what the fleet is drawn from; `model` is the version of what draws it.
        epoch: of the outbox that `first_seq` belongs to.
        began: first day of this epoch; `began_at` is how many of its entries were left out.
        live_from: the first day at the live cadence.
        day: the day in progress.
        first_seq: seq of that day's first entry; below 1 when entries before the start were left out.
    """

    seed: int
    model: int = MODEL_VERSION
    epoch: UUID
    began: date
    began_at: int
    live_from: date
    day: date
    first_seq: int


class TillMark(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a till stands: `posted` orders of `day` were taken, and all of the days before since `began`.

    `clocked` is as many of what its time clock heard, of which `clocked_at` were left out on the first day.
    """

    seed: int
    model: int = MODEL_VERSION
    began: date
    began_at: int
    day: date
    posted: int
    clocked: int = 0
    clocked_at: int = 0


_M = TypeVar("_M", Mark, TillMark)


def load(path: Path, kind: type[_M], *, seed: int) -> _M | None:
    """Return the mark in `path`; None when there is none, or a version of the model wrote it that drew other days.

    Raises:
        JournalError: it cannot be read, or was written with another seed.
    """
    try:
        mark = msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError:
        return None
    except (OSError, msgspec.MsgspecError) as error:
        raise JournalError(f"{path}: expected a journal of the simulation, got: {error}. Remove its folder") from error
    if mark.seed != seed:
        raise JournalError(f"{path}: this fleet was made with seed {mark.seed}, not {seed}. Use that, or another home")
    return mark if mark.model == MODEL_VERSION else None


def save(path: Path, mark: Mark | TillMark) -> None:
    """Write a mark, whole or not at all."""
    temporary = path.with_suffix(".new")
    temporary.write_bytes(msgspec.json.encode(mark))
    temporary.replace(path)
