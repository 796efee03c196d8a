"""What a CSV list of stores is understood as, line by line, before anything is done with it."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from dash import html

from analytics.definitions import mark
from analytics.tables import EMPTIED
from dashboard.components.attributes import data
from dashboard.components.wrong import text_of
from dashboard.language import NOTHING, Language
from dashboard.set_up.office import Line

_COLUMNS: Final = {
    "name": mark("Name"), "timezone": mark("Time zone"), "currency": mark("Currency"), "region": mark("Region"),
    "hours": mark("Opening hours"), "opened_on": mark("First day of business"), "format": mark("Kind of shop"),
    "city_tier": mark("Class of its city"), "size_m2": mark("Sales floor in m²"),
}  # fmt: skip


def list_preview(
    lines: Sequence[Line], known: frozenset[str], changes: Mapping[str, Sequence[str]], lang: Language
) -> Any:
    """Return a table of the lines; `known` are the stores that are there already, `changes` what is new of each."""
    good = sum(line.wrong is None for line in lines)
    bad = len(lines) - good
    heading = lang.many("{n} store understood", "{n} stores understood", good)
    if bad:
        heading += " · " + lang.many("{n} line is wrong", "{n} lines are wrong", bad)
    columns = (
        lang.t("Row"), lang.t("Code"), lang.t("Name"), lang.t("Time zone"), lang.t("Currency"), lang.t("Region"),
        lang.t("Opening hours"), lang.t("Boxes"), lang.t("What will be done"),
    )  # fmt: skip
    return html.Div(
        [
            html.H3(heading),
            html.Div(
                html.Table(
                    [
                        html.Thead(html.Tr([html.Th(column) for column in columns])),
                        html.Tbody(
                            [
                                _row(line, known, changes, lang)
                                for line in sorted(lines, key=lambda one: one.wrong is None)
                            ]
                        ),
                    ],
                    className="preview",
                ),
                className="scroll",
                tabIndex=0,
            ),
        ]
    )


def _row(line: Line, known: frozenset[str], changes: Mapping[str, Sequence[str]], lang: Language) -> Any:
    said = line.said
    if line.wrong is not None:
        outcome = html.Td([html.Span("!", className="sign act"), text_of(line.wrong, lang)], className="outcome wrong")
    elif said["code"] in known:
        new = ", ".join(_change(said, column, lang) for column in changes.get(said["code"], ()))
        outcome = html.Td(
            lang.t("known; changes: {columns}", columns=new) if new else lang.t("known, as it is"), className="outcome"
        )
    else:
        outcome = html.Td(lang.t("opened"), className="outcome")
    cells = [
        said["code"], said["name"] or said["code"], said["timezone"], said["currency"],
        NOTHING if said["region"] in ("", EMPTIED) else said["region"],
        said["hours"] or lang.t("Never closes"), said["devices"] or "door-box",
    ]  # fmt: skip
    return html.Tr(
        [html.Td(str(line.number)), *(html.Td(cell) for cell in cells), outcome],
        **data(line=str(line.number), wrong=line.wrong or ""),
    )


def _change(said: Mapping[str, str], column: str, lang: Language) -> str:
    name = lang.t(_COLUMNS[column])
    return lang.t("{column} (emptied)", column=name) if said[column] == EMPTIED else name
