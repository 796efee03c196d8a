"""Cursors: where a page ended, opaque to whoever carries them, and good only for the question they came with."""

import base64
import binascii
import json
from typing import Final

from api.errors import ProblemError

_LENGTH_MAX: Final = 400
_PARTS: Final = 2


def cursor_of(question: str, where: str) -> str:
    """Return the cursor of a page that ended at `where`."""
    text = json.dumps([question, where], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def where_of(cursor: str, question: str) -> str:
    """Return where the page before ended.

    Raises:
        ProblemError: it is none of ours, or of another question.
    """
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found = (
            json.loads(base64.b64decode(padded, altchars=b"-_", validate=True)) if len(cursor) <= _LENGTH_MAX else None
        )
    except (UnicodeError, binascii.Error, ValueError):
        found = None
    if not isinstance(found, list) or len(found) != _PARTS or not all(isinstance(part, str) for part in found):
        raise ProblemError(400, "cursor", "this cursor is none of ours: take next_cursor of the page before as it is")
    if found[0] != question:
        raise ProblemError(400, "cursor", "this cursor is of another question: keep the other parameters as they were")
    return str(found[1])
