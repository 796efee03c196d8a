"""Recomputing: every aggregate that is served, once more from the raw rows, and where the two differ.

The definitions come from the migration files and from recomputing.sql, never from the database: what was changed there
by hand is found, too. One store and one week at a time, added up by the server: memory does not grow with history.

    raw rows ─► the definitions ─► computed ─┐
                                             ├─► differences
    the views that everybody reads ─► served ┘

On TimescaleDB a rollup lags behind late rows until its next refresh. Where something differs it is refreshed and
compared again: what agrees then was late, what does not is wrong.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from deploy.migrate import Rollup, rollups
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "recomputing")
_WEEK: Final = timedelta(days=7)
#: A business day reaches at most so far beyond its date's midnights in UTC.
_DAY_REACH: Final = timedelta(days=2)
#: Differences that are shown of one relation.
SHOWN_MAX: Final = 10
#: Sums of binary fractions differ by the order in which they were added up.
_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, slots=True)
class Difference:
    """One group that is served otherwise than it is computed: `key` and the columns that differ, as text."""

    relation: str
    store: str
    key: dict[str, str]
    served: dict[str, str | None]
    computed: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Compared:
    """What came of one relation.

    `groups` were compared and `different` of them differ, of which some are `shown`; `late` others differed until the
    rollup was refreshed.
    """

    relation: str
    groups: int = 0
    different: int = 0
    late: int = 0
    shown: list[Difference] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Recomputed:
    """What was compared. `raw_from`: raw rows before it are gone, and what is served about that time has no other."""

    stores: int
    raw_from: datetime | None
    relations: list[Compared]

    @property
    def agrees(self) -> bool:
        """Whether everything served is what the raw rows say."""
        return not any(each.different for each in self.relations)

    def as_dict(self) -> dict[str, Any]:
        """Return it for JSON, instants as text."""
        raw_from = self.raw_from and self.raw_from.isoformat()
        return {**asdict(self), "raw_from": raw_from, "agrees": self.agrees}


@dataclass(frozen=True, slots=True)
class _Relation:
    """A relation that is served, and what computes it: `body` reads `source`, or `through`, a rollup of `source`.

    `at` is the moment of a raw row. `reach`: rows so far outside of a group's date belong to it.
    """

    name: str
    body: str
    source: str
    moment: str = "bucket"
    at: str = "at"
    through: Rollup | None = None
    reach: timedelta = timedelta(0)
    refreshed: bool = False


def recompute(
    database: Database,
    *,
    stores: Sequence[str] | None = None,
    since: datetime | None = None,
    on_progress: Callable[[int, int, str], None] = lambda _done, _total, _what: None,
) -> Recomputed:
    """Compare what is served of `stores` (codes; None: all) from `since` on with what raw rows say.

    `on_progress` hears how many stores of how many are done, and which is next.

    Raises:
        DatabaseError: the database did not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["stores"], {"codes": None if stores is None else list(stores)})
        found = cursor.fetchall()
        cursor.execute(_SQL["kept_from"])
        ((raw_from,),) = cursor.fetchall()
        cursor.execute("SELECT count(*) > 0 FROM pg_extension WHERE extname = 'timescaledb'")
        ((timescale,),) = cursor.fetchall()
    relations = [replace(each, refreshed=each.refreshed and timescale) for each in _relations()]
    results = {each.name: Compared(each.name) for each in relations}
    for done, (store_id, code) in enumerate(found):
        on_progress(done, len(found), code)
        for relation in relations:
            for span in _weeks(database, relation, store_id, since, raw_from):
                new = _Comparison(database, relation, (store_id, code), span).settled()
                results[relation.name] = _added(results[relation.name], new)
    on_progress(len(found), len(found), "")
    return Recomputed(len(found), raw_from, list(results.values()))


def _relations() -> Iterator[_Relation]:
    known = rollups()
    for each in known.values():
        through = known.get(each.source)
        source = through.source if through else each.source
        yield _Relation(each.name, each.body, source, through=through, refreshed=True)
    base = known["line_traffic_15m"]
    sales = Rollup("sales_15m", "pos_order", _SQL["sales_15m"])
    yield _Relation(sales.name, sales.body, sales.source, at="closed_at")
    for name, what in (("line_traffic_day", "line_traffic_day"), ("store_day_kept", "store_day_traffic")):
        yield _Relation(name, _SQL[what], base.source, "business_date", through=base, reach=_DAY_REACH)
    days = _SQL["store_day_sales"]
    yield _Relation("store_day_kept", days, sales.source, "business_date", "closed_at", sales, _DAY_REACH)


def _weeks(
    database: Database, relation: _Relation, store_id: int, begin: datetime | None, raw_from: datetime | None
) -> Iterator[tuple[datetime, datetime]]:
    """Yield the weeks in which a store has raw rows or something is served; the first begins with a whole hour.

    A business day of which a part may be gone is left out.
    """
    moment = "business_date::timestamp AT TIME ZONE 'UTC'" if relation.reach else "bucket"
    with database.transaction() as cursor:
        names = {"source": relation.source, "at": relation.at, "name": relation.name, "moment": moment}
        cursor.execute(_SQL["first_and_last"].format(**names), {"store_id": store_id})
        ((first, last),) = cursor.fetchall()
    if first is None:
        return
    bounds = [first - relation.reach, begin, raw_from and raw_from + relation.reach]
    at = _whole_hour(max(filter(None, bounds)))
    if relation.reach:
        at = at.replace(hour=0)
    while at <= last + relation.reach:
        until = at.replace(hour=0) + _WEEK
        yield at, until
        at = until


def _whole_hour(moment: datetime) -> datetime:
    hour = moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    return hour if hour == moment else hour + timedelta(hours=1)


class _Comparison:
    """One relation of one store in one span."""

    def __init__(
        self, database: Database, relation: _Relation, store: tuple[int, str], span: tuple[datetime, datetime]
    ) -> None:
        self._database = database
        self._relation = relation
        self._store = store[1]
        self._span = span
        first, until = span
        self._values: dict[str, Any] = {
            "store_id": store[0], "from": first, "until": until, "tolerance": _TOLERANCE, "most": SHOWN_MAX,
            "raw_from": first - relation.reach, "raw_until": until + relation.reach,
        }  # fmt: skip

    def settled(self) -> Compared:
        """Return what differs for good."""
        compared = self._compared()
        if not compared.different or not self._relation.refreshed:
            return compared
        names = [self._relation.through.name] if self._relation.through else []
        for name in (*names, self._relation.name):
            with self._database.autocommit() as cursor:
                values = {"name": name, "from": self._span[0], "until": self._span[1]}
                cursor.execute("CALL refresh_continuous_aggregate(%(name)s::regclass, %(from)s, %(until)s)", values)
        after = self._compared()
        return replace(after, late=max(0, compared.different - after.different))

    def _compared(self) -> Compared:
        with self._database.transaction() as cursor:
            keys, values = self._columns(cursor)
            cursor.execute(self._statement(keys, values), self._values)
            rows = cursor.fetchall()
            cursor.execute(
                f"SELECT count(*) FROM ({self._served(keys, values)}) AS s", self._values  # noqa: S608  # our own names
            )  # fmt: skip
            ((groups,),) = cursor.fetchall()
        shown = [self._difference(keys, values, row[1:]) for row in rows]
        return Compared(self._relation.name, groups, rows[0][0] if rows else 0, shown=shown)

    def _columns(self, cursor: Cursor) -> tuple[list[str], list[str]]:
        """Return the names of the columns that tell groups apart, and of those that are compared."""
        cursor.execute(f"SELECT * FROM {self._relation.name} LIMIT 0")  # noqa: S608  # our own names
        served = [column.name for column in cursor.description or ()]
        cursor.execute(f"{self._with()} SELECT * FROM computed LIMIT 0", self._values)  # noqa: S608  # as above
        computed = {column.name for column in cursor.description or ()}
        keys = [name for name in served if name in ("bucket", "business_date") or name.endswith("_id")]
        return keys, [name for name in served if name in computed and name not in keys]

    def _with(self) -> str:
        source, at, through = self._relation.source, self._relation.at, self._relation.through
        # The bucket for plain PostgreSQL's index, the moment for TimescaleDB's chunks.
        raw = (
            f"SELECT * FROM {source} WHERE store_id = %(store_id)s"  # noqa: S608  # our own names
            f" AND time_bucket('15 minutes', {at}) >= %(raw_from)s AND time_bucket('15 minutes', {at}) < %(raw_until)s"
            f" AND {at} >= %(raw_from)s AND {at} < %(raw_until)s"
        )
        parts = [f"{source} AS ({raw})"]
        if through:
            parts.append(f"{through.name} AS ({_escaped(through.body)})")
        parts.append(f"computed AS ({self._within(self._body())})")
        return "WITH " + ", ".join(parts)

    def _body(self) -> str:
        body = self._relation.body
        return body if "%(" in body else _escaped(body)

    def _within(self, body: str) -> str:
        moment = self._relation.moment
        bounds = ["%(from)s", "%(until)s"]
        if self._relation.reach:
            bounds = [f"({bound} AT TIME ZONE 'UTC')::date" for bound in bounds]
        return (
            f"SELECT * FROM ({body}) AS b WHERE store_id = %(store_id)s"  # noqa: S608  # our own names
            f" AND {moment} >= {bounds[0]} AND {moment} < {bounds[1]}"
        )

    def _served(self, keys: Sequence[str], values: Sequence[str]) -> str:
        # Late rows of a time that was archived stand beside its archived row.
        sums = [f"{'max' if name.endswith('_max') else 'sum'}({name}) AS {name}" for name in values]
        rows = self._within(f"SELECT * FROM {self._relation.name}")  # noqa: S608  # our own names
        return f"SELECT {', '.join([*keys, *sums])} FROM ({rows}) AS r GROUP BY {', '.join(keys)}"  # noqa: S608  # as above

    def _statement(self, keys: Sequence[str], values: Sequence[str]) -> str:
        differs = " OR ".join(
            f"abs(COALESCE(c.{name}, 0)::float8 - COALESCE(s.{name}, 0)::float8)"
            f" > %(tolerance)s * GREATEST(1, abs(COALESCE(c.{name}, 0)::float8))"
            for name in values
        )
        columns = [*(f"{name}::text" for name in keys), *(f"s.{name}::text, c.{name}::text" for name in values)]
        return (
            f"{self._with()}, served AS ({self._served(keys, values)})"  # noqa: S608  # our own names
            f" SELECT count(*) OVER (), {', '.join(columns)} FROM served AS s FULL JOIN computed AS c"
            f" USING ({', '.join(keys)}) WHERE {differs} ORDER BY {self._relation.moment} LIMIT %(most)s"
        )

    def _difference(self, keys: Sequence[str], values: Sequence[str], row: Sequence[str | None]) -> Difference:
        key = {name: value or "" for name, value in zip(keys, row, strict=False) if name != "store_id"}
        both = list(zip(values, row[len(keys) :: 2], row[len(keys) + 1 :: 2], strict=True))
        apart = [(name, served, computed) for name, served, computed in both if not _same(served, computed)]
        return Difference(
            self._relation.name, self._store, key,
            {name: served for name, served, _ in apart}, {name: computed for name, _, computed in apart},
        )  # fmt: skip


def _same(served: str | None, computed: str | None) -> bool:
    a, b = float(served or 0), float(computed or 0)
    return abs(a - b) <= _TOLERANCE * max(1.0, abs(b))


def _escaped(body: str) -> str:
    return body.replace("%", "%%")


def _added(so_far: Compared, new: Compared) -> Compared:
    return Compared(
        so_far.relation, so_far.groups + new.groups, so_far.different + new.different, so_far.late + new.late,
        (so_far.shown + new.shown)[:SHOWN_MAX],
    )  # fmt: skip
