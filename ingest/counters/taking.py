"""Taking a push, whichever way it came: whose it is, what it says, and into the book."""

from collections.abc import Callable
from datetime import datetime

from ingest.counters.book import Noted, note
from ingest.counters.protocol import Push
from ingest.counters.readings import Said
from ingest.counters.register import Counter, find, refuse
from ingest.counters.vendors import VENDORS
from ingest.database import Database
from ingest.errors import PushError


class Taker:
    """Takes pushes; `taken` is called after each that was committed. Usable from many threads."""

    def __init__(self, *, now: Callable[[], datetime], taken: Callable[[], None] = lambda: None) -> None:
        self._now = now
        self._taken = taken

    def counter(self, database: Database, login: str) -> Counter:
        """Return who is called `login`.

        Raises:
            UnknownCounterError: nobody is.
            DatabaseError: the database does not answer.
        """
        return find(database, login)

    def take(self, database: Database, counter: Counter, body: bytes, *, path: str) -> Noted:
        """Keep what a push of `counter` says.

        Raises:
            PushError: it cannot be understood; that is on record.
            UnknownCounterError: the counter was removed meanwhile.
            DatabaseError: nothing was kept; it is to be pushed again.
        """
        heard_at = self._now()
        try:
            said = understood(counter, body, heard_at, path=path)
        except PushError as error:
            self.refused(database, counter.login, str(error))
            raise
        noted = note(database, counter, said, heard_at)
        self._taken()
        return noted

    def refused(self, database: Database, login: str, reason: str) -> None:
        """Note that something was not taken.

        Raises:
            DatabaseError: the database does not answer.
        """
        with database.transaction() as cursor:
            refuse(cursor, login, reason, self._now())


def understood(counter: Counter, body: bytes, heard_at: datetime, *, path: str) -> Said:
    """Return what a push of `counter` says.

    Raises:
        PushError: it cannot be understood, or is another device's.
    """
    said = VENDORS[counter.vendor].understand(Push(body, heard_at, counter.zone, path))
    if said.serial is not None and _plain(said.serial) != _plain(counter.serial):
        raise PushError(
            f"it comes from a device of another serial number than {counter.serial}: was the device swapped? "
            "Remove the old one and add the new one"
        )
    return said


def _plain(serial: str) -> str:
    return "".join(each for each in serial.lower() if each.isalnum())
