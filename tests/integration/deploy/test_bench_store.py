"""The benchmarks of the store of record, on a small chain: what they print, and that they leave a server as it was."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg2
import pytest

from analytics.figure import MEASURED_FROM
from deploy.bench import api, dashboard, ingest, orders, query
from deploy.bench.chromium import chromium
from deploy.bench.many_stores import Chain, whole_minute
from deploy.bench.scratch import scratch_database
from deploy.errors import BenchError
from tests.support.servers import Cluster

pytestmark = pytest.mark.slow


@pytest.fixture
def names(cluster: Cluster) -> Iterator[set[str]]:
    """The databases of the server; the same ones must be there afterwards."""
    before = databases(cluster)
    yield before
    assert databases(cluster) == before


def databases(cluster: Cluster) -> set[str]:
    connection = psycopg2.connect(cluster.postgres.url("postgres"))
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'footfall_bench%'")
            return {name for (name,) in cursor.fetchall()}
    finally:
        connection.close()


@contextmanager
def role(cluster: Cluster, right: str) -> Iterator[str]:
    """Yield a DSN of an ordinary role."""
    owner = psycopg2.connect(cluster.postgres.url("postgres"))
    owner.autocommit = True
    settings = owner.get_dsn_parameters()
    with owner.cursor() as cursor:
        cursor.execute(f"CREATE ROLE bencher LOGIN PASSWORD 'of-a-test' {right}")
        try:
            yield f"host={settings['host']} port={settings['port']} dbname=postgres user=bencher password=of-a-test"
        finally:
            cursor.execute("DROP ROLE bencher")
            owner.close()


@pytest.mark.usefixtures("names")
def test_questions_are_answered_alike_from_single_rows_and_much_slower(cluster: Cluster) -> None:
    chain = Chain(stores=6, months=2, compared=2, now=whole_minute())
    with scratch_database(cluster.postgres.url("postgres")) as url:
        assert "footfall_bench_" in url
        found = query.run(url, chain, runs_max=3)
        kept = psycopg2.connect(url)
        with kept, kept.cursor() as cursor:
            cursor.execute("SELECT count(*), avg(up_s / expected_s) FROM store_day_kept")
            days, watched = cursor.fetchone() or (0, 0)
        kept.close()
    assert days > 6 * 55
    assert MEASURED_FROM < watched < 1
    assert found["queries"].keys() == query.QUESTIONS.keys()
    for name, told in found["queries"].items():
        assert told["p95_ms"] >= told["median_ms"] > 0, name
        assert (told["raw_ratio"] is None) != query.QUESTIONS[name].of_rows, name
    assert found["queries"]["all_stores_all_months"]["raw_ratio"] > 3, "days are read, not counted"


@pytest.mark.usefixtures("names")
def test_an_import_is_measured_and_every_order_is_there_once(cluster: Cluster) -> None:
    with scratch_database(cluster.postgres.url("postgres")) as url:
        found = orders.run(url, orders=20_500, rounds=1)
    assert (found["rows"], found["rejected"], found["exactly_once"]) == (20_500, 2, True)
    for name in ("import", "again", "copy"):
        assert found[f"{name}_rows_per_s"] > 0, name
    assert len(found["import_to_copy_rounds"]) == 1


@pytest.mark.usefixtures("names")
def test_every_endpoint_is_asked_cold_and_again_with_its_etag(cluster: Cluster) -> None:
    chain = Chain(stores=3, months=1, compared=1, now=whole_minute())
    with scratch_database(cluster.postgres.url("postgres")) as url:
        found = api.run(url, chain, questions=12)
    assert found["endpoints"].keys() == {
        "kpis", "funnel", "traffic", "quality", "queue", "occupancy", "stores", "metrics"
    }  # fmt: skip
    for name, told in found["endpoints"].items():
        assert told["questions"] == 12, name
        assert 0 < told["cold_p50_ms"] <= told["cold_p95_ms"], name
        assert 0 < told["revalidated_p50_ms"] <= told["revalidated_p95_ms"], name


@pytest.mark.usefixtures("names")
def test_every_page_is_opened_asked_again_by_many_and_a_crossing_is_seen(cluster: Cluster) -> None:
    if chromium() is None:
        pytest.skip("no Chromium on PATH: install Debian's `chromium`")
    chain = Chain(stores=4, months=1, compared=1, now=whole_minute())
    plan = dashboard.Plan(visits=2, users=6, users_s=4.0, paints=1, crossings=3)
    # In a thread of its own: Playwright takes one browser at a time in a thread, and other tests may have one in this.
    with scratch_database(cluster.postgres.url("postgres")) as url, ThreadPoolExecutor(1) as aside:
        found = aside.submit(dashboard.run, url, chain, plan=plan).result()
    assert found["pages"].keys() == dashboard.PAGES.keys()
    for name, told in found["pages"].items():
        assert told["requests"] >= 4, name
        assert 0 < told["server_median_ms"] <= told["server_p95_ms"], name
    assert (found["users"]["count"], found["users"]["failed"]) == (6, 0)
    assert found["users"]["requests"] > 6 * 3
    assert found["first_paint_ms"] >= found["pages"]["stores"]["first_paint_ms"] > 0
    assert found["users"]["visible_p95_ms"] >= found["users"]["visible_median_ms"] > 0
    assert found["visible_p95_ms"] >= found["visible_median_ms"] > 0


@pytest.mark.usefixtures("names")
def test_ingest_is_measured_to_the_commit_and_every_row_is_there_once(cluster: Cluster) -> None:
    with scratch_database(cluster.postgres.url("postgres")) as url:
        found = ingest.run(
            url, devices=4, entries_per_batch=50, transactions=2, rounds=2, row_by_row_messages=1, visible_messages=6
        )
    for name in ("copy", "commit", "end_to_end", "row_by_row"):
        assert found[f"{name}_rows_per_s"] > 0, name
    assert found["end_to_end_rows_per_s"] > found["row_by_row_rows_per_s"]
    assert found["visible_p95_ms"] > 0
    assert found["rss_mb"] >= found["rss_first_mb"] > 10


@pytest.mark.usefixtures("names")
def test_a_role_that_may_make_databases_is_enough(cluster: Cluster) -> None:
    with role(cluster, "CREATEDB") as dsn, scratch_database(dsn) as url:
        connection = psycopg2.connect(url)
        with connection, connection.cursor() as cursor:
            cursor.execute("SELECT current_user, count(*) FROM crossing")
            assert cursor.fetchone() == ("bencher", 0)
        connection.close()


@pytest.mark.usefixtures("names")
def test_a_role_that_may_make_none_is_told_so(cluster: Cluster) -> None:
    with (
        role(cluster, "NOCREATEDB") as dsn,
        pytest.raises(BenchError, match="may not create a database"),
        scratch_database(dsn),
    ):
        pass


def test_an_unreachable_server_says_what_is_expected() -> None:
    with (
        pytest.raises(BenchError, match="cannot reach the server of --dsn"),
        scratch_database("postgresql://a:b@127.0.0.1:1/c"),
    ):
        pass
