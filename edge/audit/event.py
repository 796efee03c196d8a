"""What a person does in an audit, as the phone tells it."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Kind = Literal["in", "out", "undo", "pause", "resume", "end", "discard"]


class AuditEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """Something the person did: what, and when in milliseconds of the device's clock, stamped on the phone."""

    kind: Kind
    at_ms: Annotated[int, Meta(ge=0, le=2**53 - 1)]
