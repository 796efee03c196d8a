"""All stores as a sortable table: numbers sort by value, texts and marks are made here."""

from typing import Any, Final

import dash_ag_grid as dag
from dash import html

from analytics.definitions import DEFINITIONS, mark
from analytics.figure import MEASURED_FROM
from analytics.network import StoreRow
from dashboard.components.figures import counted_text, interval_text, value_text
from dashboard.language import NOTHING, Language
from dashboard.routes import Route

GRID_ID: Final = "stores-grid"
_ROW_PX: Final = 48
#: The look of every table.
THEME: Final = (
    "themeQuartz.withParams({backgroundColor: 'var(--surface)', foregroundColor: 'var(--ink)', "
    "headerBackgroundColor: 'var(--surface)', headerTextColor: 'var(--muted)', headerFontWeight: 500, "
    "borderColor: 'var(--line)', rowHoverColor: 'var(--hover)', wrapperBorder: false, columnBorder: false, "
    "fontFamily: 'inherit', fontSize: 14, headerFontSize: 12, cellHorizontalPadding: 12, accentColor: 'var(--accent)', "
    "headerColumnResizeHandleColor: 'transparent', browserColorScheme: 'inherit'})"
)
_TRUST: Final = mark("Counted")


def stores_table(lang: Language) -> Any:
    """Return the empty table; `row_data` fills it."""
    return html.Div(
        dag.AgGrid(
            id=GRID_ID,
            columnDefs=_columns(lang),
            rowData=[],
            getRowId="params.data.code",
            defaultColDef={
                "resizable": False,
                "sortable": True,
                "suppressHeaderMenuButton": True,
                "cellDataType": False,
            },
            dashGridOptions={
                "theme": {"function": THEME},
                "rowHeight": _ROW_PX,
                "headerHeight": 40,
                "domLayout": "autoHeight",
                "suppressCellFocus": True,
                "suppressMovableColumns": True,
                "tooltipShowDelay": 300,
                "animateRows": False,
                "localeText": {"noRowsToShow": lang.t("No stores yet")},
            },
            eventListeners={
                "rowClicked": ["openStore(params)"],
                "columnResized": ["fitColumns(params)"],
                "gridSizeChanged": ["fitColumns(params)"],
            },
            columnSize="responsiveSizeToFit",
            style={"width": "100%", "height": None},
            dangerously_allow_code=False,
        ),
        className="table",
    )


def row_data(rows: tuple[StoreRow, ...], route: Route, lang: Language) -> list[dict[str, Any]]:
    """Return one record per store: `x` sorts, `x_text` is shown; None where nobody measured."""
    return [_record(row, route, lang) for row in rows]


def _record(row: StoreRow, route: Route, lang: Language) -> dict[str, Any]:
    base, store, change = row.compared.now, row.store, row.compared.visitors_change
    record: dict[str, Any] = {
        "code": store.code,
        "name": store.name,
        "href": route.to_store(store.code).href(),
        "region": store.region or "",
        "change": change,
        "change_text": "" if change is None else lang.change(change),
        "change_hint": _pairs(row, lang),
        "conversion_low": base.conversion.low,
        "conversion_high": base.conversion.high,
        "conversion_range": interval_text(lang, base.conversion),
        "weeks": list(row.weeks),
        "weeks_text": ", ".join(NOTHING if week is None else lang.number(week) for week in row.weeks),
    }
    shown = {
        "visitors": (base.footfall, None), "capture": (base.capture_rate, 0), "conversion": (base.conversion, 0),
        "atv": (base.atv, None), "spv": (base.spv, None), "net": (base.net_sales, 0),
    }  # fmt: skip
    for name, (figure, digits) in shown.items():
        record[name] = figure.value
        record[f"{name}_text"] = value_text(lang, figure, currency=store.currency, digits=digits)
    share = base.footfall.completeness
    record["trust"] = share
    record["trust_text"] = counted_text(lang, share)
    record["trust_whole"] = share is not None and share >= MEASURED_FROM
    return record


def _pairs(row: StoreRow, lang: Language) -> str:
    one = row.compared
    if one.visitors_change is None:
        return lang.t("Too little was counted to compare.")
    if one.pairs < one.days:
        return lang.t("Compared over {n} of {all} days: those counted in both periods.", n=one.pairs, all=one.days)
    return ""


def _columns(lang: Language) -> list[dict[str, Any]]:
    def column(field: str, definition_id: str, **more: Any) -> dict[str, Any]:
        definition = DEFINITIONS[definition_id]
        return {
            "field": field,
            "headerName": lang.t(definition.name),
            "headerTooltip": f"{lang.t(definition.formula)} {lang.t(definition.trap)}",
            "valueFormatter": {"function": f"params.data.{field}_text"},
            "type": "rightAligned",
            "minWidth": 100,
            "width": 112,
            "sortingOrder": ["desc", "asc"],
            **more,
        }

    return [
        {"field": "name", "headerName": lang.t("Store"), "cellRenderer": "StoreCell", "pinned": "left",
         "minWidth": 150, "width": 220, "sort": "asc", "lockPinned": True},
        {"field": "region", "headerName": lang.t("Region"), "minWidth": 110, "width": 120, "tooltipField": "region"},
        column("visitors", "footfall", cellRenderer="VisitorsCell", minWidth=136, tooltipField="change_hint"),
        column("capture", "capture_rate"),
        column("conversion", "conversion", cellRenderer="IntervalCell", minWidth=176, tooltipField="conversion_range"),
        column("atv", "atv"),
        column("spv", "spv", minWidth=120),
        column("net", "net_sales", minWidth=124),
        column("trust", "completeness", cellRenderer="TrustCell", minWidth=96, headerName=lang.t(_TRUST)),
        {"field": "weeks", "headerName": lang.t("8 weeks"), "cellRenderer": "SparkCell", "sortable": False,
         "type": "rightAligned", "minWidth": 128, "tooltipField": "weeks_text",
         "headerTooltip": lang.t("Visitors in each whole week.")},
    ]  # fmt: skip
