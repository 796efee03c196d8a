"""Every page's reading, over one database, one cache and one directory of stores."""

from dataclasses import dataclass

from analytics.cache import Cache
from analytics.clock import Clock
from analytics.database import Database
from analytics.directory import Directory
from dashboard.reading.chain import ChainReading
from dashboard.reading.facts import Facts
from dashboard.reading.fleet import FleetReading
from dashboard.reading.history import HistoryReading
from dashboard.reading.live import LiveReading
from dashboard.reading.report import ReportReading
from dashboard.reading.trust import TrustReading


@dataclass(frozen=True, slots=True)
class PagesReading:
    """What each page asks; methods of all raise DatabaseUnavailableError while the database does not answer."""

    directory: Directory
    live: LiveReading
    chain: ChainReading
    fleet: FleetReading
    trust: TrustReading
    history: HistoryReading
    report: ReportReading


def pages_reading(database: Database, cache: Cache, clock: Clock) -> PagesReading:
    """Return what the pages read from `database`."""
    directory, facts = Directory(database, cache), Facts(database)
    live = LiveReading(database, cache, directory, facts, clock)
    history = HistoryReading(database, cache, directory, clock)
    return PagesReading(
        directory,
        live,
        ChainReading(database, cache, directory, facts, clock),
        FleetReading(database, cache, clock),
        TrustReading(database, cache),
        history,
        ReportReading(database, directory, clock, history, live),
    )
