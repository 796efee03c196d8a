"""What can go wrong with the audit page, under EdgeError.

AuditServerError            the page cannot be served: its address, or its PIN
AuditRefusedError           the page says no to a phone; `code` is the answer's word, which the page explains
├── EventConflictError      under a number that is known, something else came; says what is known
└── LockedOutError          too many wrong PINs; says for how long
"""

from collections.abc import Sequence
from typing import Literal

from edge.audit.event import AuditEvent
from edge.errors import EdgeError

RefusalCode = Literal[
    "wrong_pin", "locked", "busy", "running", "unknown_line", "no_session", "gap", "too_many", "full", "conflict"
]


class AuditServerError(EdgeError):
    """The audit page cannot be served."""


class AuditRefusedError(EdgeError):
    """The audit page does not do what a phone asked for."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code)
        self.code = code


class EventConflictError(AuditRefusedError):
    """The audit has other events under these numbers: `there`, from the first number given on."""

    def __init__(self, there: Sequence[AuditEvent]) -> None:
        super().__init__("conflict")
        self.there = tuple(there)


class LockedOutError(AuditRefusedError):
    """Too many wrong PINs; no PIN is looked at for another `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("locked")
        self.wait_s = wait_s
