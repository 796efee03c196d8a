"""What can go wrong with the audit page, under EdgeError.

AuditServerError            the page cannot be served: its address, or its PIN
AuditRefusedError           the page says no to a phone; `code` is the answer's word, which the page explains
└── LockedOutError          too many wrong PINs; says for how long
"""

from typing import Literal

from edge.errors import EdgeError

RefusalCode = Literal["wrong_pin", "locked", "busy", "running", "unknown_line", "no_session", "gap", "too_many", "full"]


class AuditServerError(EdgeError):
    """The audit page cannot be served."""


class AuditRefusedError(EdgeError):
    """The audit page does not do what a phone asked for."""

    def __init__(self, code: RefusalCode) -> None:
        super().__init__(code)
        self.code = code


class LockedOutError(AuditRefusedError):
    """Too many wrong PINs; no PIN is looked at for another `wait_s` seconds."""

    def __init__(self, wait_s: float) -> None:
        super().__init__("locked")
        self.wait_s = wait_s
