"""Tables over many stores: the league, why its sales changed, regions and formats, their weeks, unusual stores."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from analytics.comparison.groups import Group
from analytics.comparison.network import Compared
from analytics.definitions import DEFINITIONS, mark
from analytics.figure import Figure, figure
from analytics.stores import Store
from analytics.tables import Table, Value
from analytics.visits.targets import DEFINITION_OF, Progress
from dashboard.components.group_table import name_of, shown_groups
from dashboard.components.period_picker import against
from dashboard.components.small_multiples import multiples
from dashboard.components.stores_table import shown_stores
from dashboard.components.trust_table import shown_trust
from dashboard.language import Language
from dashboard.reading.chain import NetworkView
from dashboard.reading.trust import ChainTrust
from dashboard.routes import Route
from dashboard.tables.figures import FROM, NAME, STORE, TO, Row, figure_table
from dashboard.tables.parts import change_rows, kpi_figures

_STORE: Final = (
    STORE, NAME, mark("Region"), mark("Kind of shop"), FROM, TO, mark("Change of visitors"),
    mark("Change of net sales"), mark("Best place"), mark("Worst place"), mark("Outlier"),
)  # fmt: skip
#: Of a figure with a target: what was reached of how much on the days that have one, in the period and the month.
_TARGETS: Final = (
    mark("Reached"), mark("Target"), mark("Reached, month so far"), mark("Target, month so far"),
)  # fmt: skip
_NO_TARGET: Final[tuple[Value, ...]] = (None, None)
_GROUP: Final = (
    mark("Region"), mark("Kind of shop"), mark("Stores"), FROM, TO, mark("Change of visitors"),
    mark("Change of net sales"),
)  # fmt: skip
_WEEK: Final = (NAME, mark("Week"), mark("Week of"))
_TRUST: Final = (STORE, NAME, mark("Last audit"), mark("Past days changed since"))
_SIDE: Final = mark("Side")


def stores(view: NetworkView, here: Route, lang: Language) -> Table:
    """Return each store's figures, of the period and of what it is compared with."""

    def rows() -> Iterator[Row]:
        for row in shown_stores(view.rows, here, lang):
            store = row.store
            place = (row.place.best, row.place.worst) if row.place else (None, None)
            changes = (row.compared.visitors_change, row.compared.sales_change, *place, row.outlier)
            of = (*_named(store), store.format, view.period.first, view.period.last, *changes)
            met, month = ({DEFINITION_OF[one.metric]: one for one in some} for some in (row.met, row.month))
            for one in kpi_figures(row.compared.now):
                beside = (*_met(met, one), *_met(month, one))
                yield Row((*of, lang.t("this period"), *beside), one, currency=store.currency)
            for one in kpi_figures(row.compared.before):
                yield Row((*of, lang.t("before"), *_NO_TARGET * 2), one, currency=store.currency)
            if row.estimated is not None:
                yield Row((*of, lang.t("this period"), *_NO_TARGET * 2), replace(row.estimated, quality="imputed"))

    return figure_table("stores", (*_STORE, _SIDE, *_TARGETS), rows(), lang)


def changes(view: NetworkView, _here: Route, lang: Language) -> Table:
    """Return why all stores' net sales changed, by currency; and like for like against a year before."""

    def rows() -> Iterator[Row]:
        words = against(view.name, lang)
        for currency, why in view.why.items():
            yield from change_rows((len(view.rows), words), why, currency, as_of=view.now)
        like = view.like
        if like is None or not like.stores:
            return
        of = (len(like.stores), lang.t("the same days last year"))
        yield Row(of, like.figure())
        for currency, why in like.why.items():
            yield from change_rows(of, why, currency, as_of=like.as_of)

    return figure_table("changes", (mark("Stores"), mark("Compared with")), rows(), lang)


def groups(view: NetworkView, here: Route, lang: Language) -> Table:
    """Return regions and the formats within them, or formats of the region shown; money of one currency alone."""

    def rows() -> Iterator[Row]:
        for group, part in shown_groups(view.groups):
            name, inner = name_of(group, lang), None if part is None else name_of(part, lang)
            names = (here.region, name) if here.region else (name, inner)
            yield from _group_rows(part or group, names, view, lang)

    return figure_table("groups", (*_GROUP, _SIDE), rows(), lang)


def weeks(view: NetworkView, here: Route, lang: Language) -> Table:
    """Return the visitors of each of the last weeks, as the small charts show them; a week not in full has none."""
    rows = [
        Row((one.name, place + 1, len(one.weeks)), figure("footfall", week, as_of=view.now, completeness=None))
        for one in multiples(view, here, lang)
        for place, week in enumerate(one.weeks)
    ]
    return figure_table("weeks", _WEEK, rows, lang)


def unusual(view: NetworkView, _here: Route, lang: Language) -> Table:
    """Return each store's visitors and conversion, and whether it is beyond the limits for its size."""
    rows = [
        Row((*_named(row.store), row.outlier), one)
        for row in view.rows
        for one in (row.compared.now.footfall, row.compared.now.conversion)
    ]
    return figure_table("unusual", (STORE, NAME, mark("Region"), mark("Outlier")), rows, lang)


def trusted(view: ChainTrust, here: Route, lang: Language) -> Table:
    """Return of each store how whole its visitors are, its last audit, and how many past days changed."""

    def rows() -> Iterator[Row]:
        for row in shown_trust(view, here, lang):
            store = row.store
            known = view.audited.get(store.store_id)
            audits = [line.last_at for line in known.lines if line.last_at] if known else []
            last = max(audits).astimezone(store.zone).date() if audits else None
            changed = view.restated.get(store.store_id, 0)
            yield Row((store.code, store.name, last, changed), row.compared.now.footfall)

    return figure_table("trust", _TRUST, rows(), lang)


def _group_rows(group: Group, names: tuple[Value, ...], view: NetworkView, lang: Language) -> Iterator[Row]:
    why = group.why
    changes = (group.compared.visitors_change, None if why is None else why.share)
    of = (*names, len(group.rows), view.period.first, view.period.last, *changes)
    for row in _sides(of, group.compared, group.currency, lang):
        # Several currencies cannot be added up: no sum of money is told of them.
        if group.currency is not None or not DEFINITIONS[row.figure.definition_id].unit.startswith("money"):
            yield row


def _sides(of: tuple[Value, ...], compared: Compared, currency: str | None, lang: Language) -> Iterator[Row]:
    for side, base in ((lang.t("this period"), compared.now), (lang.t("before"), compared.before)):
        for one in kpi_figures(base):
            yield Row((*of, side), one, currency=currency)


def _met(some: Mapping[str, Progress], one: Figure) -> tuple[Value, ...]:
    told = some.get(one.definition_id)
    return _NO_TARGET if told is None else (told.value, told.target)


def _named(store: Store) -> tuple[str, str, str | None]:
    return store.code, store.name, store.region
