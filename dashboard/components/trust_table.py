"""All stores' trust as a sortable table: what was counted, audited, estimated and changed."""

from typing import Any, Final

from analytics.comparison.network import StoreRow
from analytics.definitions import DEFINITIONS
from analytics.figure import MEASURED_FROM, counted
from analytics.quality.accuracy import StoreAccuracy, accuracy
from dashboard.components.figures import counted_text, value_text, worth_line
from dashboard.components.grid import grid, in_order
from dashboard.language import NOTHING, Language
from dashboard.reading.trust import ChainTrust
from dashboard.routes import Route

GRID_ID: Final = "trust-grid"


def trust_table(lang: Language, rows: list[dict[str, Any]], *, sort: str | None = None) -> Any:
    """Return the table, those least counted first; a long one scrolls in itself."""
    return grid(GRID_ID, _columns(lang), rows, lang, sort=sort)


def row_data(view: ChainTrust, route: Route, lang: Language) -> list[dict[str, Any]]:
    """Return one record per store: `x` sorts, `x_text` is shown; None where nobody knows."""
    return [_record(row, view, route, lang) for row in view.network.rows]


def shown_trust(view: ChainTrust, route: Route, lang: Language) -> list[StoreRow]:
    """Return the stores in the order that the table shows them in."""
    return in_order(view.network.rows, row_data(view, route, lang), _columns(lang), route.sort)


def _record(row: StoreRow, view: ChainTrust, route: Route, lang: Language) -> dict[str, Any]:
    store, base = row.store, row.compared.now
    share, audited = base.footfall.completeness, view.audited.get(row.store.store_id)
    restated = view.restated.get(store.store_id, 0)
    estimated = 0.0
    if row.estimated is not None and row.estimated.value is not None and base.footfall.value is not None:
        estimated = row.estimated.value - base.footfall.value
    return {
        "code": store.code,
        "name": store.name,
        "href": route.to_trust(store.code).href(),
        "trust": share,
        "trust_text": counted_text(lang, share),
        "trust_hint": "" if share is None else worth_line(lang, counted(share, as_of=base.footfall.as_of), row.store),
        "trust_whole": share is not None and share >= MEASURED_FROM,
        **_audit(audited, row, lang),
        "estimated": estimated,
        "estimated_text": f"≈ {lang.number(estimated)}" if estimated else NOTHING,
        "estimated_hint": "" if row.estimated is None else worth_line(lang, row.estimated, row.store),
        "restated": restated,
        "restated_text": lang.many("{n} day", "{n} days", restated) if restated else NOTHING,
    }


def _audit(audited: StoreAccuracy | None, row: StoreRow, lang: Language) -> dict[str, Any]:
    """Return how many the audits found right at the doors, and when the last one was."""
    lines = [] if audited is None else [one for one in audited.lines if one.last_at is not None]
    last = max((one.last_at for one in lines if one.last_at is not None), default=None)
    if last is None:
        return {"accuracy": None, "accuracy_text": NOTHING, "audit": "", "audit_text": lang.t("never audited")}
    tallies = [tally for one in lines for tally in (*one.ins, *one.outs)]
    figure = accuracy(tallies, as_of=last)
    day = last.astimezone(row.store.zone).date()
    return {
        "accuracy": figure.value,
        "accuracy_text": value_text(lang, figure),
        "accuracy_hint": worth_line(lang, figure, row.store),
        "audit": day.isoformat(),
        "audit_text": lang.short_day(day),
    }


def _columns(lang: Language) -> list[dict[str, Any]]:
    def column(field: str, name: str, tip: str, **more: Any) -> dict[str, Any]:
        return {
            "field": field,
            "headerName": name,
            "headerTooltip": tip,
            "valueFormatter": {"function": f"params.data.{field}_text"},
            "type": "rightAligned",
            "minWidth": 104,
            "width": 128,
            "sortingOrder": ["asc", "desc"],
            **more,
        }

    def defined(name: str) -> str:
        return f"{lang.t(DEFINITIONS[name].formula)} {lang.t(DEFINITIONS[name].trap)}"

    return [
        {"field": "name", "headerName": lang.t("Store"), "cellRenderer": "StoreCell", "pinned": "left",
         "minWidth": 150, "width": 240, "lockPinned": True},
        column("trust", lang.t("Counted"), defined("completeness"), cellRenderer="TrustCell", sort="asc", minWidth=96,
               tooltipField="trust_hint"),
        column("accuracy", lang.t("Right at the doors"), defined("accuracy"), tooltipField="accuracy_hint"),
        column("audit", lang.t("Last audit"), lang.t("When somebody last counted along at a door.")),
        column("estimated", lang.t("Estimated visitors"), defined("footfall_imputed"),
               cellClass=["ag-right-aligned-cell", "estimated"], sortingOrder=["desc", "asc"],
               tooltipField="estimated_hint"),
        column("restated", lang.t("Changed past days"), lang.t("Past days whose figures changed in the last 90 days."),
               sortingOrder=["desc", "asc"]),
    ]  # fmt: skip
