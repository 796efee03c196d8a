"""A store's period as tables: by day, by hour, and in sum."""

from collections.abc import Iterator

from analytics.definitions import mark
from analytics.tables import Table, Value
from dashboard.components.period_picker import NAMES, against
from dashboard.language import Language
from dashboard.reading.history import HistoryView
from dashboard.tables.figures import DAY, FROM, STORE, UNTIL, Row, figure_table, local
from dashboard.tables.parts import (
    PERIOD,
    changes_table,
    forecast_table,
    funnel_table,
    kpi_figures,
    steps_table,
    targets_table,
    warmth_table,
    zones_table,
)


def past_days(seen: HistoryView, lang: Language) -> Table:
    """Return each day's figures, and the visitors with what was estimated where some were."""

    def rows() -> Iterator[Row]:
        for day in seen.days:
            of = (seen.store.code, day.business_date)
            for one in kpi_figures(day.base):
                yield Row(of, one, currency=seen.store.currency)
            if day.imputed is not None:
                yield Row(of, day.imputed)

    return figure_table("days", (STORE, DAY), rows(), lang)


def past_hours(seen: HistoryView, lang: Language) -> Table:
    """Return who came in and went out in each hour; hours of few people without numbers."""

    def rows() -> Iterator[Row]:
        for cell in seen.cells:
            of: tuple[Value, ...] = (seen.store.code, cell.business_date, *local(seen.store, cell.from_at, cell.until))
            yield Row(of, cell.visitors, withheld=cell.visitors_withheld)
            yield Row(of, cell.leavers, withheld=cell.leavers_withheld)

    return figure_table("hours", (STORE, DAY, FROM, UNTIL), rows(), lang)


def past_funnel(seen: HistoryView, lang: Language) -> Table:
    """Return the period's stages and their rates."""
    return funnel_table(_of(seen), seen.funnel, lang)


def past_sales(seen: HistoryView, lang: Language) -> Table:
    """Return the period's base set."""
    rows = (Row(_of(seen), one, currency=seen.store.currency) for one in kpi_figures(seen.compared.now))
    return figure_table("sales", PERIOD, rows, lang)


def past_zones(seen: HistoryView, lang: Language) -> Table:
    """Return who stopped where over the period; zones of few people without numbers."""
    return zones_table(_of(seen), seen.zones, lang)


def past_steps(seen: HistoryView, lang: Language) -> Table:
    """Return where people went next."""
    return steps_table(_of(seen), seen.movement, seen.compared.now, lang)


def past_warmth(seen: HistoryView, lang: Language) -> Table:
    """Return where in the pictures people were."""
    return warmth_table(_of(seen), seen.movement, lang)


def past_changes(seen: HistoryView, lang: Language) -> Table:
    """Return why the period's net sales changed."""
    why = {} if seen.why is None else {lang.t(NAMES[seen.name]): (against(seen.name, lang), seen.why)}
    return changes_table(seen.store, why, seen.compared.now.footfall.as_of, lang)


def past_queue(seen: HistoryView, lang: Language) -> Table:
    """Return what waiting was like in all, and in each hour of the day; hours of few people without numbers."""

    def rows() -> Iterator[Row]:
        if seen.queue is None:
            return
        total = (None, seen.queue.total, seen.queue.withheld)
        for hour, queue, withheld in (total, *((one.hour, one.queue, one.withheld) for one in seen.queue.hours)):
            of = (seen.store.code, seen.queue.since, seen.period.last, hour)
            # How many queued in all is a total of the store's.
            yield Row(of, queue.joins, withheld=withheld and hour is not None)
            yield from (Row(of, one, withheld=withheld) for one in queue.waits)

    return figure_table("queue", (*PERIOD, mark("Hour of the day")), rows(), lang)


def past_ahead(seen: HistoryView, lang: Language) -> Table:
    """Return what is expected of the days after the period."""
    return forecast_table(seen.store, seen.ahead, lang)


def past_targets(seen: HistoryView, lang: Language) -> Table:
    """Return how far the period's days that are over are with their targets."""
    return targets_table(_of(seen), seen.progress, lang)


def _of(seen: HistoryView) -> tuple[Value, ...]:
    return seen.store.code, seen.period.first, seen.period.last
