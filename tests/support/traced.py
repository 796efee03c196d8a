"""Figures whose numbers can be told in what a page draws: each is written with its metric's id behind it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any, Final

import pytest

from analytics.figure import Figure
from dashboard.language import Language

_TRACE: Final = re.compile(r"⟦([a-z_0-9]+)⟧")


class _Number(float):
    """A figure's value, which knows whose it is."""

    of: str

    def __int__(self) -> int:
        # `int` gives back a plain one: what is counted next with it is this.
        _COUNTED[round(float(self))] = self.of
        return round(float(self))

    def __abs__(self) -> float:
        return numbered(abs(float(self)), self.of)


#: Whole numbers that figures were turned into, until something is counted with them (`Language.many`).
_COUNTED: Final[dict[int, str]] = {}


def trace(view: Any, seen: set[int] | None = None) -> set[str]:
    """Have every figure within a view write its metric's id behind its number; return the metrics that have a value."""
    seen = set() if seen is None else seen
    if id(view) in seen:
        return set()
    seen.add(id(view))
    if isinstance(view, Figure):
        return _traced(view)
    if isinstance(view, Mapping):
        parts = [*view.values()]
    elif isinstance(view, list | tuple | set | frozenset):
        parts = [*view]
    elif is_dataclass(view):
        parts = [getattr(view, one.name) for one in fields(view)]
    else:
        return set()
    return set[str]().union(*(trace(one, seen) for one in parts))


def _traced(one: Figure) -> set[str]:
    if one.value is None:
        return set()
    if not isinstance(one.value, _Number):
        object.__setattr__(one, "value", numbered(one.value, one.definition_id))
    return {one.definition_id}


def numbered(value: float, of: str) -> float:
    """Return a number that is written with the metric's id behind it."""
    number = _Number(value)
    number.of = of
    return number


def marking(write: Any, of: str) -> Any:
    """Return a function whose text has a metric's id behind it: of a number that is no figure's own."""
    return lambda *given, **named: f"{write(*given, **named)}⟦{of}⟧"


def tracing(make: Any) -> Any:
    """Return a function that has the figure traced that another makes while a page is drawn."""

    def made(*given: Any, **named: Any) -> Any:
        one = make(*given, **named)
        trace(one)
        return one

    return made


def write_traces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have a language write whose a figure's number is."""
    for name in ("number", "percent", "change", "money", "duration"):
        monkeypatch.setattr(Language, name, _writing(getattr(Language, name)))
    monkeypatch.setattr(Language, "many", _counting(Language.many))


def _counting(many: Any) -> Any:
    def counted(lang: Language, singular: str, plural: str, n: int, /, **values: object) -> str:
        text: str = many(lang, singular, plural, n, **values)
        of = _COUNTED.pop(n, None)
        return text if of is None else f"{text}⟦{of}⟧"

    return counted


def _writing(write: Any) -> Any:
    def written(lang: Language, value: float, *more: Any, **named: Any) -> str:
        text: str = write(lang, value, *more, **named)
        of = getattr(value, "of", None)
        return text if of is None or "⟦" in text else f"{text}⟦{of}⟧"

    return written


def drawn(part: Any, hints: tuple[str, ...] = ()) -> Iterator[tuple[str, str, str]]:
    """Yield (metric, text, what pointing at it says) for every figure's number that stands in a tree as JSON."""
    if isinstance(part, str):
        yield from ((of, part, " ".join(hints)) for of in _TRACE.findall(part))
    elif isinstance(part, list):
        for one in part:
            yield from drawn(one, hints)
    elif isinstance(part, dict) and part.get("type") == "AgGrid":
        yield from _cells(part["props"])
    elif isinstance(part, dict) and "props" in part:
        props = part["props"]
        own = (words(props["label"]),) if part["type"] == "Tooltip" else ()
        # What is plotted is drawn by its shape; pointing at it says the rest.
        if part["type"] not in ("Graph", "Store"):
            yield from drawn(props.get("children"), (*hints, *own))


def _cells(grid: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    shown = {column["field"]: column.get("tooltipField") for column in grid["columnDefs"]}
    for row in grid["rowData"]:
        for field, tip in shown.items():
            for name, text in row.items():
                if isinstance(text, str) and (name == field or re.fullmatch(rf"{field}_(\w+_)?text", name)):
                    yield from ((of, text, str(row.get(tip, ""))) for of in _TRACE.findall(text))


def words(part: Any) -> str:
    """Return the words of a tree as JSON."""
    if isinstance(part, list):
        return " ".join(words(one) for one in part)
    if isinstance(part, dict):
        return words(part.get("props", {}).get("children"))
    return "" if part is None else str(part)
