"""The pictures of a multipart stream, one after the other, in bounded memory (RFC 2046, as cheap cameras mean it).

Boundaries come with two dashes too many or too few, lengths and types are left out: what can be told is taken. What
grows beyond a picture's size is refused.
"""

import re
from collections.abc import Iterator, Mapping
from email.parser import BytesHeaderParser
from typing import Final, Protocol

from edge.errors import SourceError

#: A picture of 8 megapixels in good quality is half as large.
PICTURE_BYTES_MAX: Final = 8 * 2**20
_HEAD_BYTES_MAX: Final = 16 * 2**10
_READ_BYTES: Final = 64 * 2**10
_KINDS: Final = frozenset({"image/jpeg", "image/jpg", "image/pjpeg"})


class Readable(Protocol):
    """What bytes come from."""

    def read1(self, n: int = -1, /) -> bytes:
        """Return what is there, at most `n` bytes, waiting for the first; empty at the end."""


class Parts:
    """The bodies of the parts of a multipart stream with `boundary`, as the answer's header announced it."""

    def __init__(self, stream: Readable, boundary: str) -> None:
        self._stream = stream
        self._held = bytearray()
        token = re.escape(boundary.strip('"').lstrip("-").encode("latin-1", "replace"))
        line = rb"-{0,8}" + token if token else rb"-{2,8}[\w'()+,./:=?-]{1,70}?"
        self._mark = re.compile(rb"(?:^|\r?\n)" + line + rb"(--)?[ \t]*\r?\n")

    def __iter__(self) -> Iterator[bytes]:
        """Yield each picture.

        Raises:
            SourceError: what comes is not JPEG, or too large; the text says which.
            OSError: the connection broke, or was silent for its time-out.
        """
        if self._up_to_mark(_HEAD_BYTES_MAX) is None:
            return
        while (head := self._head()) is not None:
            length = _length_of(head)
            body = self._up_to_mark(PICTURE_BYTES_MAX) if length is None else self._exactly(length)
            if body is None:
                return
            yield body
            if length is not None and self._up_to_mark(_HEAD_BYTES_MAX) is None:
                return

    def _head(self) -> Mapping[str, str] | None:
        """Return a part's header; None at the end."""
        while True:
            # A part without a header begins with an empty line.
            end = re.search(rb"^\r?\n|\r?\n\r?\n", self._held)
            if end is not None:
                break
            if len(self._held) > _HEAD_BYTES_MAX or not self._more():
                if self._held:
                    raise self._endless("a header")
                return None
        head = BytesHeaderParser().parsebytes(bytes(self._held[: end.end()]))
        del self._held[: end.end()]
        kind = str(head.get("Content-Type", "image/jpeg")).partition(";")[0].strip().lower()
        if kind not in _KINDS:
            raise SourceError(f"expected JPEG pictures, got a part of type {kind[:40]!r}")
        return {name.lower(): str(value) for name, value in head.items()}

    def _exactly(self, length: int) -> bytes | None:
        while len(self._held) < length:
            if not self._more():
                return None
        body = bytes(self._held[:length])
        del self._held[:length]
        return body

    def _up_to_mark(self, most: int) -> bytes | None:
        """Return what stands before the next boundary, which goes too; None where the stream ends before."""
        looked = 0
        while True:
            found = self._mark.search(self._held, max(0, looked))
            if found is not None:
                body = bytes(self._held[: found.start()])
                del self._held[: found.end()]
                # Two dashes after it: nothing follows.
                return None if found[1] else body
            looked = len(self._held) - 256
            if len(self._held) > most:
                raise self._endless("a picture" if most == PICTURE_BYTES_MAX else "a boundary")
            if not self._more():
                return None

    def _more(self) -> bool:
        data = self._stream.read1(_READ_BYTES)
        self._held += data
        return bool(data)

    def _endless(self, what: str) -> SourceError:
        return SourceError(f"expected {what}, got {len(self._held)} bytes without its end")


def _length_of(head: Mapping[str, str]) -> int | None:
    """Return the length that a part's header states; None where it states none that is a number.

    Raises:
        SourceError: it is too large for a picture.
    """
    said = head.get("content-length", "").strip()
    if not (said.isascii() and said.isdigit() and len(said) < 20):  # noqa: PLR2004 - digits: no picture has more bytes
        return None
    length = int(said)
    if length > PICTURE_BYTES_MAX:
        raise SourceError(f"expected pictures of at most {PICTURE_BYTES_MAX // 2**20} MiB, got one of {length} bytes")
    return length or None
