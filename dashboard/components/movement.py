"""Movement: where people went next, and where in the picture they were."""

from collections.abc import Callable, Collection
from itertools import groupby
from typing import Any, Final

from dash import html

from analytics.figure import Figure
from analytics.visits.movement import Movement, Step, Warmth
from dashboard.components.attributes import aria, data
from dashboard.components.figures import empty, ranged, section, term
from dashboard.language import Language

#: Makes the ways to a table of this name.
Files = Callable[[str], Any]
#: Tells what a zone of this code is called.
Called = Callable[[str], str]
#: Shades of warmth, beside none at all.
SHADES: Final = 4


def movement_row(
    seen: Movement | None,
    lang: Language,
    *,
    doors: Figure,
    floor: Any = None,
    placed: Collection[str] = frozenset(),
    called: Called = str,
    files: Files = lambda _: None,
) -> Any:
    """Return steps and warmth side by side; nothing at all in a shop that tells neither.

    Steps are as whole as `doors`, the visitors of the same days. With a `floor` plan that stands in place of the
    pictures of cameras `placed` on it. Zones stand there as they are `called`. `files` makes the ways to a table:
    `steps`, `warmth`.
    """
    nothing = seen is None or not (seen.steps or seen.held_back or seen.warmth)
    steps = None if nothing or seen is None else _steps(seen, doors, lang, called, files)
    if floor is not None:
        return html.Div([floor, None if steps is None or seen is None else _beside(steps, seen, placed, lang, files)],
                        className="row row-plan")  # fmt: skip
    if steps is None or seen is None:
        return ""
    return html.Div([steps, _warmth(seen.warmth, lang, files)], className="row row-move")


def _beside(steps: Any, seen: Movement, placed: Collection[str], lang: Language, files: Files) -> Any:
    rest = tuple(one for one in seen.warmth if one.camera not in placed)
    return html.Div([steps, _warmth(rest, lang, files) if rest else None], className="plan-beside")


def _steps(seen: Movement, doors: Figure, lang: Language, called: Called, files: Files) -> Any:
    title = lang.t("Where they went next")
    if not seen.steps:
        return section(title, empty(lang.t("Fewer than 5 people on any way so far.")), name="steps")
    top = seen.steps[0].people
    notes = []
    if seen.held_back:
        notes.append(lang.many("{n} more way, withheld or small", "{n} more ways, withheld or small", seen.held_back))
    if seen.known_share is not None:
        notes.append(lang.t("for {share} of the stays the way there was seen", share=lang.percent(seen.known_share)))
    ways = html.Div([_step(step, doors, top, lang, called) for step in seen.steps], className="ways")
    body = html.Div([ways, html.P(" · ".join(notes), className="advice")])
    return section(title, body, unit=lang.t("people"), aside=term(lang, "steps"), files=files("steps"), name="steps")


def _step(step: Step, doors: Figure, top: int, lang: Language, called: Called) -> Any:
    width = f"{100 * step.people / top:.2f}%"
    people = step.figure(as_of=doors.as_of, completeness=doors.completeness)
    start, end = (lang.t("outside") if zone is None else called(zone) for zone in (step.from_zone, step.to_zone))
    return html.Div(
        [
            html.Div([start, html.Span("→", className="of", **aria(label=lang.t("to"))), end], className="step-name"),
            html.Div(ranged(lang, people), className="bar-count"),
            html.Div(html.Div(className="bar", style={"width": width}), className="bar-track"),
        ],
        className="step-row",
        **data(step=f"{step.from_zone or ''}>{step.to_zone or ''}"),
    )


def _warmth(grids: tuple[Warmth, ...], lang: Language, files: Files) -> Any:
    title = lang.t("Where they were")
    if not grids:
        return section(title, empty(lang.t("Shown once 5 visitors have come.")), name="warmth")
    key = [heat_key(lang), term(lang, "warmth")]
    body = html.Div([_grid(grid, lang) for grid in grids], className="heats")
    return section(title, body, aside=key, files=files("warmth"), name="warmth")


def heat_key(lang: Language) -> Any:
    """Return what the shades of time spent mean."""
    shades_ = (html.I(className=f"shade-{shade}") for shade in range(1, SHADES + 1))
    return html.Span([lang.t("shorter"), *shades_, lang.t("longer")], className="heat-key")


def _grid(grid: Warmth, lang: Language) -> Any:
    levels = shades(grid.person_s)
    label = lang.t("The picture of camera {camera}: where it is darker, people spent more time.", camera=grid.camera)
    rows = [levels[start : start + grid.columns] for start in range(0, len(levels), grid.columns)]
    picture = html.Div(
        [html.Div(_runs(row), className="heat-row") for row in rows],
        className="heat",
        role="img",
        style={"aspectRatio": f"{grid.columns} / {grid.rows}"},
        **aria(label=label),
    )
    return html.Figure([picture, html.Figcaption(grid.camera)], **data(camera=grid.camera))


def shades(person_s: tuple[int, ...]) -> list[int]:
    """Return 0 for a cell in which nobody was, else 1 to `SHADES` by the root of its share of the warmest.

    The root lets aisles be seen beside the till's hot spot.
    """
    warmest = max(person_s, default=0)
    return [0 if not cell else min(SHADES, 1 + int(SHADES * (cell / warmest) ** 0.5)) for cell in person_s]


def _runs(row: list[int]) -> list[Any]:
    """Return a row of cells, neighbours of one shade as one element."""
    return [html.I(className=f"shade-{shade}", style={"flexGrow": len(list(run))}) for shade, run in groupby(row)]
