"""Tables over many stores or boxes: the league of stores, what each door counted, the boxes."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from analytics.definitions import mark
from analytics.figure import Figure
from analytics.stores import Store
from analytics.tables import Table, Value
from analytics.visits.targets import DEFINITION_OF, Progress
from dashboard.components.fleet_words import signal_words
from dashboard.language import Language
from dashboard.reading.chain import NetworkView
from dashboard.reading.fleet import FleetView
from dashboard.reading.trust import ChainTrust, StoreTrust
from dashboard.tables.figures import Row, figure_table
from dashboard.tables.store import kpi_figures

_STORE: Final = (
    mark("Store"), mark("Name"), mark("Region"), mark("Kind of shop"), mark("From"), mark("To"),
    mark("Change of visitors"), mark("Change of net sales"), mark("Best place"), mark("Worst place"), mark("Outlier"),
)  # fmt: skip
#: Of a figure with a target: what was reached of how much on the days that have one, in the period and the month.
_TARGETS: Final = (
    mark("Reached"), mark("Target"), mark("Reached, month so far"), mark("Target, month so far"),
)  # fmt: skip
_NO_TARGET: Final[tuple[Value, ...]] = (None, None)
_DOORS: Final = (
    mark("Store"), mark("Door"), mark("Business day"), mark("Counted share"), mark("Hours estimated"),
    mark("Visitors estimated"),
)  # fmt: skip
_TRUST: Final = (mark("Store"), mark("Name"), mark("Last audit"), mark("Past days changed since"))
_BOXES: Final = (
    mark("Store"), mark("Name"), mark("Box"), mark("State"), mark("Enrolment"), mark("Last heard (UTC)"),
    mark("Version"), mark("Model"), mark("Cameras"), mark("Cameras that see"), mark("To send"),
)  # fmt: skip


def stores(view: NetworkView, lang: Language) -> Table:
    """Return each store's figures, of the period and of what it is compared with."""

    def rows() -> Iterator[Row]:
        for row in view.rows:
            store = row.store
            place = (row.place.best, row.place.worst) if row.place else (None, None)
            changes = (row.compared.visitors_change, row.compared.sales_change, *place, row.outlier)
            of = (*_named(store), store.format, view.period.first, view.period.last, *changes)
            met, month = ({DEFINITION_OF[one.metric]: one for one in some} for some in (row.met, row.month))
            for one in kpi_figures(row.compared.now):
                yield Row(
                    (*of, lang.t("this period"), *_met(met, one), *_met(month, one)), one, currency=store.currency
                )
            for one in kpi_figures(row.compared.before):
                yield Row((*of, lang.t("before"), *_NO_TARGET * 2), one, currency=store.currency)
            if row.estimated is not None:
                yield Row((*of, lang.t("this period"), *_NO_TARGET * 2), replace(row.estimated, quality="imputed"))

    return figure_table("stores", (*_STORE, mark("Side"), *_TARGETS), rows(), lang)


def doors(seen: StoreTrust, lang: Language) -> Table:
    """Return what each door counted, day by day, and what is estimated of it."""
    code = seen.live.store.code
    rows = [
        [code, line.line, day.business_date, day.share, day.estimated_h or None, day.estimated or None]
        for line in seen.lines
        for day in line.days
    ]
    return _plain("doors", _DOORS, rows, lang)


def trusted(view: ChainTrust, lang: Language) -> Table:
    """Return of each store how whole its visitors are, its last audit, and how many past days changed."""

    def rows() -> Iterator[Row]:
        for row in view.network.rows:
            store = row.store
            known = view.audited.get(store.store_id)
            audits = [line.last_at for line in known.lines if line.last_at] if known else []
            last = max(audits).astimezone(store.zone).date() if audits else None
            changed = view.restated.get(store.store_id, 0)
            yield Row((store.code, store.name, last, changed), row.compared.now.footfall)

    return figure_table("trust", _TRUST, rows(), lang)


def boxes(view: FleetView, lang: Language) -> Table:
    """Return the boxes."""
    rows: list[list[Value]] = []
    for store, box in view.boxes:
        one = box.device
        see = sum(1 for _, up, _, trouble in one.cameras if up and not trouble)
        rows.append([
            store.code, store.name, one.code, signal_words(one, store, view.now, lang), box.standing, one.heard_at,
            one.version, one.model, len(one.cameras), see, one.queue_depth,
        ])  # fmt: skip
    return _plain("boxes", _BOXES, rows, lang)


def _met(some: Mapping[str, Progress], one: Figure) -> tuple[Value, ...]:
    told = some.get(one.definition_id)
    return _NO_TARGET if told is None else (told.value, told.target)


def _named(store: Store) -> tuple[str, str, str | None]:
    return store.code, store.name, store.region


def _plain(name: str, columns: tuple[str, ...], rows: list[list[Value]], lang: Language) -> Table:
    return Table(name, tuple(lang.t(one) for one in columns), rows)
