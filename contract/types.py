"""Field types shared by every message: names, instants, counts."""

from datetime import datetime
from typing import Annotated, Final, Literal

from msgspec import Meta

#: Schema version on the wire. A change that an old reader would misread raises it.
SCHEMA_VERSION: Final = 1

#: In a pattern `$` alone would let a trailing newline pass.
NAME_PATTERN: Final = r"^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?(?!\n)$"

#: A store, device, line, zone or camera: short, lower case, set by a person at set-up. Too short and too plain to
#: carry anything else (an image, an embedding), and safe in an MQTT topic and a file name.
Name = Annotated[
    str,
    Meta(min_length=1, max_length=40, pattern=NAME_PATTERN, description="lower-case slug"),
]

#: A name as entries have it, by the thousand and few of them different: msgspec holds only its length against the
#: contract, and the codec each different name of a batch against the pattern (`contract.entry_names`).
EntryName = Annotated[
    str,
    Meta(min_length=1, max_length=40, description="lower-case slug", extra_json_schema={"pattern": NAME_PATTERN}),
]

#: An instant with its offset. Naive times are refused.
Instant = Annotated[datetime, Meta(tz=True, description="RFC 3339 instant with offset")]

#: How many of something were counted.
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]

#: Position in a device's ledger, contiguous from 1 within an epoch.
Seq = Annotated[int, Meta(ge=1, le=2**53 - 1)]

#: A duration in seconds, at most a week.
Seconds = Annotated[float, Meta(ge=0, le=604_800)]

Direction = Literal["in", "out"]
LineRole = Literal["entrance", "pass_by", "internal"]
ZoneRole = Literal["engagement", "queue", "staff"]
QueueOutcome = Literal["served", "abandoned"]
#: Why entries were let go of: the disk budget, a corrupt outbox file, a disk that refused for too long, some of a
#: summed-up run were here already, so that the sum could not be taken; they were asked for again and no longer kept;
#: or the database refused them for their values.
LossReason = Literal["budget", "corrupt", "backlog", "overlap", "pruned", "refused"]
DeviceState = Literal["online", "stopped", "offline"]

#: Most characters of a reason.
REASON_CHARS_MAX: Final = 300

#: Plain words of a language, none of them long: for a person, and too plain for anything else.
Reason = Annotated[
    str, Meta(min_length=1, max_length=REASON_CHARS_MAX, pattern=r"^[!-~]{1,40}(?: [!-~]{1,40})*(?!\n)$")
]
