"""A month's backlog drains into a real ingest while people go on to be counted: live numbers never wait for it."""

import sys
import time
from functools import partial
from pathlib import Path

import pytest

from edge.publishing.connection import PahoConnection
from edge.publishing.publisher import Publisher
from edge.publishing.settings import PublisherSettings
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.clocks import wait_until
from tests.support.entries import crossings
from tests.support.fake_ingest import FakeIngest
from tests.support.ingesting import running_ingest
from tests.support.ledger import add_store, count, rows
from tests.support.publishing import FakeDevice
from tests.support.real_publishing import broker_config
from tests.support.servers import RunningBroker

#: Seconds that the live value, and the ledger, may lag behind what is counted while the backlog drains.
LAG_MAX_S = 2.0


@pytest.mark.parametrize("backlog", [30_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_what_is_counted_while_a_backlog_drains_is_live_and_in_the_ledger_within_two_seconds(
    database: str, broker: RunningBroker, tmp_path: Path, backlog: int
) -> None:
    add_store(database)
    outbox = SqliteOutbox(tmp_path / "outbox.sqlite")
    for _ in range(0, backlog, 10_000):
        outbox.append(crossings(10_000))
    dashboard = FakeIngest(broker.server_url, answering=False)
    config = broker_config(broker, tmp_path)
    publisher = Publisher(
        FakeDevice(),
        outbox,
        lambda session, report: PahoConnection(config, session, report),
        settings=PublisherSettings(receipt_grace_s=0.3),
    )
    live_s, ledger_s = [], []
    with running_ingest(database, broker.server_url):
        dashboard.start()
        publisher.start()
        wait_until(lambda: bool(outbox.coverage.ranges), what="the first receipt")
        began, waiting = time.monotonic(), outbox.queue_depth
        while outbox.queue_depth > 5_000:
            (seq,) = outbox.append(crossings(1, direction="out"))
            outs, at = outbox.totals()["front-door"].out_total, time.monotonic()
            publisher.notify()
            wait_until(partial(shows, dashboard, outs), what="the live value")
            live_s.append(time.monotonic() - at)
            wait_until(partial(is_covered, outbox, seq), what="the receipt")
            ledger_s.append(time.monotonic() - at)
        drained_s, drained = time.monotonic() - began, waiting - outbox.queue_depth
        wait_until(lambda: outbox.queue_depth == 0, what="all is delivered", within_s=60)
        publisher.stop()
        dashboard.stop()
    sys.stdout.write(
        f"backlog {backlog}: {drained / drained_s:.0f} entries/s; {len(live_s)} people counted meanwhile: live after "
        f"{max(live_s):.2f} s at most, in the ledger after {max(ledger_s):.2f} s at most\n"
    )
    assert len(live_s) >= 5, "people were counted while it drained"
    for lags in (live_s, ledger_s):
        assert sorted(lags)[int(len(lags) * 0.99)] < LAG_MAX_S
        assert max(lags) < 2 * LAG_MAX_S, "one in a hundred may meet a checkpoint of the database, not for long"
    pace = PublisherSettings()
    first_window = pace.window * pace.batch_entries
    assert (drained - first_window) / drained_s < 1.2 * pace.drain_entries_s, "the broker is not flooded"
    assert count(database, "crossing") == outbox.last_seq
    assert rows(database, "SELECT * FROM ledger_missing") == []
    outbox.close()


def shows(dashboard: FakeIngest, outs: int) -> bool:
    """Return whether the newest live message says that so many went out."""
    return bool(dashboard.lives) and max((line.out_total for line in dashboard.lives[-1].lines), default=0) >= outs


def is_covered(outbox: SqliteOutbox, seq: int) -> bool:
    return not outbox.coverage.missing(seq, seq)
