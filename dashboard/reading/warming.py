"""Warmth: the All stores page's first answer is made before anybody asks, and made again while nobody does."""

import logging
import threading
import time
from typing import Final

from analytics.errors import AnalyticsError
from dashboard.reading.pages import PagesReading

_log = logging.getLogger(__name__)

#: Half of the time for which a stale answer is shown: whoever comes finds one.
EVERY_S: Final = 60.0


def keep_warm(pages: PagesReading) -> None:
    """Start a thread that asks what head office sees first, now and every `EVERY_S` seconds, for good."""

    def run() -> None:
        while True:
            warm(pages)
            time.sleep(EVERY_S)

    threading.Thread(target=run, name="warming", daemon=True).start()


def warm(pages: PagesReading) -> None:
    """Ask once what head office sees first; whatever goes wrong, it is asked again later."""
    try:
        pages.chain.network(pages.directory.stores(), None)
    except AnalyticsError as error:
        _log.info("the first page could not be prepared: %s", error, extra={"action": "not_warm"})
    except Exception:  # noqa: BLE001  # this thread's root: it must not end, for all who ask later would wait
        _log.exception("a fault of ours: the first page could not be prepared", extra={"action": "bug"})
