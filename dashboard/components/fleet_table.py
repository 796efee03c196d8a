"""All boxes as a sortable table, those that need somebody first; a phone shows the box and its state."""

from typing import Any, Final

from analytics.fleet.fleet import NEEDS, FleetBox
from analytics.stores import Store
from dashboard.components.fleet_words import (
    COMPLIANCES,
    STANDINGS,
    compliance_words,
    need_words,
    signal_name,
    signal_words,
    version_words,
)
from dashboard.components.grid import grid, in_order
from dashboard.language import NOTHING, Language
from dashboard.reading.fleet import FleetView

GRID_ID: Final = "devices-grid"
_ROW_PX: Final = 56


def fleet_table(lang: Language, rows: list[dict[str, Any]], *, sort: str | None = None) -> Any:
    """Return the table of `row_data`."""
    table = grid(
        GRID_ID, _columns(lang), rows, lang, row_id="id", row_px=_ROW_PX, fits="fitDevices", turned=True,
        nothing=lang.t("No box here."), sort=sort,
    )  # fmt: skip
    table.className = "table devices"
    return table


def row_data(view: FleetView, lang: Language, *, search: str, only: str, hrefs: dict[str, str]) -> list[dict[str, Any]]:
    """Return a record per box that fits `search`; `only` "need": those that need somebody. `hrefs` is by store."""
    found = fitting_boxes(view, lang, search=search, only=only)
    return [_record(store, box, view, lang, hrefs) for store, box in found]


def fitting_boxes(view: FleetView, lang: Language, *, search: str, only: str) -> list[tuple[Store, FleetBox]]:
    """Return the boxes that fit `search`, words of what a row says; `only` "need": those that need somebody."""
    words = search.casefold().split()
    return [
        (store, box)
        for store, box in view.boxes
        if (only != "need" or box.needs(view.now)) and (not words or _fits(words, _found_by(store, box, view, lang)))
    ]


def shown_boxes(
    view: FleetView, lang: Language, *, search: str, only: str, sort: str | None
) -> list[tuple[Store, FleetBox]]:
    """Return the boxes that fit in the order that the table shows them in."""
    found = fitting_boxes(view, lang, search=search, only=only)
    return in_order(found, [_record(*one, view, lang, {}) for one in found], _columns(lang), sort)


def _fits(words: list[str], text: str) -> bool:
    return all(word in text for word in words)


def _found_by(store: Store, box: FleetBox, view: FleetView, lang: Language) -> str:
    device = box.device
    said = (
        store.name, store.code, store.region, device.code, signal_words(device, store, view.now, lang),
        lang.t(STANDINGS[box.standing]), version_words(box), device.model, lang.t(COMPLIANCES[box.compliance]),
        box.wanted.standard,
    )  # fmt: skip
    return " ".join(filter(None, said)).casefold()


def _record(store: Store, box: FleetBox, view: FleetView, lang: Language, hrefs: dict[str, str]) -> dict[str, Any]:
    device, now = box.device, view.now
    needs = box.needs(now)
    signal = signal_words(device, store, now, lang)
    standing = lang.t(STANDINGS[box.standing])
    up = sum(1 for _, up, _, trouble in device.cameras if up and not trouble)
    return {
        "id": f"{store.code}/{device.code}",
        "store": store.name,
        "device": device.code,
        "href": hrefs.get(store.code, ""),
        "urgency": NEEDS.index(needs[0]) if needs else len(NEEDS),
        "needed": bool(needs),
        "signal": signal_name(device, now),
        "signal_text": signal,
        "needs_text": " · ".join(need_words(box, now, lang)),
        "cameras": None if not device.cameras else up / len(device.cameras),
        "cameras_text": lang.t("{n} of {all}", n=up, all=len(device.cameras)) if device.cameras else NOTHING,
        "queue": device.queue_depth,
        "queue_text": lang.number(device.queue_depth),
        "heard": device.heard_at.timestamp() // 60 if device.heard_at else 0,
        "heard_text": lang.when(device.heard_at, now, store.zone) if device.heard_at else NOTHING,
        "version": version_words(box),
        "model": device.model or NOTHING,
        "standing": standing,
        "set_up": compliance_words(box, lang),
        "why": box.wanted.reason or "",
    }


def _columns(lang: Language) -> list[dict[str, Any]]:
    def number(field: str, name: str, **more: Any) -> dict[str, Any]:
        shown = {"function": f"params.data.{field}_text"}
        return {"field": field, "headerName": name, "valueFormatter": shown, "type": "rightAligned", **more}

    return [
        {"field": "store", "headerName": lang.t("Box"), "cellRenderer": "BoxCell", "minWidth": 130, "width": 200},
        {"field": "urgency", "headerName": lang.t("State"), "cellRenderer": "StateCell", "sort": "asc", "minWidth": 170,
         "width": 280},
        number("cameras", lang.t("Cameras that see"), minWidth=90, width=110),
        number("queue", lang.t("To send"), minWidth=80, width=90),
        number("heard", lang.t("Last heard"), minWidth=110, width=130, sortingOrder=["asc", "desc"]),
        {"field": "version", "headerName": lang.t("Version"), "minWidth": 80, "width": 120},
        {"field": "model", "headerName": lang.t("Model"), "minWidth": 100, "width": 130},
        {"field": "standing", "headerName": lang.t("Enrolment"), "minWidth": 110, "width": 130},
        {"field": "set_up", "headerName": lang.t("Configuration"), "tooltipField": "why", "minWidth": 110,
         "width": 210},
    ]  # fmt: skip
