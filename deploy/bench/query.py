"""How fast the pages' own questions are answered about a whole chain, beside the same questions of single rows.

Each question is the very function that a page calls; what is timed is its queries, rows fetched. Of single rows it is
asked by the same SQL: there the rollups' names are views over the rows, and no day is kept. The single rows of 400
stores and 13 months would be hundreds of millions; they are there for the first few stores, so the ratio is of one
question about these stores, asked both ways.
"""

import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
import psycopg2
import psycopg2.extensions

from analytics import columns as c
from analytics.database import OPTIONS
from analytics.days import BusinessDay, Calendar, Slice, calendar
from analytics.facts import bucket_facts, bucket_uptime, slice_facts
from analytics.fleet.devices import read_devices
from analytics.fleet.fleet import read_fleet
from analytics.quality.accuracy import UNAUDITED, read_accuracy
from analytics.queries import Connection, rows
from analytics.stores import Store, all_stores
from analytics.visits.kpis import kpis
from analytics.visits.movement import read_movement
from analytics.visits.typical import read_typical_day
from deploy.bench.machine import machine
from deploy.bench.many_stores import Chain, Heard, fill
from deploy.bench.scratch import machine_of
from deploy.errors import BenchError

#: A question is asked so often, or for so long.
RUNS_MAX: Final = 40
_SECONDS_MAX: Final = 4.0
_RUNS_MIN: Final = 3
#: A whole day that is past and lies where quarter-hours alone are left.
_DAYS_AGO: Final = 9


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about: a connection, the stores, and their days up to `now`."""

    connection: Connection
    chain: Chain
    days: Calendar
    stores: tuple[Store, ...]
    path: str

    def ask(self, question: "Ask") -> Any:
        """Return the answer; where the tables are is said first, as a session may be shared (a pooler's is)."""
        with self.connection.cursor() as cursor:
            cursor.execute(f"SET search_path TO {self.path}")
        return question(self)

    def slices(self, of: Callable[["Subject", Sequence[BusinessDay]], Sequence[Slice]]) -> list[Slice]:
        """Return what `of` chooses of each store's days that have begun, oldest first."""
        begun = [
            [day for day in self.days.of(one.store_id).values() if day.opens_at < self.chain.now] for one in self.stores
        ]
        return [one for days in begun for one in of(self, days)]

    @property
    def past_day(self) -> Slice:
        """A whole past day of the first of the stores."""
        return self.slices(_past_day)[0]


class _TimedCursor(psycopg2.extensions.cursor):
    """Adds up the seconds that its connection's questions take, their rows fetched."""

    seconds = 0.0

    def execute(self, query: Any, vars: Any = None) -> None:  # noqa: A002  # psycopg2's name
        """Run a statement and fetch all of its rows."""
        started = time.perf_counter()
        super().execute(query, vars)
        _TimedCursor.seconds += time.perf_counter() - started

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows as Python values."""
        started = time.perf_counter()
        found = super().fetchall()
        _TimedCursor.seconds += time.perf_counter() - started
        return found


Ask = Callable[[Subject], Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a page asks; `whole_chain`: about all stores at once; `of_rows`: there are single rows to compare with."""

    ask: Ask
    whole_chain: bool = False
    of_rows: bool = True


def _facts(of: Callable[[Subject, Sequence[BusinessDay]], Sequence[Slice]], subject: Subject) -> pd.DataFrame:
    return slice_facts(subject.connection, subject.slices(of), now=subject.chain.now)


def _today(subject: Subject, days: Sequence[BusinessDay]) -> list[Slice]:
    return [subject.days.up_to(days[-1], subject.chain.now)]


def _past_day(subject: Subject, days: Sequence[BusinessDay]) -> list[Slice]:
    return [subject.days.whole(days[max(-len(days), -1 - _DAYS_AGO)])]


def _last(count: int, subject: Subject, days: Sequence[BusinessDay]) -> list[Slice]:
    return [subject.days.whole(day) for day in days[-1 - count : -1]]


def _all_days(subject: Subject, days: Sequence[BusinessDay]) -> list[Slice]:
    return [subject.days.whole(day) for day in days[:-1]]


def _typical(subject: Subject) -> Any:
    (store,) = subject.stores
    day = subject.past_day.business_date
    found = read_typical_day(subject.connection, store, subject.days, day, now=subject.chain.now)
    return found.slots


def _of_past_day(name: str, subject: Subject) -> list[tuple[Any, ...]]:
    day = subject.past_day
    return rows(subject.connection, name, store_id=day.store_id, from_at=day.from_at, until=day.until)


def _trust(subject: Subject) -> Any:
    return read_accuracy(subject.connection, [one.store_id for one in subject.stores], now=subject.chain.now)


def _kpis_of_past_day(subject: Subject) -> Any:
    audited = _trust(subject)
    facts = _facts(_past_day, subject)
    stores = zip((row for _, row in facts.iterrows()), facts[c.STORE_ID], strict=True)
    return [kpis(row, as_of=subject.chain.now, audited=audited.get(store_id, UNAUDITED)) for row, store_id in stores]


def _movement(subject: Subject) -> Any:
    yesterday = subject.slices(partial(_last, 1))[0]
    return read_movement(subject.connection, [yesterday], visitors=[1_000.0])


#: By name. A week of all stores is what *All stores* asks: the week, the one before, and eight for the sparklines.
QUESTIONS: Final[dict[str, Question]] = {
    "store_today": Question(partial(_facts, _today)),
    "store_day": Question(partial(_facts, _past_day)),
    "store_day_quarter_hours": Question(lambda s: bucket_facts(s.connection, [s.past_day])),
    "store_day_uptime": Question(lambda s: bucket_uptime(s.connection, [s.past_day], until=[s.past_day.until])),
    "store_day_doors": Question(partial(_of_past_day, "lines_of_day")),
    "store_typical_day": Question(_typical),
    "store_4_weeks": Question(partial(_facts, partial(_last, 28))),
    "store_all_months": Question(partial(_facts, _all_days)),
    "store_trust": Question(_trust),
    "store_movement": Question(_movement, of_rows=False),
    "store_queue": Question(partial(_of_past_day, "queue_exits"), of_rows=False),
    "store_devices": Question(lambda s: read_devices(s.connection, s.stores[0].store_id), of_rows=False),
    "all_stores_day_kpis": Question(_kpis_of_past_day, whole_chain=True),
    "all_stores_today": Question(partial(_facts, _today), whole_chain=True),
    "all_stores_week": Question(partial(_facts, partial(_last, 70)), whole_chain=True),
    "all_stores_all_months": Question(partial(_facts, _all_days), whole_chain=True),
    "all_stores_trust": Question(_trust, whole_chain=True),
    "fleet": Question(lambda s: read_fleet(s.connection, now=s.chain.now), whole_chain=True, of_rows=False),
}


def run(
    url: str, chain: Chain, heard: Heard = lambda _what, _share: None, *, runs_max: int = RUNS_MAX
) -> dict[str, Any]:
    """Fill an empty, migrated database and ask; return the figures, times in milliseconds.

    `raw_ratio` is the time of the question about the compared stores' single rows over that of the same question as
    pages ask it; None where a page itself reads single rows or there is nothing to roll up.

    Raises:
        BenchError: both ways did not answer the same.
        psycopg2.Error: the database did not do what was asked.
    """
    started = time.perf_counter()
    fill(url, chain, lambda what, share: heard(f"filling: {what}", 0.7 * share))
    filled = time.perf_counter() - started
    with _subject(url, chain, raw=False) as subject, _subject(url, chain, raw=True) as of_rows:
        queries = {}
        for number, (name, question) in enumerate(QUESTIONS.items()):
            heard(f"asking: {name}", 0.7 + 0.3 * number / len(QUESTIONS))
            queries[name] = _asked(name, question, (subject, of_rows), runs_max)
        with subject.connection.cursor() as cursor:
            server = machine_of(cursor)
    return {
        "machine": machine(),
        "server": server,
        "stores": chain.stores,
        "months": chain.months,
        "compared_stores": chain.compared,
        "filled_s": round(filled, 1),
        "queries": queries,
    }


def _asked(name: str, question: Question, both: tuple[Subject, Subject], runs_max: int) -> dict[str, Any]:
    subject, of_rows = both
    whole = [subject] if question.whole_chain else [_of(subject, (store,)) for store in subject.stores]
    took, with_python = _times(question.ask, whole, runs_max)
    told: dict[str, Any] = {
        "p95_ms": round(1000 * float(np.quantile(took, 0.95)), 2),
        "median_ms": round(1000 * statistics.median(took), 2),
        "function_p95_ms": round(1000 * float(np.quantile(with_python, 0.95)), 2),
        "runs": len(took),
        "raw_ratio": None,
    }
    if question.of_rows:
        few = subject.stores[: subject.chain.compared]
        parts = [few] if question.whole_chain else [(store,) for store in few]
        ours, raw = ([_of(one, part) for part in parts] for one in (subject, of_rows))
        for one, other in zip(ours, raw, strict=True):
            if not _same(one.ask(question.ask), other.ask(question.ask)):
                raise BenchError(f"{name}: single rows give another answer than what pages read")
        fast, slow = (statistics.median(_times(question.ask, each, runs_max)[0]) for each in (ours, raw))
        told |= {
            "raw_ratio": round(slow / fast, 1),
            "compared_ms": round(1000 * fast, 2),
            "raw_ms": round(1000 * slow, 2),
        }
    return told


def _times(ask: Ask, subjects: Sequence[Subject], runs_max: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each run, its queries' and the whole function's; the very first run is not among them."""
    subjects[0].ask(ask)
    took: list[float] = []
    whole: list[float] = []
    until = time.perf_counter() + _SECONDS_MAX
    while len(took) < _RUNS_MIN or (len(took) < runs_max and time.perf_counter() < until):
        # Far apart, so that no run finds warm what the one before has read.
        subject = subjects[len(took) * 37 % len(subjects)]
        started, before = time.perf_counter(), _TimedCursor.seconds
        subject.ask(ask)
        whole.append(time.perf_counter() - started)
        took.append(_TimedCursor.seconds - before)
    return took, whole


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, pd.DataFrame):
        try:
            pd.testing.assert_frame_equal(one, other, check_dtype=False)
        except AssertionError:
            return False
        return True
    return bool(one == other)


def _of(subject: Subject, stores: tuple[Store, ...]) -> Subject:
    return replace(subject, stores=stores)


@contextmanager
def _subject(url: str, chain: Chain, *, raw: bool) -> Iterator[Subject]:
    with closing(psycopg2.connect(url, cursor_factory=_TimedCursor, options=OPTIONS)) as connection:
        connection.autocommit = True
        stores = tuple(sorted(all_stores(connection), key=lambda store: store.store_id))
        last = (chain.now + timedelta(days=2)).date()
        days = calendar(connection, [one.store_id for one in stores], first=chain.first.date(), last=last)
        yield Subject(connection, chain, days, stores, "raw_rows, public" if raw else "public")
