"""The parts of a view, each read on its own: one that cannot be read is named, and the rest of the page goes on."""

import logging
from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from analytics.errors import AnalyticsError, DatabaseUnavailableError
from analytics.queries import Connection

_S = TypeVar("_S")
_T = TypeVar("_T")
_log = logging.getLogger(__name__)

#: So long a view is kept of which a part could not be read: it is tried again soon, yet not by everybody who looks.
FAILED_S: Final = 5.0


class InParts(Protocol):
    """A view that names the parts of it which could not be read."""

    @property
    def failed(self) -> frozenset[str]:
        """Which parts could not be read."""


def kept_for(whole_s: float) -> Callable[[InParts], float]:
    """Return for how many seconds a view is kept: `whole_s`, where all of it could be read."""
    return lambda view: min(whole_s, FAILED_S) if view.failed else whole_s


class Parts:
    """Reads parts, all on one `connection`, or each on its own; `failed` are the names of those that could not be."""

    def __init__(self, connection: Connection | None = None) -> None:
        self._connection = connection
        self._failed: set[str] = set()

    @property
    def failed(self) -> frozenset[str]:
        """Which parts could not be read."""
        return frozenset(self._failed)

    def read(self, name: str, read: Callable[[], _T], otherwise: _S) -> _T | _S:
        """Return what `read` returns, or `otherwise` where the database or our own code fails over it.

        Raises:
            DatabaseUnavailableError: the database went away, which the whole page says.
        """
        try:
            return read()
        except DatabaseUnavailableError:
            raise
        except AnalyticsError as error:
            if self._connection is not None and self._connection.closed:
                raise
            _log.error("%s cannot be read: %s", name, error, extra={"action": "part_failed"})
        except Exception:  # noqa: BLE001  # a card's root: a fault in one is no reason to show none of the others
            _log.exception("a fault of ours: %s cannot be read", name, extra={"action": "bug"})
        self._failed.add(name)
        return otherwise
