"""Topics: `footfall/v1/<store>/<device>/<leaf>`.

ledger   device → ingest   QoS 1            LedgerBatch
live     device → all      QoS 0, retained  Live
status   device → all      QoS 1, retained  Status (birth, heartbeat, last will)
receipt  ingest → device   QoS 1, retained  Receipt
config   head office → device   QoS 1, retained  Signed: the whole desired state
command  head office → device   QoS 1            Signed: a one-off request
reported device → head office   QoS 1, retained  Reported: how far it is with both
picture  device → head office   QoS 1            a set-up picture, never retained; outside the codec
"""

import re
from typing import Literal, NamedTuple, TypeAlias, get_args

from contract.errors import TopicError

Leaf: TypeAlias = Literal["ledger", "live", "status", "config", "command", "receipt", "reported", "picture"]
LEAVES: tuple[Leaf, ...] = get_args(Leaf)
#: What a broker keeps of a device. An empty message there takes it back.
PRESENCE: tuple[Leaf, ...] = ("status", "live", "reported")

PREFIX = "footfall/v1"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?")


class Topic(NamedTuple):
    """A parsed topic."""

    store: str
    device: str
    leaf: Leaf

    def __str__(self) -> str:
        """Return the topic as it stands on the wire."""
        return f"{PREFIX}/{self.store}/{self.device}/{self.leaf}"


def topic(store: str, device: str, leaf: Leaf) -> str:
    """Return the topic of one device's leaf.

    Raises:
        TopicError: `store` or `device` is not a lower-case slug of at most 40 characters.
    """
    return str(parse(f"{PREFIX}/{store}/{device}/{leaf}"))


def subscription(leaf: Leaf) -> str:
    """Return the filter that matches `leaf` of every device of every store."""
    return f"{PREFIX}/+/+/{leaf}"


def parse(text: str) -> Topic:
    """Return the parts of a topic.

    Raises:
        TopicError: `text` is not `footfall/v1/<store>/<device>/<leaf>`.
    """
    parts = text.split("/")
    if len(parts) != 5 or "/".join(parts[:2]) != PREFIX:  # noqa: PLR2004  # the shape that the error message shows
        raise TopicError(f"expected topic {PREFIX}/<store>/<device>/<leaf>, got {text!r}")
    _, _, store, device, leaf = parts
    for part, name in (("store", store), ("device", device)):
        if not _NAME.fullmatch(name):
            raise TopicError(f"expected a lower-case slug of at most 40 characters as {part}, got {name!r} in {text!r}")
    if leaf not in LEAVES:
        raise TopicError(f"expected one of {', '.join(LEAVES)} as the last level, got {leaf!r} in {text!r}")
    return Topic(store, device, leaf)
