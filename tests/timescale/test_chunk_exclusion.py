"""What pages ask is answered from the chunks of the days that are asked about, however many there are."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from analytics.days import calendar
from analytics.stores import all_stores
from analytics.visits.known_kpis import read_kpis
from deploy.bench.many_stores import Chain
from deploy.bench.query import QUESTIONS, Subject
from deploy.migrate import migrate
from tests.support.chunks import Chunk, ExplainingCursor, chunks
from tests.support.known import as_if_known_in_time
from tests.support.timescale import cursor_at, running_timescale
from tests.support.traffic import fill_dimensions, fill_facts

pytestmark = pytest.mark.slow

DAY = timedelta(days=1)
_TODAY = datetime.now(UTC).replace(hour=15, minute=7, second=0, microsecond=0)
#: A Wednesday afternoon, when both stores are open, not to come yet.
NOW = _TODAY - ((_TODAY.weekday() - 2) % 7 or 7) * DAY
#: Whole days that are over are kept once for all: of these questions no chunk is read.
KEPT = {
    "store_day", "all_stores_day_kpis", "store_4_weeks", "store_all_months", "store_typical_day", "all_stores_week",
    "all_stores_all_months",
}  # fmt: skip
#: What is asked of set-up, audits and boxes, which are no hypertables.
TIMELESS = {"store_trust", "store_devices", "all_stores_trust", "fleet"}
OF_YESTERDAY = {"store_movement"}
OF_TODAY = {"store_today", "all_stores_today"}


@pytest.fixture(scope="module")
def subject(node: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subject]:
    """Two stores with eleven weeks of rows in as many chunks and of rollups in six, the older ones compressed."""
    with running_timescale(node, tmp_path_factory.mktemp("chunks")) as url:
        migrate(url)
        with cursor_at(url) as cursor:
            cursor.execute(
                "SELECT set_chunk_time_interval(format('%I.%I', materialization_hypertable_schema,"
                " materialization_hypertable_name)::regclass, INTERVAL '14 days')"
                " FROM timescaledb_information.continuous_aggregates"
            )
            fill_dimensions(cursor, from_at=NOW - 77 * DAY, until=NOW)
            cursor.execute("UPDATE camera SET counts_from = %(at)s", {"at": NOW - 76 * DAY})
            fill_facts(cursor, from_at=NOW - 76 * DAY, until=NOW, thin=9)
            as_if_known_in_time(cursor.connection)
            cursor.execute("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'")
            for (job,) in cursor.fetchall():
                cursor.execute("CALL run_job(%(job)s)", {"job": job})
            cursor.execute("CALL maintain(%(now)s)", {"now": NOW})
            cursor.execute("CALL keep_store_days(%(now)s)", {"now": NOW})
            cursor.execute("ANALYZE")
        connection = psycopg2.connect(url, cursor_factory=ExplainingCursor)
        connection.autocommit = True
        days = calendar(connection, [1, 2], first=(NOW - 76 * DAY).date(), last=(NOW + 2 * DAY).date())
        yield Subject(connection, Chain(now=NOW), days, tuple(all_stores(connection)), "public")
        connection.close()


def chunks_read(subject: Subject, ask: Callable[[Subject], object]) -> list[Chunk]:
    """Return the chunks of which a question read rows."""
    ExplainingCursor.read.clear()
    subject.ask(ask)
    read = dict(ExplainingCursor.read)
    assert read, "nothing was explained"
    known = chunks(subject.connection.cursor())
    return [known[name] for name, rows in read.items() if name in known and rows]


def of(name: str, subject: Subject) -> Subject:
    """Return the subject of a question of this name: all stores, or the first one."""
    if QUESTIONS[name].whole_chain:
        return subject
    return Subject(subject.connection, subject.chain, subject.days, subject.stores[:1], subject.path)


def is_open(one: Chunk) -> bool:
    """Return whether rows still go into it: a rollup that is asked looks through those that it has not taken in yet."""
    return one.from_at < NOW < one.until


def outside(read: Sequence[Chunk], from_at: datetime, until: datetime) -> list[Chunk]:
    return [one for one in read if one.until <= from_at or one.from_at > until]


def test_there_are_many_chunks_that_could_be_read(subject: Subject) -> None:
    known = chunks(subject.connection.cursor())
    for relation, least in (("crossing", 10), ("camera_uptime", 10), ("line_traffic_15m", 5), ("camera_uptime_15m", 5)):
        assert len({one for one in known.values() if one.of == relation}) >= least


@pytest.mark.parametrize("name", sorted(QUESTIONS))
def test_a_pages_question_reads_no_chunk_of_other_days(subject: Subject, name: str) -> None:
    asked = of(name, subject)
    read = chunks_read(asked, QUESTIONS[name].ask)
    if name in KEPT | TIMELESS:
        assert read == []
        return
    assert read
    if name in OF_TODAY:
        assert outside(read, NOW - DAY, NOW) == []
    else:
        day = asked.past_day
        from_at, until = (NOW - 2 * DAY, NOW) if name in OF_YESTERDAY else (day.from_at, day.until)
        assert outside(read, from_at - timedelta(minutes=15), until) == []


def test_a_day_that_was_kept_and_then_changed_is_counted_from_its_own_chunks(subject: Subject) -> None:
    day = of("store_day", subject).past_day
    with cursor_at(subject.connection.dsn) as cursor:
        cursor.execute(
            "INSERT INTO store_day_mark (store_id, utc_date) VALUES (1, %(date)s)", {"date": day.from_at.date()}
        )
        read = chunks_read(of("store_4_weeks", subject), QUESTIONS["store_4_weeks"].ask)
        cursor.execute("DELETE FROM store_day_mark")
    read = [one for one in read if not is_open(one)]
    assert {one.of for one in read} == {"line_traffic_15m", "camera_uptime_15m"}
    # A mark is of a UTC date: business days beside it may be counted anew, too.
    assert outside(read, day.from_at - DAY, day.until + DAY) == []


def test_days_as_of_a_moment_read_the_single_rows_of_those_days_only(subject: Subject) -> None:
    first = (NOW - 30 * DAY).date()
    read = chunks_read(
        subject,
        lambda asked: read_kpis(
            asked.connection, asked.stores[0], first=first, last=first, now=NOW, as_of=NOW - 27 * DAY
        ),
    )
    read = [one for one in read if not is_open(one)]
    assert {one.of for one in read} == {"crossing", "camera_uptime"}
    # What is read begins two days before the first day and ends two days after the last.
    assert outside(read, NOW - 33 * DAY, NOW - 26 * DAY) == []
