"""What msgspec says about a wrong site file, in the words of a person who edits TOML."""

import re
from typing import Any, Final

from msgspec import inspect

from contract.types import NAME_PATTERN
from edge.errors import ConfigError
from edge.staff.settings import COLOUR_PATTERN

#: How msgspec names a type → how a person who edits TOML does.
_PLAIN_WORDS: Final = {
    f"`str` matching regex {NAME_PATTERN!r}": "a lower-case slug (a-z, 0-9, - and _ inside)",
    f"`str` matching regex {COLOUR_PATTERN!r}": 'a colour like "#c8102e"',
    " | null`": "`",
    "`float`": "a number",
    "`int`": "a whole number",
    "`str`": "text",
    "`bool`": "true or false",
    "`array`": "a list",
    "`object`": "a table",
}
#: How msgspec states a bound → how a person does.
_PLAIN_BOUNDS: Final = (
    (r"^text of length >= 1$", "text that is not empty"),
    (r"^text of length <= (\d+)$", r"text of at most \1 characters"),
    (r"of length >= (\d+)$", r"of at least \1"),
    (r"of length <= (\d+)$", r"of at most \1"),
    (r"of length (\d+)$", r"of exactly \1"),
    (r" >= (\S+)$", r" of at least \1"),
    (r" <= (\S+)$", r" of at most \1"),
    (r" > (\S+)$", r" above \1"),
    (r" < (\S+)$", r" below \1"),
    (r"(\d)\.0$", r"\1"),
)
_SHOWN: Final = 80


def explained(where: str, raw: dict[str, Any], message: str, model: type) -> ConfigError:
    """Turn "Expected `int`, got `str` - at `$.a[0].b`" into where, key, expected and got (with the value).

    `raw` is the decoded file that did not fit `model`.
    """
    problem, _, place = message.partition(" - at `$")
    key = place.rstrip("`").removeprefix(".")
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", problem)
    if unknown:
        full = f"{key}.{unknown[1]}" if key else unknown[1]
        return ConfigError(where, full, expected="a known key", got="an unknown one", advice="Remove or correct it.")
    missing = re.fullmatch(r"Object missing required field `(.+)`", problem)
    if missing:
        full = f"{key}.{missing[1]}" if key else missing[1]
        return ConfigError(where, full, expected="a value", got="nothing", advice="Add this key.")
    choices = _choices(model, key)
    expected = f"one of {', '.join(choices)}" if choices else _plain(problem)
    return ConfigError(where, key, expected=expected, got=_shown(raw, key))


def _plain(problem: str) -> str:
    expected = problem.partition(", got ")[0].removeprefix("Expected ")
    for theirs, plain in _PLAIN_WORDS.items():
        expected = expected.replace(theirs, plain)
    for theirs, plain in _PLAIN_BOUNDS:
        expected = re.sub(theirs, plain, expected)
    return expected


def _choices(model: type, key: str) -> list[str]:
    """Return the words that `key` of `model` may be; none where it is no choice between words."""
    node = inspect.type_info(model)
    for step in re.findall(r"\w+", key):
        if isinstance(node, inspect.StructType):
            node = next(field.type for field in node.fields if field.encode_name == step)
        elif isinstance(node, inspect.VarTupleType):
            node = node.item_type
        elif isinstance(node, inspect.TupleType):
            node = node.item_types[int(step)]
    kinds = node.types if isinstance(node, inspect.UnionType) else (node,)
    return [f'"{value}"' for kind in kinds if isinstance(kind, inspect.LiteralType) for value in kind.values]


def _shown(raw: object, key: str) -> str:
    for step in re.findall(r"\w+", key):
        raw = raw[int(step)] if isinstance(raw, list) else raw.get(step) if isinstance(raw, dict) else raw
    text = f"a list of {len(raw)}" if isinstance(raw, list) and len(repr(raw)) > _SHOWN else repr(raw)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}… ({len(text)} characters)"
