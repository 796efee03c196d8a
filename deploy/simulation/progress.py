"""Progress of a fleet, as one small record that a person or a program may read."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Stage = Literal["history", "delivery", "orders", "live", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far one stage has come.

    history   store-days written to the outboxes, of all
    delivery  ledger entries that receipts cover, of all written
    orders    orders posted so far (`total` is not known before: 0)
    live      as delivery, every ten seconds once history is delivered
    stopped   as delivery, at the end
    """

    stage: Stage
    done: int
    total: int
    entries: int = 0


Report = Callable[[Progress], None]
