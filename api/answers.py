"""Answers: made once for all who ask the same within a moment, each with a strong ETag; unchanged is a 304."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from fastapi import Response
from pydantic import BaseModel

from analytics.cache import Cache
from api.formats import MEDIA_TYPES, Format, encoded

#: Seconds for which an answer is given again without reading anything: days that are over change only by late data.
OVER_S: Final = 30.0
RUNNING_S: Final = 1.0
#: Answers kept at most; a page of a thousand rows has half a megabyte.
_KEPT_MAX: Final = 256


@dataclass(frozen=True, slots=True)
class _Kept:
    """An answer's bytes and the ETag made from them."""

    body: bytes
    etag: str


class Answers:
    """Makes and keeps answers."""

    def __init__(self) -> None:
        self._cache = Cache(entries_max=_KEPT_MAX)

    def give(
        self, key: str, wanted: Format, if_none_match: str | None, make: Callable[[], BaseModel], *, for_s: float
    ) -> Response:
        """Return the answer to the question `key`, or 304 where whoever asks has it already."""
        kept = self._cache.get((key, wanted), lambda: _kept(make(), wanted), for_s=for_s)
        headers = {
            "ETag": kept.etag,
            # Figures are for whoever holds the key, and as fresh as the answer is here.
            "Cache-Control": f"private, max-age={int(for_s)}" if for_s > RUNNING_S else "private, no-cache",
            "Vary": "Authorization, Accept",
        }
        if _has(if_none_match, kept.etag):
            return Response(status_code=304, headers=headers)
        if wanted != "json":
            headers["Content-Disposition"] = f'attachment; filename="{key.partition(" ")[0]}.{wanted}"'
        return Response(kept.body, media_type=MEDIA_TYPES[wanted], headers=headers)


def _kept(body: BaseModel, wanted: Format) -> _Kept:
    made = encoded(body, wanted)
    return _Kept(made, f'"{hashlib.sha256(made).hexdigest()[:32]}"')


def _has(if_none_match: str | None, etag: str) -> bool:
    """Return whether an If-None-Match names the ETag (RFC 9110: compared weakly)."""
    if if_none_match is None:
        return False
    named = [one.strip().removeprefix("W/") for one in if_none_match.split(",")]
    return "*" in named or etag in named
