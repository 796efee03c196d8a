"""The service that asks all tills: a thread each, so that one that is slow keeps none of the others waiting."""

import logging
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol

from ingest.database import Database
from ingest.errors import DatabaseError
from ingest.orders.book import Terms
from ingest.settings import OrdersSettings
from ingest.tills.asking import TillAsker
from ingest.tills.folder import DropFolder
from ingest.tills.keeping import Kept
from ingest.tills.metrics import TillMetrics
from ingest.tills.opening import open_till
from ingest.tills.settings import CsvSettings, PosLogSettings, TillSettings, load_tills

logger = logging.getLogger(__name__)

_ROUND_S: Final = 2.0
_DATABASE_AWAY_S: Final = 10.0


class Rounds(Protocol):
    """What is done for one till, again and again."""

    name: str

    def round(self) -> Kept:
        """Do what is due.

        Raises:
            DatabaseError: the database does not answer.
        """
        ...


def open_rounds(
    file: Path, settings: OrdersSettings, *, now: Callable[[], datetime], only: str | None = None
) -> Sequence[Rounds]:
    """Return the rounds of every till in `file`, or of the one named `only`.

    Raises:
        TillsFileError: the file, a secret or a folder of it is not as expected.
    """

    def terms() -> Terms:
        return Terms.of(settings, now())

    def opened(till: TillSettings) -> Rounds:
        database = Database(settings.database_url.get_secret_value(), name=f"footfall-till-{till.name}")
        if isinstance(till, CsvSettings | PosLogSettings):
            return DropFolder(till, file, database, now=now, terms=terms)
        return TillAsker(till, open_till(till, file), database, now=now, terms=terms)

    return [opened(each) for each in load_tills(file).tills if only is None or each.name == only]


def serve(rounds: Sequence[Rounds], stopping: threading.Event, metrics: TillMetrics | None = None) -> None:
    """Go round until `stopping` is set; `metrics` hear of each round."""
    watched = metrics or TillMetrics()
    threads = [
        threading.Thread(target=_go_round, args=(each, stopping, watched), name=f"till-{each.name}", daemon=True)
        for each in rounds
    ]
    for thread in threads:
        thread.start()
    stopping.wait()
    for thread in threads:
        # One that waits for a till's answer is left: what it has not committed is asked for again.
        thread.join(timeout=_ROUND_S)


def _go_round(rounds: Rounds, stopping: threading.Event, metrics: TillMetrics) -> None:
    while not stopping.is_set():
        try:
            metrics.done(rounds.name, rounds.round(), datetime.now(UTC))
            pause = _ROUND_S
        except DatabaseError as error:
            logger.warning("till %s waits: %s", rounds.name, error, extra={"action": "till_waits"})
            metrics.failed(rounds.name)
            pause = _DATABASE_AWAY_S
        except Exception:
            # Root of this thread: a fault with one document must not silence the till for ever.
            logger.exception("till %s: a fault of ours", rounds.name, extra={"action": "bug"})
            metrics.failed(rounds.name)
            pause = _DATABASE_AWAY_S
        stopping.wait(pause)
