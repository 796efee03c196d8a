"""Blocks of `sql/` as parts of sources: their slices, stores and moments said by relations instead of parameters."""

import re
from typing import Final

from analytics.queries import blocks

#: The moment that is asked about.
NOW: Final = "%(now)s::timestamptz"

_UNNEST: Final = re.compile(r"unnest\((?:[^()]|\([^()]*\))*\)\s+AS s \(([^)]*)\)")


def block(name: str, **renamed: str) -> str:
    """Return a block with some of its parameters replaced by expressions."""
    text = blocks()[name].rstrip(";")
    for parameter, expression in renamed.items():
        text = text.replace(f"%({parameter})s", expression)
    return text


def of(name: str, relation: str, **renamed: str) -> str:
    """Return a block that asks about slices, for those in a relation with the columns that it names."""
    return over_slices(name, relation, "true", **renamed)


def over_slices(name: str, relation: str, condition: str, **renamed: str) -> str:
    """Return the same for those of a relation that meet a condition."""
    where = "" if condition == "true" else f" WHERE {condition}"
    return _UNNEST.sub(rf"(SELECT \1 FROM {relation}{where}) AS s", block(name, **renamed))


def slice_of_day(name: str, until: str = "until") -> str:
    """Return a block that asks about slices of one store, for `d`, a row of `days`."""

    def slices(found: re.Match[str]) -> str:
        columns = ", ".join(f"d.{until if column == 'until' else column}" for column in found[1].split(", "))
        return f"(SELECT {columns}) AS s ({found[1]})"

    text = _UNNEST.sub(slices, block(name, store_id="d.store_id", of_store="d.store_id"))
    # What a block says of all its slices at once.
    whole = {"from_at": "ARRAY[d.from_at]", "until": f"ARRAY[d.{until}]", "first_at": "d.from_at"}
    for parameter, expression in (whole | {"last_until": f"d.{until}"}).items():
        text = text.replace(f"%({parameter})s", expression)
    return text


def each_day(name: str, columns: str = "x.*") -> str:
    """Return a block that asks about one store and range, for every row of `days`."""
    text = block(name, store_id="d.store_id", from_at="d.from_at", until="d.until")
    return f"SELECT d.store_id, {columns}\nFROM days AS d\nCROSS JOIN LATERAL (\n{text}\n) AS x"


def each(name: str, until: str = "until") -> str:
    """Return the rows of a block that asks about slices of one store, for every row of `days`."""
    return f"SELECT d.store_id, x.*\nFROM days AS d\nCROSS JOIN LATERAL (\n{slice_of_day(name, until)}\n) AS x"
