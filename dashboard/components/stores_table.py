"""All stores as a sortable table: numbers sort by value, texts and marks are made here."""

from collections.abc import Sequence
from typing import Any, Final

from analytics.comparison.decomposition import decompose
from analytics.comparison.network import StoreRow
from analytics.comparison.ranking import Place
from analytics.definitions import DEFINITIONS, mark
from analytics.figure import MEASURED_FROM, counted
from analytics.visits.targets import Metric, Progress
from dashboard.components.figures import counted_text, interval_text, value_text, worth_line
from dashboard.components.grid import grid, in_order
from dashboard.components.targets import met_text, month_days
from dashboard.components.why_changed import effects_text
from dashboard.language import NOTHING, Language
from dashboard.routes import Route

GRID_ID: Final = "stores-grid"
_TRUST: Final = mark("Counted")
_MOST_FIRST: Final[tuple[Metric, ...]] = ("net_sales", "visitors", "conversion")


def stores_table(lang: Language, rows: list[dict[str, Any]], *, sort: str | None = None) -> Any:
    """Return the table of `row_data`."""
    return grid(GRID_ID, _columns_of(rows, lang), rows, lang, fits="fitColumns", sort=sort)


def shown_stores(rows: tuple[StoreRow, ...], route: Route, lang: Language) -> list[StoreRow]:
    """Return the stores in the order that the table shows them in."""
    records = row_data(rows, route, lang)
    return in_order(rows, records, _columns_of(records, lang), route.sort)


def row_data(rows: tuple[StoreRow, ...], route: Route, lang: Language) -> list[dict[str, Any]]:
    """Return one record per store: `x` sorts, `x_text` is shown; None where nobody measured."""
    scale = max([0.4, *(row.compared.now.conversion.high or 0.0 for row in rows)])
    return [{**_record(row, route, lang), "scale": scale} for row in rows]


def _record(row: StoreRow, route: Route, lang: Language) -> dict[str, Any]:
    base, store, change = row.compared.now, row.store, row.compared.visitors_change
    record: dict[str, Any] = {
        "code": store.code,
        "name": store.name,
        "href": route.to_store(store.code).href(),
        "region": store.region or "",
        "visitors_change": change,
        "visitors_change_text": "" if change is None else lang.change(change),
        "visitors_hint": _pairs(row, lang),
        **_estimated(row, lang),
        **_why(row, lang),
        **_place(row, lang),
        **_target(row, lang),
        "conversion_low": base.conversion.low,
        "conversion_high": base.conversion.high,
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
        said = record.get(f"{name}_hint", "")
        record[f"{name}_hint"] = f"{said} {worth_line(lang, figure, store)}".strip() if figure.known else said
    share = base.footfall.completeness
    record["trust"] = share
    record["trust_text"] = counted_text(lang, share)
    whole = None if share is None else counted(share, as_of=base.footfall.as_of)
    record["trust_hint"] = "" if whole is None else worth_line(lang, whole, store)
    record["trust_whole"] = share is not None and share >= MEASURED_FROM
    return record


def _estimated(row: StoreRow, lang: Language) -> dict[str, Any]:
    """Return visitors with estimates, which are shown hatched below the count."""
    one, seen = row.estimated, row.compared.now.footfall.value
    if one is None or one.value is None or seen is None:
        return {"visitors_estimated_text": ""}
    hint = lang.t(
        "{n} more are estimated for hours without a camera: {range} in all.",
        n=lang.number(one.value - seen), range=interval_text(lang, one),
    )  # fmt: skip
    return {
        "visitors_estimated_text": f"≈ {lang.number(one.value)}",
        "visitors_hint": f"{_pairs(row, lang)} {hint} {worth_line(lang, one, row.store)}".strip(),
    }


def _why(row: StoreRow, lang: Language) -> dict[str, Any]:
    """Return the change in net sales, and in the hint what made it."""
    why = decompose([row.sides])
    if row.sides is None or why is None or why.share is None:
        return {"net_change": None, "net_change_text": "", "net_hint": ""}
    hint = effects_text(why, row.store.currency, lang)
    if row.sides.pairs < row.sides.days:
        hint += f". {_over(row.sides.pairs, row.sides.days, lang)}"
    return {"net_change": why.share, "net_change_text": lang.change(why.share), "net_hint": hint}


def _place(row: StoreRow, lang: Language) -> dict[str, Any]:
    """Return the places the store may hold: sorted by the best, then the worst."""
    place, outlier = row.place, row.outlier
    if place is None:
        return {"place": None, "place_text": NOTHING, "place_hint": lang.t("Too little was counted to rank it."),
                "outlier_text": ""}  # fmt: skip
    alone = place.best == place.worst
    if alone:
        hint = lang.t("Place {n} of {all}.", n=place.best, all=place.of)
    else:
        hint = lang.t("Level with others: between place {best} and {worst} of {all}.",
                      best=place.best, worst=place.worst, all=place.of)  # fmt: skip
    if row.peer_place is not None:
        own = row.peer_place
        hint += " " + lang.t("Among {n} stores like it: {places}.", n=own.of, places=_range(own))
    words = {"high": lang.t("unusually high"), "low": lang.t("unusually low")}
    if outlier is not None:
        hint += " " + lang.t("Conversion is {how} for a store of its size.", how=words[outlier])
    hint += " " + worth_line(lang, place.figure(row.compared.now.conversion), row.store)
    return {
        "place": place.best + place.worst / (10 * place.of),
        "place_text": _range(place),
        "place_hint": hint,
        "outlier_text": "" if outlier is None else words[outlier],
    }


def _target(row: StoreRow, lang: Language) -> dict[str, Any]:
    """Return how far the store's first target is met, and in the hint all of them."""
    met, month = (_first(some) for some in (row.met, row.month))
    currency, days = row.store.currency, ""
    if row.month:
        told = met_text(row.month, currency, lang)
        days = lang.t("Month so far, {days}: {text}.", days=month_days(row.month, lang), text=told)
    return {
        "target": met,
        "target_text": "" if met is None else lang.percent(met),
        "target_month_text": "" if month is None else lang.t("month {share}", share=lang.percent(month)),
        "target_hint": " ".join(filter(None, (met_text(row.met, currency, lang), days))),
    }


def _first(progress: Sequence[Progress]) -> float | None:
    """Return how far the target that says most is met: of sales, else of visitors, else of the rate."""
    shares = {one.metric: one.share for one in progress}
    return next((shares[metric] for metric in _MOST_FIRST if shares.get(metric) is not None), None)


def _target_column(lang: Language) -> dict[str, Any]:
    return {
        "field": "target",
        "headerName": lang.t("Target met"),
        "headerTooltip": lang.t(
            "What was reached as a share of the target: of net sales, else of visitors, else of conversion."
        ),
        "cellRenderer": "TargetCell",
        "type": "rightAligned",
        "minWidth": 88,
        "width": 96,
        "sortingOrder": ["asc", "desc"],
        "tooltipField": "target_hint",
    }


def _range(place: Place) -> str:
    return str(place.best) if place.best == place.worst else f"{place.best}–{place.worst}"


def _over(pairs: int, days: int, lang: Language) -> str:
    return lang.t("Compared over {n} of {all} days: those counted in both periods.", n=pairs, all=days)


def _pairs(row: StoreRow, lang: Language) -> str:
    one = row.compared
    if one.visitors_change is None:
        return lang.t("Too little was counted to compare.")
    if one.pairs < one.days:
        return _over(one.pairs, one.days, lang)
    return ""


def _columns_of(rows: list[dict[str, Any]], lang: Language) -> list[dict[str, Any]]:
    columns = _columns(lang)
    if any(row["target_text"] for row in rows):
        columns.insert([column["field"] for column in columns].index("net") + 1, _target_column(lang))
    return columns


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
         "minWidth": 136, "width": 220, "sort": "asc", "lockPinned": True},
        {"field": "region", "headerName": lang.t("Region"), "minWidth": 92, "width": 112, "tooltipField": "region"},
        column("visitors", "footfall", cellRenderer="ChangeCell", minWidth=128, tooltipField="visitors_hint"),
        column("capture", "capture_rate", minWidth=80, tooltipField="capture_hint"),
        column("conversion", "conversion", cellRenderer="IntervalCell", minWidth=160, tooltipField="conversion_hint"),
        column("conversion", "conversion", colId="bought", hide=True, minWidth=88, tooltipField="conversion_hint"),
        column("place", "place", cellRenderer="PlaceCell", minWidth=96, sortingOrder=["asc", "desc"],
               tooltipField="place_hint"),
        column("atv", "atv", minWidth=88, tooltipField="atv_hint"),
        column("spv", "spv", minWidth=96, tooltipField="spv_hint"),
        column("net", "net_sales", cellRenderer="ChangeCell", minWidth=168, tooltipField="net_hint"),
        column("trust", "completeness", cellRenderer="TrustCell", minWidth=96, headerName=lang.t(_TRUST),
               tooltipField="trust_hint"),
        {"field": "weeks", "headerName": lang.t("13 weeks"), "cellRenderer": "SparkCell", "sortable": False,
         "type": "rightAligned", "minWidth": 112, "tooltipField": "weeks_text",
         "headerTooltip": lang.t("Visitors in each whole week.")},
    ]  # fmt: skip
