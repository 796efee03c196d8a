"""One-time codes as sheets of paper for whoever puts up the boxes: a QR code, the code in letters, and what to do."""

import base64
import csv
import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import segno
from dash import html

from dashboard.components.attributes import data
from dashboard.language import Language
from dashboard.set_up.office import Code


def code_sheets(
    codes: Sequence[Code], names: Mapping[str, str], zones: Mapping[str, str], now: datetime, lang: Language
) -> Any:
    """Return a sheet per code; `names` and `zones` are the stores' by code."""
    sheets = [
        _sheet(code, names.get(code.store, code.store), ZoneInfo(zones.get(code.store, "UTC")), now, lang)
        for code in codes
    ]
    many = lang.many("{n} code", "{n} codes", len(codes))
    return html.Div(
        [
            html.Div(
                [
                    html.Div(
                        [
                            html.B(many),
                            html.Span(lang.t("Shown this once: print them, or hand them on, before you leave.")),
                        ]
                    ),
                    html.Div(
                        [
                            html.Button(lang.t("Print"), id="setup-print", className="button"),
                            html.A(lang.t("Save as CSV"), href=_csv(codes), download="codes.csv", className="quiet"),
                        ],
                        className="act",
                    ),
                ],
                className="banner codes-head no-print",
            ),
            html.Div(sheets, className="sheets"),
        ]
    )


def _sheet(code: Code, name: str, zone: ZoneInfo, now: datetime, lang: Language) -> Any:
    until = lang.when(code.expires_at, now, zone)
    picture = segno.make(code.command, error="m", micro=False).svg_data_uri(scale=4, border=4, light="#fff")
    steps = (
        lang.t("Give the box power and network."),
        lang.t("On the box, type the line below, or scan the square and paste it."),
        lang.t(
            "Place its lines where no template came with it; then footfall edge check-config and footfall edge run."
        ),
        lang.t("The box appears under Devices within a minute."),
    )
    return html.Article(
        [
            html.Img(src=picture, alt=lang.t("QR code of the line below"), className="qr"),
            html.Div(
                [
                    html.H2([name, html.Span(code.device, className="sheet-box")]),
                    html.P(code.code, className="code"),
                    html.P(lang.t("Good once, until {at} ({zone}).", at=until, zone=zone.key), className="advice"),
                    html.Ol([html.Li(step) for step in steps]),
                ]
            ),
            html.Pre(code.command),
        ],
        className="sheet",
        **data(box=f"{code.store}/{code.device}"),
    )


def _csv(codes: Sequence[Code]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("store", "device", "code", "expires_at", "command"))
    for code in codes:
        writer.writerow((code.store, code.device, code.code, code.expires_at.isoformat(), code.command))
    return "data:text/csv;base64," + base64.b64encode(out.getvalue().encode()).decode("ascii")
