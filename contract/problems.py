"""Problems: how every HTTP service of ours says what went wrong and what to do (RFC 9457)."""

from http import HTTPStatus
from typing import Any, Final

MEDIA_TYPE: Final = "application/problem+json"
_TYPE: Final = "urn:footfall:problem:"


def members(status: int, slug: str, detail: str) -> dict[str, Any]:
    """Return the members of a problem whose kind is named by `slug`."""
    return {"type": _TYPE + slug, "title": HTTPStatus(status).phrase, "status": status, "detail": detail}


def slug_of(status: int) -> str:
    """Return the kind of a problem that its status alone tells, such as `not-found`."""
    return HTTPStatus(status).phrase.lower().replace(" ", "-")


def place_of(location: tuple[Any, ...]) -> str:
    """Return where in a request something is wrong, as pydantic says it, without the part of the request."""
    return ".".join(str(part) for part in location[1:])
