"""What is read for each question: every answer from one snapshot of the database."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final, Literal, TypeVar

import pandas as pd

from analytics import columns as c
from analytics.as_of import at_moment
from analytics.comparison.network import compared
from analytics.database import Database
from analytics.days import Slice
from analytics.facts import add_up, add_up_groups, slice_facts
from analytics.figure import Figure, figure
from analytics.quality.accuracy import UNAUDITED, StoreAccuracy, read_accuracy
from analytics.quality.imputation import read_estimated, with_estimates
from analytics.quality.restatements import read_told_as_now
from analytics.queries import Connection
from analytics.visits.funnel import funnel
from analytics.visits.kpis import kpis
from analytics.visits.stages import read_repeat, read_stages, stage_count
from analytics.visits.traffic import Cell, CellGrain, read_traffic
from analytics.visits.zone_watch import ZoneRole, read_zone_watch
from api.bodies import ChangeOut, FunnelOut, KpiRow, KpisOut, PreviousOut, TrafficOut, TrafficRow
from api.cursors import cursor_of, where_of
from api.errors import ProblemError
from api.figures import figure_out, figures_out, funnel_out, period_out, store_out
from api.weeks import settled_as_of
from api.windows import Window, shareable

_T = TypeVar("_T")

Grain = Literal["period", "day", "week"]
TrafficGrain = Literal["15min", "hour", "day"]
#: The most days that are answered in one page or file of cells.
CELL_DAYS_MAX: Final = {"15min": 100, "hour": 400}


def read_kpis(
    connection: Connection, window: Window, grain: Grain, *, previous: bool, cursor: str | None, limit: int
) -> KpisOut:
    """Return the KPIs of a window, in one row or a row per day or week.

    Raises:
        ProblemError: the cursor is none of this question.
        DatabaseError: the database could not be asked.
    """
    groups = _grouped(window, grain)
    page, next_cursor = paged(groups, f"kpis {grain} {window.question}", cursor, limit, lambda one: str(one[0]))
    current = [one for _, _, slices in page for one in slices]
    sides = window.sides
    wanted = [*current, *sides.comparable, *sides.previous] if previous else current
    facts, withheld = shareable(slice_facts(connection, wanted, now=window.now), window.access)
    audited = accuracy_of(connection, window)
    return KpisOut(
        store=store_out(window.store),
        period=period_out(window, sum(withheld[: len(current)])),
        grain=grain,
        rows=_rows(window, page, facts, withheld, audited=audited, estimated=_estimated(connection, window)),
        previous=_previous(window, facts, len(current)) if previous else None,
        next_cursor=next_cursor,
    )


def read_funnel(connection: Connection, window: Window) -> FunnelOut:
    """Return the funnel of a window.

    Raises:
        DatabaseError: the database could not be asked.
    """
    slices = window.sides.current
    facts, withheld = shareable(slice_facts(connection, slices, now=window.now), window.access)
    total = add_up(facts)
    watch = read_zone_watch(connection, slices, now=window.now)
    stages = read_stages(connection, window.store.store_id, slices)
    outside = window.access.outside

    def counted(name: str, days: Sequence[int | None], role: ZoneRole) -> Figure:
        # Outside the company a day of few is left out, as in `shareable`.
        told = [None if outside and count and count < window.access.k else count for count in days]
        watched = watch.of_role(role)
        return figure(name, stage_count(told, watched), as_of=window.as_of, completeness=watched)

    audited = accuracy_of(connection, window)
    found = funnel(
        kpis(total, as_of=window.as_of, audited=audited),
        engaged=counted("engaged", stages.engaged, "engagement"),
        queued=counted("queue_joins", stages.joins, "queue"),
        repeat=None if outside else read_repeat(connection, slices),
        engagement_zones=stages.engagement_zones,
        audited=audited,
    )
    return funnel_out(window, found, sum(withheld))


def read_traffic_page(
    connection: Connection, window: Window, grain: TrafficGrain, *, cursor: str | None, limit: int
) -> TrafficOut:
    """Return traffic in cells, page by page; whole days are read, so that what is withheld is judged by all of a day.

    Raises:
        ProblemError: the cursor is none of this question, or the period is too long for the grain.
        DatabaseError: the database could not be asked.
    """
    question = f"traffic {grain} {window.question}"
    if grain == "day":
        rows, withheld_days = _days(connection, window)
    else:
        window = settled_as_of(window)
        slices = window.sides.current
        if len(slices) > CELL_DAYS_MAX[grain]:
            raise ProblemError(
                422,
                "invalid-parameter",
                f"grain={grain}: expected at most {CELL_DAYS_MAX[grain]} days, got {len(slices)}",
            )
        rows, withheld_days = _cells(connection, window, grain, after=_after(cursor, question), limit=limit), 0
    page, next_cursor = paged(rows, question, cursor, limit, lambda row: row.from_.isoformat())
    return TrafficOut(
        store=store_out(window.store),
        period=period_out(window, withheld_days),
        grain=grain,
        rows=page,
        next_cursor=next_cursor,
    )


def paged(
    rows: Sequence[_T], question: str, cursor: str | None, limit: int, place: Callable[[_T], str]
) -> tuple[list[_T], str | None]:
    """Return the rows after the cursor, `limit` at most, and the cursor of what follows; `place` orders as text.

    Raises:
        ProblemError: the cursor is none of this question.
    """
    after = _after(cursor, question)
    left = [row for row in rows if place(row) > after]
    page = left[:limit]
    return page, cursor_of(question, place(page[-1])) if len(left) > limit else None


def snapshot(database: Database, window: Window, read: Callable[[Connection], _T]) -> _T:
    """Return what `read` reads, all of it from one moment; what was known at another where the window asks for that."""
    with database.snapshot() as connection, at_moment(connection, window.known):
        return read(connection)


def _after(cursor: str | None, question: str) -> str:
    return "" if cursor is None else where_of(cursor, question)


def _grouped(window: Window, grain: Grain) -> list[tuple[date, date, list[Slice]]]:
    """Return (first, last, slices) of each row."""
    if grain == "period":
        return [(window.chosen.first, window.chosen.last, list(window.sides.current))]
    found: dict[date, list[Slice]] = {}
    for one in window.sides.current:
        day = one.business_date
        found.setdefault(day if grain == "day" else day - timedelta(days=day.weekday()), []).append(one)
    return [(max(first, window.chosen.first), some[-1].business_date, some) for first, some in found.items()]


def _rows(
    window: Window,
    page: Sequence[tuple[date, date, list[Slice]]],
    facts: pd.DataFrame,
    withheld: Sequence[bool],
    *,
    audited: StoreAccuracy,
    estimated: pd.DataFrame,
) -> list[KpiRow]:
    sizes = [len(slices) for _, _, slices in page]
    totals = add_up_groups(facts.iloc[: sum(sizes)], sizes)
    found, taken = [], 0
    for (first, last, slices), total in zip(page, totals, strict=True):
        until = taken + len(slices)
        as_of = min(window.as_of, max((one.till_until for one in slices), default=window.as_of))
        figures = kpis(total, as_of=as_of, audited=audited)
        hidden = bool(slices) and all(withheld[taken:until])
        told = [one.business_date for one, hide in zip(slices, withheld[taken:until], strict=True) if not hide]
        more = _with_estimates(figures.footfall, estimated[estimated[c.BUSINESS_DATE].isin(told)])
        found.append(
            KpiRow(
                first=first,
                last=last,
                figures=figures_out(figures, withheld=hidden) | {more.definition_id: figure_out(more, withheld=hidden)},
            )
        )
        taken = until
    return found


def _estimated(connection: Connection, window: Window) -> pd.DataFrame:
    """Return the estimates of each day of a window."""
    chosen = window.chosen
    return read_estimated(connection, [window.store.store_id], first=chosen.first, last=chosen.last)


def _with_estimates(counted: Figure, estimated: pd.DataFrame) -> Figure:
    """Return visitors with those estimated on some days; no value where none is."""
    more = with_estimates(counted, estimated[[c.INS, c.LOW, c.HIGH]].sum())
    if more is not None:
        return more
    return figure("footfall_imputed", None, as_of=counted.as_of, completeness=counted.completeness)


def _previous(window: Window, facts: pd.DataFrame, current: int) -> PreviousOut:
    pairs = len(window.sides.comparable)
    found = compared(
        facts.iloc[:current],
        facts.iloc[current : current + pairs],
        facts.iloc[current + pairs :],
        now=window.as_of,
    )
    return PreviousOut(
        shift_days=window.chosen.shift_days,
        pairs=found.pairs,
        figures=figures_out(found.before),
        change=ChangeOut(visitors=found.visitors_change, net_sales=found.sales_change),
    )


def _days(connection: Connection, window: Window) -> tuple[list[TrafficRow], int]:
    slices = window.sides.current
    facts, withheld = shareable(slice_facts(connection, slices, now=window.now), window.access)
    audited = accuracy_of(connection, window)
    rows = []
    for (_, row), one, hidden in zip(facts.iterrows(), slices, withheld, strict=True):
        as_of = min(window.as_of, one.until)
        base = kpis(row, as_of=as_of, audited=audited)
        outs = None if pd.isna(row[c.OUTS]) else float(row[c.OUTS])
        leavers = figure("leavers", outs, as_of=as_of, completeness=base.footfall.completeness)
        rows.append(
            TrafficRow(
                from_=one.from_at, until=one.until, business_date=one.business_date, known_now=False,
                visitors=figure_out(base.footfall, withheld=hidden), leavers=figure_out(leavers, withheld=hidden),
            )
        )  # fmt: skip
    return rows, sum(withheld)


def _cells(connection: Connection, window: Window, grain: CellGrain, *, after: str, limit: int) -> list[TrafficRow]:
    """Return the cells of as many whole days as a page needs, and of one more."""
    left = [one for one in window.sides.current if one.until.isoformat() > after]
    per_day = 1 if grain == "hour" else 4
    chosen, cells = [], 0
    for one in left:
        chosen.append(one)
        cells += per_day * int((one.until - one.from_at) // timedelta(hours=1))
        if cells > limit + 24 * per_day:
            break
    found = read_traffic(
        connection,
        window.store,
        chosen,
        grain,
        now=window.now,
        k=window.access.k,
        audited=accuracy_of(connection, window),
    )
    known = window.known
    told_now = set() if known is None else read_told_as_now(connection, window.store.store_id, chosen, at=known)
    return [_row(cell, window, known_now=cell.business_date in told_now) for cell in found]


def _row(cell: Cell, window: Window, *, known_now: bool) -> TrafficRow:
    visitors, leavers = (replace(one, as_of=min(one.as_of, window.as_of)) for one in (cell.visitors, cell.leavers))
    return TrafficRow(
        from_=cell.from_at,
        until=cell.until,
        business_date=cell.business_date,
        known_now=known_now,
        visitors=figure_out(visitors, withheld=cell.visitors_withheld),
        leavers=figure_out(leavers, withheld=cell.leavers_withheld),
    )


def accuracy_of(connection: Connection, window: Window) -> StoreAccuracy:
    """Return how well the window's store counts, by its audits.

    Raises:
        DatabaseError: the database could not be asked.
    """
    store_id = window.store.store_id
    return read_accuracy(connection, [store_id], now=window.judged_at).get(store_id, UNAUDITED)
