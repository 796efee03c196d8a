"""A chain's past in a database: any number of stores and months, as it stands once retention has done its work.

The quarter-hours are all there, single rows only of the last days (`RAW_DAYS`), as on a server where the others are
gone. For comparison the first `compared` stores have every single row of all months, too, in the schema
`raw_rows`, whose views bear the rollups' own names: the same SQL asks either, by `search_path`.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import psycopg2
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

from analytics.clock import utc_now
from deploy.migrate import rollups
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "many_stores")
#: Days of which every store has its single rows.
RAW_DAYS: Final = 2
_DAYS_A_MONTH: Final = 30.44
#: Made anew after filling, which is faster than keeping them up to date.
_LEFT_OUT: Final = ("pos_order", "line_traffic_15m_archive", "camera_uptime_15m_archive")
#: So many stores' past days are counted in one transaction.
_STORES_AT_ONCE: Final = 5

#: Told what is done and which share of all; a no-op will do.
Heard = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """What to fill in: `stores` over `months` up to `now` (UTC); the first `compared` also as single rows."""

    stores: int = 400
    months: int = 13
    compared: int = 4
    now: datetime

    @property
    def first(self) -> datetime:
        """The moment from which on there is anything."""
        start = self.now - timedelta(days=round(self.months * _DAYS_A_MONTH))
        return start.replace(hour=0, minute=0, second=0, microsecond=0)

    @property
    def raw_from(self) -> datetime:
        """The moment from which on every store has its single rows."""
        return self.now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=RAW_DAYS - 1)

    def values(self, from_at: datetime, until: datetime) -> dict[str, Any]:
        """Return the parameters of a block for a stretch of time."""
        return {
            "stores": self.stores, "compared": self.compared, "first": self.first, "raw_from": self.raw_from,
            "now": self.now, "from_at": from_at, "until": until,
        }  # fmt: skip

    def stretches(self, until: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the stretches of four weeks up to `until`."""
        at = self.first
        while at < until:
            yield at, min(at + timedelta(days=28), until)
            at += timedelta(days=28)


def fill(url: str, chain: Chain, heard: Heard = lambda _what, _share: None, *, kept: bool = True) -> None:
    """Write the chain into an empty, migrated database of which the role owns the tables; past days `kept` or not yet.

    Raises:
        psycopg2.Error: the database did not take it.
    """
    with _cursor(url) as cursor:
        _run(cursor, _SQL["dimensions"], chain.values(chain.first, chain.now))
        targets = {name: _target(cursor, name) for name in ("line_traffic_15m", "camera_uptime_15m")}
        indexes = _leave_out(cursor)
    work = _old(chain, targets) + _recent(chain)
    _all(url, work, heard, (0.0, 0.6))
    with _cursor(url) as cursor:
        for number, index in enumerate(indexes):
            heard("indexes", 0.6 + 0.1 * number / len(indexes))
            cursor.execute(index)
        _settle(cursor, chain)
        _compared_tables(cursor)
    _all(url, _compared(chain), heard, (0.7, 0.8))
    with _cursor(url) as cursor:
        cursor.execute("CREATE INDEX ON raw_rows.crossing (store_id, time_bucket('15 minutes', at))")
        cursor.execute("CREATE INDEX ON raw_rows.camera_uptime (store_id, time_bucket('15 minutes', at))")
        heard("statistics", 0.82)
        cursor.execute("VACUUM ANALYZE")
    if kept:
        keep_days(url, chain, lambda what, share: heard(what, 0.85 + 0.15 * share))


def keep_days(url: str, chain: Chain, heard: Heard = lambda _what, _share: None) -> None:
    """Count every past day, as housekeeping does, several stores beside one another."""
    stores = range(1, chain.stores + 1)
    work: list[_Work] = [
        (
            "past days",
            partial(_count_days, until=chain.now - timedelta(hours=6), stores=stores[at : at + _STORES_AT_ONCE]),
        )
        for at in range(0, chain.stores, _STORES_AT_ONCE)
    ]
    _all(url, work, heard, (0.0, 1.0))
    with _cursor(url) as cursor:
        cursor.execute("DELETE FROM store_day_mark")
        cursor.execute("SELECT count_door_days(store_id, %(until)s) FROM store", {"until": chain.now})
        cursor.execute("VACUUM ANALYZE store_day, door_day")


_Work = tuple[str, Callable[[Cursor], None]]


def _old(chain: Chain, targets: dict[str, str]) -> list[_Work]:
    work: list[_Work] = []
    for from_at, until in chain.stretches(chain.raw_from):
        values = chain.values(from_at, until)
        for part, name in (("traffic", "line_traffic_15m"), ("uptime", "camera_uptime_15m")):
            text = _SQL[f"{part}_rolled_up"].format(target=targets[name], **{part: _SQL[part]})
            work.append((f"quarter-hours of {part}", partial(_run, text=text, values=values)))
    for from_at, until in chain.stretches(chain.now):
        work.append(("orders", partial(_run, text=_SQL["orders"], values=chain.values(from_at, until))))
    return work


def _recent(chain: Chain) -> list[_Work]:
    values = chain.values(chain.raw_from, chain.now)
    return [
        ("single rows", partial(_run, text=_SQL["traffic_recent"].format(traffic=_SQL["traffic"]), values=values)),
        ("single rows", partial(_run, text=_SQL["uptime_recent"].format(uptime=_SQL["uptime"]), values=values)),
        ("single rows", partial(_run, text=_SQL["inside"], values=values)),
    ]


def _compared(chain: Chain) -> list[_Work]:
    return [
        (
            "single rows to compare with",
            partial(_run, text=_SQL[f"{part}_compared"], values=chain.values(from_at, until)),
        )
        for from_at, until in chain.stretches(chain.now)
        for part in ("traffic", "uptime")
    ]


def _all(url: str, work: Sequence[_Work], heard: Heard, shares: tuple[float, float]) -> None:
    """Do all of it, as many at once as there are processors."""
    low, high = shares

    def do(each: _Work) -> str:
        with _cursor(url) as cursor:
            each[1](cursor)
        return each[0]

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for done, what in enumerate(pool.map(do, work), start=1):
            heard(what, low + (high - low) * done / len(work))


def _target(cursor: Cursor, rollup: str) -> str:
    """Return the table that holds what a rollup keeps."""
    cursor.execute("SELECT to_regclass(%(name)s)::text", {"name": f"{rollup}_archive"})
    (archive,) = cursor.fetchone() or (None,)
    if archive is not None:
        return str(archive)
    cursor.execute(
        "SELECT format('%%I.%%I', materialization_hypertable_schema, materialization_hypertable_name)"
        " FROM timescaledb_information.continuous_aggregates"
        " WHERE view_schema = current_schema() AND view_name = %(name)s",
        {"name": rollup},
    )
    (table,) = cursor.fetchone() or ("",)
    return str(table)


def _leave_out(cursor: Cursor) -> list[str]:
    """Drop what slows filling down; return the statements that make it anew."""
    cursor.execute(
        "SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),"
        " format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))"
        " FROM pg_constraint WHERE conrelid = to_regclass('pos_order') AND contype IN ('u', 'f')",
        {},
    )
    changes = cursor.fetchall()
    cursor.execute(
        "SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid) FROM pg_index AS i"
        " WHERE indrelid = ANY(SELECT to_regclass(name) FROM unnest(%(tables)s) AS name)"
        " AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = i.indexrelid)",
        {"tables": list(_LEFT_OUT)},
    )
    changes += cursor.fetchall()
    changes.append(("ALTER TABLE pos_order DISABLE TRIGGER USER", "ALTER TABLE pos_order ENABLE TRIGGER USER"))
    for drop, _ in changes:
        cursor.execute(drop)
    return [make for _, make in changes]


def _settle(cursor: Cursor, chain: Chain) -> None:
    """Say that single rows before `raw_from` are gone, and have rolled up of the others what is by now."""
    values = chain.values(chain.raw_from, chain.now)
    cursor.execute("UPDATE rollup SET kept_from = %(raw_from)s", values)
    cursor.execute("SELECT to_regclass('timescaledb_information.continuous_aggregates') IS NOT NULL")
    if cursor.fetchone() == (False,):
        cursor.execute("ANALYZE")
        cursor.execute(_SQL["counted"], values)
    else:
        for name in rollups():
            values = {"name": name, "from_at": chain.raw_from, "until": chain.now - timedelta(minutes=15)}
            cursor.execute(
                "CALL refresh_continuous_aggregate"
                "(%(name)s::regclass, %(from_at)s::timestamptz, %(until)s::timestamptz)",
                values,
            )
    cursor.execute("DELETE FROM store_day_mark")


def _compared_tables(cursor: Cursor) -> None:
    cursor.execute(_SQL["raw_tables"])
    cursor.execute("SELECT to_regclass('timescaledb_information.hypertables') IS NOT NULL")
    if cursor.fetchone() == (True,):
        for table in ("crossing", "camera_uptime"):
            cursor.execute(
                f"SELECT create_hypertable('raw_rows.{table}', by_range('at', INTERVAL '7 days'),"
                " create_default_indexes => false)"
            )
    cursor.execute("SET search_path TO raw_rows, public")
    for name in ("line_traffic_15m", "camera_uptime_15m"):
        cursor.execute(f"CREATE VIEW raw_rows.{name} AS {rollups()[name].body}")
    cursor.execute("RESET search_path")


def _count_days(cursor: Cursor, *, until: datetime, stores: Sequence[int]) -> None:
    for store_id in stores:
        cursor.execute("SELECT count_store_days(%(store_id)s, %(until)s)", {"store_id": store_id, "until": until})


def _run(cursor: Cursor, text: str, values: dict[str, Any]) -> None:
    cursor.execute(text, values)


@contextmanager
def _cursor(url: str) -> Iterator[Cursor]:
    with closing(psycopg2.connect(url)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            yield cursor


def whole_minute() -> datetime:
    """Return the present minute, as a chain's `now`."""
    return utc_now().replace(second=0, microsecond=0)
