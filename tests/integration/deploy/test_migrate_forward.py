"""Migrations over a database with data, while the code of before still writes: nothing is lost, refused or changed."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

from analytics.as_of import known_at
from deploy import migrate
from deploy.recomputing import recompute
from ingest.database import Database
from ingest.intake import Intake
from ingest.verify import verify
from tests.support.clocks import wait_until
from tests.support.ledger import add_store, batch, count, one, waiting
from tests.support.servers import Cluster
from tests.support.timescale import cursor_at
from tests.support.traffic import fill_dimensions, fill_facts, fill_floor

pytestmark = pytest.mark.slow

#: What an installation had that was made before the gaps of the ledger were noted.
BASELINE = "0026_pre_published.sql"
NOW = datetime.now(UTC).replace(minute=7, second=0, microsecond=0)
DAY = timedelta(days=1)
_SUMS = "SELECT count(*), sum(ins), sum(outs), sum(buying_units)::float8 FROM line_traffic_15m WHERE bucket < %s"

#: As ingest and the orders API wrote at that time.
WRITES = """
SELECT epoch_id FROM ledger_epoch WHERE epoch_id = 1 FOR UPDATE;
INSERT INTO crossing (at, store_id, line_id, inward, staff, group_size) VALUES (%(at)s, 1, 1, true, false, 2);
INSERT INTO camera_uptime (at, store_id, camera_id, period_s, up_s) VALUES (%(at)s, 1, 1, 60, 60);
INSERT INTO ledger_loss (at, until, store_id, epoch_id, reason, entries, lines, of_epoch)
VALUES (%(at)s, %(at)s, 1, 1, 'budget', 1, '[]', NULL);
UPDATE ledger_epoch SET received = received + int8multirange(int8range(%(seq)s, %(seq)s, '[]')),
    last_seq = GREATEST(last_seq, %(seq)s), updated_at = clock_timestamp()
WHERE epoch_id = 1;
INSERT INTO pos_order (store_id, source, external_id, version, kind, business_date, closed_at, gross, discount, tax,
    net, currency, units, channel)
VALUES (1, 'old', %(seq)s::text, 1, 'sale', %(at)s::date, %(at)s, 10, 0, 1, 10, 'EUR', 1, 'in_store');
"""


#: What an installation had that was made before shifts and lines of orders had versions.
WITHOUT_VERSIONS = "0048_pre_oidc_attempt_address.sql"
#: As the orders API wrote at that time: a shift, later a second version of it; an order with a line, then with another.
WRITES_OF_FLOOR = """
INSERT INTO staff_shift AS old (store_id, source, external_id, version, staff_alias, starts_at, ends_at, break_min,
    on_floor, cancelled)
VALUES (1, 'old', (%(seq)s / 2)::text, %(seq)s, staff_alias(1, 'Ann'), %(at)s, %(at)s, 0, true, false)
ON CONFLICT (source, external_id, store_id) DO UPDATE SET
    version = EXCLUDED.version, staff_alias = EXCLUDED.staff_alias,
    starts_at = EXCLUDED.starts_at, ends_at = EXCLUDED.ends_at, break_min = EXCLUDED.break_min,
    on_floor = EXCLUDED.on_floor, cancelled = EXCLUDED.cancelled, received_at = now()
WHERE old.version < EXCLUDED.version;
DELETE FROM pos_order_line AS l WHERE order_id = 1;
INSERT INTO pos_order_line (order_id, line_no, product, category, units, net)
VALUES (1, 1, %(seq)s::text, 'tops', 1, 1);
"""


class OldCode:
    """Writes one transaction after another, and tries again what met a deadlock, as ingest does."""

    def __init__(self, url: str, writes: str = WRITES) -> None:
        self._url = url
        self._writes = writes
        self._stop = threading.Event()
        self.written = 0
        self.failures: list[str] = []

    def run(self) -> None:
        connection = psycopg2.connect(self._url)
        while not self._stop.wait(0.01):
            values = {"at": NOW - timedelta(seconds=self.written), "seq": 1_000 + self.written}
            try:
                with connection, connection.cursor() as cursor:
                    cursor.execute(self._writes, values)
                self.written += 1
            except psycopg2.errors.DeadlockDetected:
                continue
            except psycopg2.Error as error:
                self.failures.append(str(error))
                break
        connection.close()

    @contextmanager
    def writing(self) -> Iterator[None]:
        thread = threading.Thread(target=self.run)
        thread.start()
        try:
            wait_until(lambda: self.written > 3, what="it writes")
            yield
            before = self.written
            wait_until(lambda: self.written > before + 3 or bool(self.failures), what="it still writes")
        finally:
            self._stop.set()
            thread.join()


@pytest.fixture
def before(request: pytest.FixtureRequest, cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """URL of a database as the migrations up to the one that is asked for made it, with 20 days of two stores."""
    everything = migrate.migrations()
    url = cluster.postgres.url("test_forward")
    with monkeypatch.context() as patched:
        patched.setattr(migrate, "migrations", lambda: [each for each in everything if each.name <= request.param])
        migrate.migrate(url)
    with cursor_at(url) as cursor:
        fill_dimensions(cursor, from_at=NOW - 30 * DAY, until=NOW)
        fill_facts(cursor, from_at=NOW - 20 * DAY, until=NOW - DAY, thin=4)
        fill_floor(cursor, from_at=NOW - 20 * DAY, until=NOW - DAY)
    yield url
    cluster.drop(url)


@pytest.mark.parametrize("before", [BASELINE], indirect=True)
def test_an_old_database_with_data_comes_forward_while_old_code_writes(before: str) -> None:
    sums = one(before, _SUMS, NOW - DAY)
    rows = count(before, "crossing")
    old = OldCode(before)
    with old.writing():
        applied = migrate.migrate(before)
    assert len(applied) >= 6
    assert all("_pre_" in name for name in applied), "one that old code cannot live with is a post migration"
    assert old.failures == []
    assert count(before, "crossing") == rows + old.written
    assert one(before, "SELECT count(*) FROM pos_order WHERE source = 'old'") == (old.written,)
    assert one(before, _SUMS, NOW - DAY) == sums
    database = Database(before)
    assert recompute(database).agrees
    add_store(before, "riverside")
    intake = Intake(before, dead_letters_max=100)
    assert intake.store(waiting(batch(count=7))).entries == 7
    intake.close()
    assert [each.store for each in verify(database).missing if each.store == "riverside"] == []
    database.close()


_ROSTER = "SELECT count(*), sum(version), min(starts_at), max(ends_at) FROM {} WHERE source = 'roster'"
_LINES = "SELECT count(*), sum(units) FROM {} WHERE order_id > 1"


@pytest.mark.parametrize("before", [WITHOUT_VERSIONS], indirect=True)
def test_shifts_and_lines_that_old_code_writes_have_versions_from_the_migration_on(before: str) -> None:
    roster, lines = (
        one(before, text.format(name)) for text, name in ((_ROSTER, "staff_shift"), (_LINES, "pos_order_line"))
    )
    old = OldCode(before, WRITES_OF_FLOOR)
    with old.writing():
        migrate.migrate(before)
        (migrated,) = one(before, "SELECT clock_timestamp()")
    assert old.failures == []
    with cursor_at(before) as cursor:
        with known_at(cursor.connection, migrated):
            for text, name, was in ((_ROSTER, "staff_shift", roster), (_LINES, "pos_order_line", lines)):
                cursor.execute(text.format(name))
                assert cursor.fetchone() == was
            cursor.execute("SELECT count(*), max(product::bigint) FROM pos_order_line WHERE order_id = 1")
            known, newest = cursor.fetchone() or (0, 0)
        assert known == 1
        assert newest < 1_000 + old.written - 1
        # Every second write corrects the shift of the one before.
        cursor.execute(
            "SELECT count(*), bool_and(n.received_at = p.known_until AND n.version = p.version + 1)"
            " FROM staff_shift_past AS p JOIN staff_shift AS n USING (source, external_id, store_id)"
        )
        corrected, follow_on = cursor.fetchone() or (0, False)
    assert corrected > 0
    assert follow_on
