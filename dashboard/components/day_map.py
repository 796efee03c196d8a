"""The day map: visitors by weekday and hour, as a table that is darker where more came."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dash import html

from analytics.stores import Store
from analytics.visits.traffic import Cell
from dashboard.components.attributes import data
from dashboard.components.day_chart import PART_BELOW
from dashboard.components.figures import empty, hint, scrolling, section, term
from dashboard.language import NOTHING, Language

#: Shades of a field, beside none at all.
SHADES: Final = 4
_HOUR_S: Final = 3600


@dataclass(frozen=True, slots=True)
class Field:
    """A weekday's hour: mean visitors an hour over the times it was counted, and how many of how many times it was.

    Times of few people are `withheld`, and in no mean. Where most are there is none: it would be of the busy times.
    """

    visitors: float | None
    counted: int
    times: int
    withheld: int = 0


def fields(cells: Iterable[Cell], store: Store) -> dict[tuple[int, int], Field]:
    """Return the fields by (weekday, hour of the business day's wall clock: 24 and more after midnight)."""
    found: dict[tuple[int, int], list[tuple[float, float] | None]] = {}
    hidden: Counter[tuple[int, int]] = Counter()
    for cell in cells:
        local = cell.from_at.astimezone(store.zone)
        hour = local.hour + 24 * (local.date() - cell.business_date).days
        share = cell.visitors.completeness
        whole = cell.visitors.value is not None and share is not None and share >= PART_BELOW
        took = (cell.until - cell.from_at).total_seconds() / _HOUR_S
        value = (cell.visitors.value or 0.0, took) if whole else None
        key = (cell.business_date.weekday(), hour)
        found.setdefault(key, []).append(value)
        hidden[key] += cell.visitors_withheld
    return {key: _field(times, hidden[key]) for key, times in found.items()}


def _field(times: list[tuple[float, float] | None], withheld: int) -> Field:
    known = [one for one in times if one is not None]
    hours = sum(took for _, took in known)
    told = hours > 0 and withheld <= len(known)
    return Field(sum(people for people, _ in known) / hours if told else None, len(known), len(times), withheld)


def day_map(cells: tuple[Cell, ...], store: Store, lang: Language, *, files: Any = None) -> Any:
    """Return the map with the busiest hour in words above it."""
    title, found = term(lang, "footfall", lang.t("Busy hours of the week")), fields(cells, store)
    known = {key: field.visitors for key, field in found.items() if field.visitors is not None}
    if not known:
        few = any(field.withheld for field in found.values())
        said = lang.t("fewer than 5 people, or next to it: withheld") if few else lang.t("Nothing counted yet.")
        return section(title, empty(said), files=files if few else None, name="day-map")
    top_key = max(known, key=lambda key: known[key])
    hours = range(min(hour for _, hour in found), max(hour for _, hour in found) + 1)
    names = lang.weekdays()
    head = html.Tr([html.Th(""), *(html.Th(f"{hour % 24}", scope="col") for hour in hours)])
    rows = [
        html.Tr(
            [html.Th(names[day], scope="row"),
             *(_cell(found.get((day, hour)), known[top_key], names[day], hour, lang) for hour in hours)]
        )
        for day in sorted({day for day, _ in found})
    ]  # fmt: skip
    table = html.Table([html.Thead(head), html.Tbody(rows)], className="map")
    body = html.Div([html.P(busiest_words(found, lang), className="map-said"), scrolling(table)])
    return section(title, body, unit=lang.t("visitors an hour, on average"), files=files, name="day-map")


def busiest_words(found: Mapping[tuple[int, int], Field], lang: Language) -> str | None:
    """Return which hour of the week is the busiest; None where none is known."""
    known = {key: field.visitors for key, field in found.items() if field.visitors is not None}
    if not known:
        return None
    day, hour = max(known, key=lambda key: known[key])
    return lang.t(
        "Busiest: {day} {from_}–{to}, {n} visitors an hour",
        day=lang.weekdays()[day], from_=_clock(hour), to=_clock(hour + 1), n=lang.number(known[day, hour]),
    )  # fmt: skip


def _cell(field: Field | None, top: float, day: str, hour: int, lang: Language) -> Any:
    if field is None:
        return html.Td("", className="map-closed")
    if field.visitors is None and field.withheld:
        few = lang.t("{day} {at}: fewer than 5 people, or next to it: withheld", day=day, at=_clock(hour))
        return html.Td(hint(NOTHING, few), className="map-none")
    if field.visitors is None:
        return html.Td(hint("·", lang.t("{day} {at}: not counted", day=day, at=_clock(hour))), className="map-none")
    shade = min(SHADES, int(SHADES * field.visitors / top)) if top else 0
    part = field.counted < field.times
    said = lang.t("{day} {at}: {n} visitors an hour, counted {counted} of {times} times", day=day, at=_clock(hour),
                  n=lang.number(field.visitors, 1), counted=field.counted, times=field.times)  # fmt: skip
    kind = f"map-shade-{shade}" + (" map-part" if part else "")
    return html.Td(lang.number(field.visitors), className=kind, title=said, **data(hour=str(hour)))


def _clock(hour: int) -> str:
    return f"{hour % 24:02d}:00"
