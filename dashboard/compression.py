"""Compression: long answers travel as gzip to whoever takes it, as hundreds of rows are mostly repetition."""

import gzip
from typing import Final

import flask

#: A shorter answer is sent as it is.
LONG_FROM: Final = 8_000
#: The fastest level: the first megabyte a second counts, not the last percent.
_LEVEL: Final = 1
_KINDS: Final = frozenset({"application/json", "text/csv"})


def compressed(response: flask.Response) -> flask.Response:
    """Return a long textual answer to the current request compressed, any other as it is."""
    if (
        response.mimetype not in _KINDS
        or response.is_streamed
        or (response.content_length or 0) < LONG_FROM
        or "Content-Encoding" in response.headers
        or not flask.request.accept_encodings["gzip"]
    ):
        return response
    response.set_data(gzip.compress(response.get_data(), compresslevel=_LEVEL, mtime=0))
    response.headers["Content-Encoding"] = "gzip"
    response.vary.add("Accept-Encoding")
    return response
