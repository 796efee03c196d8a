"""The boxes: which are heard from, what runs on them, how they are."""

from datetime import datetime
from typing import Any, Final

from dash import html

from analytics.definitions import mark
from analytics.fleet.devices import Device, Signal, store_signal
from analytics.stores import Store
from dashboard.components.attributes import data
from dashboard.components.figures import about, empty, joined, section
from dashboard.language import Language

_WORDS: Final[dict[Signal, str]] = {
    "live": mark("live"),
    "stale": mark("{age} old"),
    "offline": mark("offline since {at}"),
    "revoked": mark("revoked"),
    "none": mark("never heard from"),
}


def badge(devices: tuple[Device, ...], store: Store, now: datetime, lang: Language) -> Any:
    """Return the store's signal as a shape and a word."""
    signal, heard = store_signal(devices, now)
    return _signal(signal, heard, store, now, lang)


def device_list(devices: tuple[Device, ...], store: Store, now: datetime, lang: Language, *, files: Any = None) -> Any:
    """Return a row per device."""
    title = _title(lang)
    if not devices:
        return section(title, empty(lang.t("No box has reported from this shop yet.")), name="devices")
    rows = [_row(device, store, now, lang) for device in devices]
    return section(title, html.Ul(rows, className="boxes"), files=files, name="devices")


def _title(lang: Language) -> Any:
    text = lang.t("Whether each box is heard from, which of its cameras see, and what it still has to send.")
    return about(lang.t("Boxes and cameras"), lang.t("as last heard"), text)


def _row(device: Device, store: Store, now: datetime, lang: Language) -> Any:
    cameras = [
        html.Span([html.I(className="up" if up else "down"), code, "" if up else " " + lang.t("dark")],
                  className="camera")
        for code, up, _, _ in device.cameras
    ]  # fmt: skip
    waiting = lang.t("{n} to send", n=lang.number(device.queue_depth)) if device.queue_depth else None
    warm = None if device.temperature_c is None else f"{device.temperature_c:.0f} °C"
    disk = None if device.disk_free_mb is None else lang.t("{n} GB free", n=lang.number(device.disk_free_mb / 1024, 1))
    version = None if device.version is None else f"v{device.version}"
    return html.Li(
        [
            html.Div([html.B(device.code), _signal(device.signal(now), device.heard_at, store, now, lang)],
                     className="device-head"),
            html.Div(cameras, className="cameras"),
            html.Div(joined([version, device.model, waiting, warm, disk]), className="device-facts"),
        ],
        **data(device=device.code),
    )  # fmt: skip


def _signal(signal: Signal, heard: datetime | None, store: Store, now: datetime, lang: Language) -> Any:
    values: dict[str, str] = {}
    if heard is not None:
        values = {
            "age": lang.duration((now - heard).total_seconds()),
            "at": lang.when(heard, now, store.zone),
        }
    return html.Span([html.I(), lang.t(_WORDS[signal], **values)], className=f"signal {signal}")
