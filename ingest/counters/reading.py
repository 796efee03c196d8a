"""A push's JSON into what an adapter names of it: every other field is skipped while it is read."""

from typing import Final, TypeVar

import msgspec

from ingest.errors import PushError

_T = TypeVar("_T")
#: A set-up picture that a counter puts beside its counts is skipped, but it has to come in first.
BODY_BYTES_MAX: Final = 2 * 1024 * 1024


def read(body: bytes, kind: type[_T]) -> _T:
    """Return `body` as `kind`.

    Raises:
        PushError: not JSON, or not of this form; names the field, never what it holds.
    """
    if len(body) > BODY_BYTES_MAX:
        raise PushError(f"expected at most {BODY_BYTES_MAX} bytes in one push, got {len(body)}")
    try:
        found: _T = msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        raise PushError(f"not of the form that this maker documents: {_without_values(str(error))}") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise PushError("expected JSON") from error
    return found


def _without_values(text: str) -> str:
    """Return msgspec's message without the one thing in it that comes from outside: a value out of a choice."""
    head, invalid, rest = text.partition("Invalid enum value ")
    return head + ("a value that is not in the choice" + rest[rest.find(" - at") :] if invalid else "")
