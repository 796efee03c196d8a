"""Reading vendors' documents: a field that must be there, an instant, a version; errors say where and what came."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ingest.errors import DocumentError
from ingest.orders.bodies import LineIn, OrderIn
from ingest.tills.protocol import Raw

_B = TypeVar("_B", bound=BaseModel)


def need(raw: Raw, *path: str) -> Any:
    """Return the value at `path`.

    Raises:
        DocumentError: nothing is there.
    """
    value: Any = raw
    for depth, key in enumerate(path):
        if not isinstance(value, Mapping) or value.get(key) is None:
            raise DocumentError(f"{'.'.join(path[: depth + 1])}: expected a value, got nothing")
        value = value[key]
    return value


def rows(raw: Raw, key: str) -> Sequence[Raw]:
    """Return the objects of a list that may be absent.

    Raises:
        DocumentError: something else is there.
    """
    value = raw.get(key)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, Mapping) for each in value):
        raise DocumentError(f"{key}: expected a list of objects, got {type(value).__name__}")
    return value


def instant(value: Any, where: str, *, naive_is_utc: bool = False) -> datetime:
    """Return an instant; `naive_is_utc`: the till writes UTC without saying so.

    Raises:
        DocumentError: no instant, or one without an offset.
    """
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise DocumentError(f"{where}: expected an instant, got {value!r}") from error
    if moment.tzinfo is None:
        if not naive_is_utc:
            raise DocumentError(f"{where}: expected an instant with its offset, got {value!r}")
        moment = moment.replace(tzinfo=UTC)
    return moment


def version_of(moment: datetime) -> int:
    """Return the version of a document that only says when it was last changed: milliseconds since 1970."""
    return int(moment.timestamp() * 1_000)


def text_of(value: Any, most: int = 100) -> str | None:
    """Return a reference as short text; None where there is none."""
    text = "".join(each for each in str(value).strip() if each.isprintable()) if value is not None else ""
    return text[:most] or None


def store_of(stores: Mapping[str, str], place: Any, where: str) -> str:
    """Return our store for their place.

    Raises:
        DocumentError: it is not among the stores of the till.
    """
    store = stores.get(str(place))
    if store is None:
        raise DocumentError(
            f"{where}: {str(place)[:60]!r} is none of this till's places: add it to its `stores` in the file of tills"
        )
    return store


def order(**fields: Any) -> OrderIn:
    """Return the order.

    Raises:
        DocumentError: a value that no order may have.
    """
    return _made(OrderIn, fields)


def line(*, product: Any, category: Any = None, units: Decimal, net: Decimal) -> LineIn:
    """Return a line of an order.

    Raises:
        DocumentError: a value that no line may have.
    """
    fields = {"product": text_of(product) or "?", "category": text_of(category), "units": units, "net": net}
    return _made(LineIn, fields)


def _made(kind: type[_B], fields: dict[str, Any]) -> _B:
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise DocumentError(f"{where}: {first['msg']}, got {str(first.get('input'))[:80]!r}") from error
