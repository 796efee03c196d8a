"""Sources: the rows that metrics are computed from, each a SELECT put together from the blocks in `sql/`.

Every source takes the same named parameters: `store_ids` (integers), `first` and `last` (business dates, both
included) and `now`; those of comparisons also `dates` and `compared`, arrays of one length that say which day is
compared with which. The blocks are those that the pages ask: what they mean by a slice stands here as the days of the
stores' own calendars. A source may read others: `statement` puts those in front.
"""

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from analytics import floor_sources
from analytics.source_blocks import NOW, block, each, each_day, of, slice_of_day
from analytics.visits.lag import DAYS as LAG_DAYS
from analytics.visits.reentry import DAYS as REENTRY_DAYS

PARAMETERS: Final = ("store_ids", "first", "last", "now", "dates", "compared")


@dataclass(frozen=True, slots=True)
class Source:
    """One SELECT, and which sources it reads under their names."""

    needs: tuple[str, ...]
    sql: str


@functools.cache
def source(name: str) -> Source:
    """Return a source.

    Raises:
        KeyError: none has this name.
    """
    needs, make = _SOURCES[name]
    return Source(needs, make())


def statement(name: str, sql: str) -> str:
    """Return a statement that can be run: `sql` over the rows of the source `name`."""
    rest = f", {sql.removeprefix('WITH ')}" if sql.startswith("WITH ") else f"\n{sql}"
    return f"WITH {_chain(name)}{rest}"


def names() -> tuple[str, ...]:
    """Return the names of all sources; each comes after those that it reads."""
    return tuple(_SOURCES)


def _chain(*read: str) -> str:
    needed = dict.fromkeys(need for name in read for need in _needed(name))
    return ", ".join(f"{need} AS (\n{source(need).sql}\n)" for need in needed)


def _needed(name: str) -> Iterator[str]:
    for need in source(name).needs:
        yield from _needed(need)
    yield name


def _over(sql: str, first: str, last: str, *reads: str) -> str:
    """Return rows of facts (or of what is read beside them) over another span of days, in themselves."""
    text = f"WITH {_chain('facts', *reads)}\n{sql}"
    return text.replace("%(first)s::date", first).replace("%(last)s::date", last)


def _calendar() -> str:
    return block("business_days", first="(%(first)s::date)", last="(%(last)s::date + 7)")


def _days() -> str:
    return f"""SELECT row_number() OVER (ORDER BY store_id, business_date)::int AS slice, d.*
FROM (
    SELECT store_id, business_date, hours_known, opens_at AS from_at, closes_at,
           least(closes_at, {NOW}) AS until,
           least(closes_at, {NOW} - INTERVAL '2 minutes') AS watched_until,
           least({NOW}, greatest(closes_at, least(
               closes_at + INTERVAL '1 hour', COALESCE(lead(opens_at) OVER w, 'infinity')
           ))) AS till_until,
           lag(closes_at) OVER w AS closed_before, lead(opens_at) OVER w AS opens_next
    FROM calendar
    WINDOW w AS (PARTITION BY store_id ORDER BY business_date)
) AS d
WHERE business_date <= %(last)s::date AND from_at < {NOW}"""


def _uptime() -> str:
    watched = "(SELECT slice, store_id, from_at, watched_until AS until FROM days) AS w"
    return of("uptime_of_slices", watched, measured_from="0.98")


def _zone_uptime() -> str:
    zones = slice_of_day("uptime_of_zones", "watched_until").replace("%(measured_from)s", "0.98")
    return f"SELECT d.store_id, x.*\nFROM days AS d\nCROSS JOIN LATERAL (\n{zones}\n) AS x"


def _sales() -> str:
    return of("sales_of_slices", "(SELECT slice, store_id, from_at, till_until AS until FROM days) AS w")


def _facts() -> str:
    return """SELECT d.slice, d.store_id, d.business_date, d.from_at, d.until,
       CASE WHEN k.doors THEN t.ins END::float8 AS ins, CASE WHEN k.doors THEN t.outs END::float8 AS outs,
       CASE WHEN k.doors THEN t.staff_ins END::float8 AS staff_ins,
       CASE WHEN k.street THEN t.passers END::float8 AS passers,
       NULLIF(t.grouped_ins, 0)::float8 AS grouped_ins,
       CASE WHEN t.grouped_ins > 0 THEN t.buying_units END AS buying_units,
       COALESCE(u.up_s, 0) AS up_s, COALESCE(u.expected_s, 0) AS expected_s,
       COALESCE(u.doors_down, 0)::float8 AS doors_down, COALESCE(u.street_up_s, 0) AS street_up_s,
       COALESCE(u.street_expected_s, 0) AS street_expected_s,
       COALESCE(u.streets_down, 0)::float8 AS streets_down,
       CASE WHEN s.till_known THEN s.transactions END::float8 AS transactions,
       CASE WHEN s.till_known THEN s.refunds END::float8 AS refunds,
       CASE WHEN s.till_known THEN s.net_sales END AS net_sales,
       CASE WHEN s.till_known THEN s.units END::float8 AS units
FROM days AS d
LEFT JOIN traffic AS t USING (slice)
LEFT JOIN uptime AS u USING (slice)
LEFT JOIN sales AS s USING (slice)
CROSS JOIN LATERAL (
    SELECT COALESCE(u.up_s, 0) > 0 OR t.ins + t.outs + t.staff_ins > 0 AS doors,
           COALESCE(u.street_up_s, 0) > 0 OR t.passers > 0 AS street
) AS k"""


def _stages() -> str:
    return f"""SELECT f.*, CASE WHEN g.raw AND z.zones > 0 THEN g.engaged END::float8 AS engaged,
       CASE WHEN g.raw AND z.queues > 0 THEN g.joins END::float8 AS joins,
       COALESCE(w.zones_up_s, 0) AS zones_up_s, COALESCE(w.queues_up_s, 0) AS queues_up_s
FROM facts AS f
JOIN days AS d USING (slice)
CROSS JOIN LATERAL (
{slice_of_day("stages_of_slices")}
) AS g
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE role = 'engagement') AS zones, count(*) FILTER (WHERE role = 'queue') AS queues
    FROM zone WHERE zone.store_id = d.store_id
) AS z
LEFT JOIN (
    SELECT slice, sum(up_s) FILTER (WHERE role = 'engagement') AS zones_up_s,
           sum(up_s) FILTER (WHERE role = 'queue') AS queues_up_s
    FROM zone_uptime GROUP BY slice
) AS w ON w.slice = f.slice"""


def _stays() -> str:
    stays = block("zone_stays", store_id="d.store_id", from_at="d.from_at", until="d.until")
    return f"""SELECT d.store_id, w.up_s, x.*
FROM days AS d
LEFT JOIN (SELECT slice, sum(up_s) AS up_s FROM zone_uptime WHERE role = 'engagement' GROUP BY slice) AS w USING (slice)
LEFT JOIN LATERAL (
{stays}
) AS x ON true"""


def _queue_now() -> str:
    now = block("queue_now", store_id="t.store_id", since=f"({NOW} - INTERVAL '2 minutes')")
    return f"""SELECT t.store_id, x.*
FROM unnest(%(store_ids)s::int[]) AS t (store_id)
CROSS JOIN LATERAL (
{now}
) AS x"""


def _quarters() -> str:
    early = "(SELECT slice, store_id, from_at - INTERVAL '3 hours' AS from_at, from_at AS until FROM last_days) AS w"
    return f"""WITH last_days AS (
    SELECT DISTINCT ON (store_id) * FROM days ORDER BY store_id, business_date DESC
), buckets AS (
{of("traffic_of_buckets", "last_days")}
), before_opening AS (
    SELECT slice, sum(ins + staff_ins - outs - staff_outs) AS early FROM (
{of("traffic_of_buckets", early)}
    ) AS b GROUP BY slice
)
SELECT d.store_id, b.bucket, COALESCE(b.ins, 0)::int AS ins, COALESCE(b.outs, 0)::int AS outs,
       COALESCE(b.staff_ins, 0)::int AS staff_ins, COALESCE(b.staff_outs, 0)::int AS staff_outs,
       COALESCE(e.early, 0)::int AS early, f.ins IS NOT NULL AS known
FROM last_days AS d
JOIN facts AS f USING (slice)
LEFT JOIN buckets AS b USING (slice)
LEFT JOIN before_opening AS e USING (slice)"""


def _repeats() -> str:
    return each("repeat_buyers", "till_until")


def _audits() -> str:
    return block("audits", since=f"({NOW} - INTERVAL '90 days')", until=NOW)


def _finished() -> str:
    lines = block("line_traffic", store_ids="ARRAY[d.store_id]", from_at="d.starts", until="d.ends")
    watch = block("entrance_uptime", store_id="d.store_id", from_at="d.from_at", until="d.closes_at")
    return f"""WITH finished_days AS (
    SELECT DISTINCT ON (store_id) *,
           greatest(from_at - INTERVAL '2 hours', closed_before + (from_at - closed_before) / 2) AS starts,
           least(closes_at + INTERVAL '2 hours', closes_at + (opens_next - closes_at) / 2) AS ends
    FROM days
    WHERE hours_known AND closes_at + INTERVAL '2 hours' <= {NOW}
    ORDER BY store_id, business_date DESC
)
SELECT d.store_id, d.business_date, l.line, l.role, l.ins, l.outs,
       d.closes_at - d.from_at <= INTERVAL '20 hours' AND {NOW} - d.closes_at <= INTERVAL '7 days'
       AND COALESCE((SELECT bool_and(w.up_s >= w.expected_s * 0.98) FROM (
{watch}
       ) AS w), false) AS whole
FROM finished_days AS d
CROSS JOIN LATERAL (
{lines}
) AS l"""


def _estimates() -> str:
    return f"""SELECT f.*, e.ins::float8 AS estimated
FROM facts AS f
LEFT JOIN (
{block("estimated_days")}
) AS e USING (store_id, business_date)"""


def _doors() -> str:
    weeks = f"""SELECT d.*, EXTRACT(isodow FROM d.business_date)
       || ' ' || (d.from_at AT TIME ZONE s.timezone - d.business_date)
       || ' ' || (d.closes_at AT TIME ZONE s.timezone - d.business_date) AS kind
FROM days AS d
JOIN facts AS f USING (slice)
JOIN store AS s ON s.store_id = d.store_id
WHERE d.closes_at <= {NOW} AND f.expected_s > 0 AND f.doors_down = 0 AND f.up_s >= 0.98 * f.expected_s"""
    return f"""SELECT d.slice, d.kind, m.inward, x.second, x.size, v.visitors,
       EXTRACT(epoch FROM d.closes_at - d.from_at)::float8 AS length_s
FROM (
{_over(weeks, f"(%(first)s::date - {REENTRY_DAYS})", "(%(first)s::date - 1)")}
) AS d
CROSS JOIN (SELECT sum(ins) AS visitors FROM facts) AS v
CROSS JOIN LATERAL (
{slice_of_day("door_moments")}
) AS m
CROSS JOIN LATERAL unnest(m.seconds, m.sizes) AS x (second, size)"""


def _pairs() -> str:
    columns = ("ins", "transactions", "net_sales", "up_s", "expected_s", "doors_down")
    told = ", ".join(f"{side}.{name} AS {name}_{side}" for side in ("after", "before") for name in columns)
    days = _over(
        "SELECT * FROM facts",
        "(SELECT min(x) FROM unnest(%(compared)s::date[]) AS x)",
        "(SELECT max(x) FROM unnest(%(dates)s::date[]) AS x)",
    )
    return f"""WITH both_sides AS (
{days}
), opened AS (
{block("since")}
)
SELECT after.store_id, after.business_date, p.compared, {told},
       o.since <= least((min(p.date) OVER own - INTERVAL '1 year')::date, min(p.compared) OVER own) AS long_open
FROM unnest(%(dates)s::date[], %(compared)s::date[]) AS p (date, compared)
JOIN both_sides AS after ON after.business_date = p.date
JOIN both_sides AS before ON before.store_id = after.store_id AND before.business_date = p.compared
LEFT JOIN opened AS o ON o.store_id = after.store_id
WINDOW own AS (PARTITION BY after.store_id)"""


def _served_days() -> str:
    first, last = f"({NOW} - INTERVAL '57 days')::date", f"{NOW}::date"
    return _over(floor_sources.served_days(), first, last, "staffed_hours")


def _lag_bins() -> str:
    text = floor_sources.lag_bins().replace("%(first)s::date", "%(first)s::text::date")
    whole = _over(text, f"(%(first)s::date - {LAG_DAYS})", "%(last)s::date")
    return whole.replace("%(first)s::text::date", "%(first)s::date")


_SOURCES: Final[dict[str, tuple[tuple[str, ...], Callable[[], str]]]] = {
    "calendar": ((), _calendar),
    "days": (("calendar",), _days),
    "traffic": (("days",), lambda: of("traffic_of_slices", "days")),
    "uptime": (("days",), _uptime),
    "sales": (("days",), _sales),
    "facts": (("traffic", "uptime", "sales"), _facts),
    "zone_uptime": (("days",), _zone_uptime),
    "stages": (("facts", "zone_uptime"), _stages),
    "stays": (("zone_uptime",), _stays),
    "waits": (("days",), lambda: each_day("queue_exits", f"{NOW} AS now, x.*")),
    "lengths": (("days",), lambda: each_day("queue_length")),
    "queue_now": ((), _queue_now),
    "steps": (("days",), lambda: each("steps")),
    "warmth": (("days",), lambda: each_day("warmth")),
    "quarters": (("facts",), _quarters),
    "repeats": (("days",), _repeats),
    "audits": ((), _audits),
    "finished": (("days",), _finished),
    "estimates": (("facts",), _estimates),
    "doors": (("facts",), _doors),
    "pairs": ((), _pairs),
    "hours": (("days",), floor_sources.hours),
    "staffed_hours": (("hours",), floor_sources.staffed_hours),
    "served_days": ((), _served_days),
    "judged_hours": (("staffed_hours", "served_days"), floor_sources.judged_hours),
    "staff_sales": (("days",), floor_sources.staff_sales),
    "category_rows": (("zone_uptime",), floor_sources.category_rows),
    "lag_bins": ((), _lag_bins),
}
