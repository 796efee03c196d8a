"""Warmth: what takes longest is made before anybody asks, and made again while nobody does.

That is the All stores page's first answer, and what each store's page tells of the weeks before its day.
"""

import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from analytics.errors import AnalyticsError
from dashboard.reading.pages import PagesReading
from dashboard.reading.past_weeks import AGAIN_S

_log = logging.getLogger(__name__)

#: Half of the time for which a stale answer is shown: whoever comes finds one.
EVERY_S: Final = 60.0


def keep_warm(pages: PagesReading) -> None:
    """Start threads that ask what head office sees first, and what is told of stores' past weeks, for good."""
    rounds: tuple[tuple[Callable[[PagesReading], bool], float], ...] = (
        (warm, EVERY_S), (warm_stores, AGAIN_S),
    )  # fmt: skip
    for once, every_s in rounds:
        threading.Thread(target=_for_good, args=(once, pages, every_s), name="warming", daemon=True).start()


def warm(pages: PagesReading) -> bool:
    """Ask once what head office sees first; return whether that went well."""
    return _tried("the first page", lambda: pages.chain.network(pages.directory.stores(), None))


def warm_stores(pages: PagesReading, *, rest: Callable[[float], None] = time.sleep) -> bool:
    """Read once what is told of stores' past weeks, where it was not lately; return whether that went well.

    What cannot be read of one store keeps no other's from being read; while the database is away, none is.
    It `rest`s after each store for as long as that took: half of a processor is left to those who look.
    """
    could = list[bool]()

    def read() -> None:
        begun = time.monotonic()
        for each in pages.live.prepare(pages.directory.stores()):
            could.append(each)
            rest(time.monotonic() - begun)
            begun = time.monotonic()

    return _tried("what is told of past weeks", read) and all(could)


def _for_good(once: Callable[[PagesReading], bool], pages: PagesReading, every_s: float) -> None:
    while True:
        time.sleep(every_s if once(pages) else EVERY_S)


def _tried(what: str, read: Callable[[], object]) -> bool:
    """Return whether it could be read; whatever goes wrong, it is read again later."""
    try:
        read()
    except AnalyticsError as error:
        _log.info("%s could not be prepared: %s", what, error, extra={"action": "not_warm"})
        return False
    except Exception:  # noqa: BLE001  # these threads' root: they must not end, for all who ask later would wait
        _log.exception("a fault of ours: %s could not be prepared", what, extra={"action": "bug"})
        return False
    return True
