"""Claims: which device counts which line of a store, so that no door is counted twice.

A line belongs to the store, and a new box that names it goes on with its history. But where two boxes name one line at
the same time, the second's is kept apart as `name@device`; and of several entrance lines that name one door only the
first that was claimed counts (`settle_doors` in the migrations). A box that was not heard from for a while makes way.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from contract.messages import LineInfo
from ingest.database import Cursor
from ingest.sql_blocks import load_blocks

logger = logging.getLogger(__name__)

_SQL: Final = load_blocks("claims")
#: A box not heard from for so long may be replaced by another: what analytics calls offline, too.
SILENT_AFTER: Final = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Claimed:
    """What became of a device's lines.

    Attributes:
        contested: some are kept apart or do not count, for now.
        gave_way: devices that lost a claim to it.
    """

    contested: bool
    gave_way: tuple[int, ...]


class Claim:
    """One device's word on its lines, within a transaction: `codes` before the lines are written, `settle` after."""

    def __init__(self, cursor: Cursor, store_id: int, device: tuple[int, str], at: datetime) -> None:
        """Lock the store's claims. `device` is its id and name, `at` when it was heard."""
        self._cursor = cursor
        self._device = device[1]
        self._values: dict[str, Any] = {
            "store_id": store_id, "device_id": device[0], "at": at, "heard_since": at - SILENT_AFTER,
        }  # fmt: skip
        cursor.execute(_SQL["lock"], self._values)

    def codes(self, lines: Sequence[LineInfo]) -> tuple[str, ...]:
        """Return the code under which each line is kept: its name, unless another device counts that now."""
        names = [line.line for line in lines]
        self._cursor.execute(_SQL["contested"], {**self._values, "codes": names})
        taken = {code for (code,) in self._cursor.fetchall()}
        return tuple(f"{name}@{self._device}" if name in taken else name for name in names)

    def settle(self, codes: Sequence[str]) -> Claimed:
        """Claim the lines of these codes and no others, and settle which lines of the store count."""
        values = {**self._values, "codes": list(codes)}
        self._cursor.execute(_SQL["release"], values)
        gave_way = {device_id for (device_id,) in self._cursor.fetchall()} - {values["device_id"]}
        self._cursor.execute(_SQL["claim"], values)
        self._cursor.execute(_SQL["settle"], values)
        self._cursor.execute(_SQL["set_aside"], values)
        aside = self._cursor.fetchall()
        for code, door, other in aside:
            logger.warning(
                "line %s of %s is set aside: door %s is counted by %s. Give it another `door` if it is at another",
                code, self._device, door, other, extra={"action": "line_set_aside", "device": self._device},
            )  # fmt: skip
        contested = bool(aside) or any("@" in code for code in codes)
        return Claimed(contested, tuple(sorted(gave_way)))


def kept_apart(lines: dict[str, int], device: str) -> dict[str, int]:
    """Return a store's lines by name as `device` means them: with its own where they are kept apart."""
    suffix = f"@{device}"
    own = {code.removesuffix(suffix): line_id for code, line_id in lines.items() if code.endswith(suffix)}
    return {**lines, **own} if own else lines
