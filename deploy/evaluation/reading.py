"""Reading loosely written JSON strictly: each value knows the file and the key that it stands under."""

import json
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from deploy.errors import TruthError
from edge.geometry import Place

#: A key as similar to a known one (0 to 1), or with so many first letters of it, is a slip.
_SIMILAR: Final = 0.75
_STEM: Final = 3


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a JSON file. `key` is its dotted path there, e.g. `lines[0].crossings[3].frame`."""

    path: Path
    key: str
    value: Any

    @classmethod
    def load(cls, path: Path) -> "Node":
        """Return the object that the file holds.

        Raises:
            TruthError: not readable, not JSON, or no object.
        """
        try:
            value = json.loads(path.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise TruthError(f"{path}: expected JSON in UTF-8, got {error}") from error
        root = cls(path, "", value)
        if not isinstance(value, dict):
            raise root.wrong("an object {…} that describes one clip", type(value).__name__)
        return root

    def wrong(self, expected: str, got: object) -> TruthError:
        """Return the error that this value is not what was expected."""
        place = f"{self.path}: `{self.key}`" if self.key else str(self.path)
        return TruthError(f"{place}: expected {expected}, got {got}")

    @property
    def keys(self) -> list[str]:
        """The keys of this object."""
        return list(self._object())

    def get(self, key: str) -> "Node | None":
        """Return what stands under `key`; None where nothing or null does."""
        value = self._object().get(key)
        return None if value is None else Node(self.path, f"{self.key}.{key}" if self.key else key, value)

    def need(self, key: str) -> "Node":
        """Return what stands under `key`.

        Raises:
            TruthError: nothing does.
        """
        found = self.get(key)
        if found is None:
            raise self.wrong(f"a key `{key}`", f"only {', '.join(self.keys) or 'an empty object'}")
        return found

    def items(self, key: str) -> Iterator["Node"]:
        """Yield the elements of the list under `key`; none where it is missing.

        Raises:
            TruthError: it is not a list.
        """
        found = self.get(key)
        if found is not None:
            yield from found.elements()

    def elements(self) -> Iterator["Node"]:
        """Yield the elements of this list.

        Raises:
            TruthError: it is not a list.
        """
        if not isinstance(self.value, list):
            raise self.wrong("a list […]", _shown(self.value))
        for number, value in enumerate(self.value):
            yield Node(self.path, f"{self.key}[{number}]", value)

    def slips(self, known: Collection[str]) -> Iterator[str]:
        """Yield a note for each key of this object that looks like one of the `known` that is not there."""
        missing = [key for key in known if key not in self._object()]
        for key in self.keys:
            plain = key.lower()
            like = [] if key in known else get_close_matches(plain, missing, n=1, cutoff=_SIMILAR)
            like = like or [each for each in missing if key not in known and plain[:_STEM] == each[:_STEM]]
            if like:
                yield f"{self.path.name}: `{self.key}.{key}` is left alone: `{like[0]}` is meant?"

    def text(self) -> str:
        """Return this text.

        Raises:
            TruthError: it is none.
        """
        if not isinstance(self.value, str):
            raise self.wrong("a text", _shown(self.value))
        return self.value

    def number(self, *, least: float | None = None) -> float:
        """Return this number, at least `least`.

        Raises:
            TruthError: it is none, or smaller.
        """
        if isinstance(self.value, bool) or not isinstance(self.value, int | float) or math.isnan(self.value):
            raise self.wrong("a number", _shown(self.value))
        if least is not None and self.value < least:
            raise self.wrong(f"a number of at least {least:g}", _shown(self.value))
        return float(self.value)

    def pair(self) -> Place:
        """Return these two numbers.

        Raises:
            TruthError: not a list of two numbers.
        """
        if not isinstance(self.value, list) or len(self.value) != 2:  # noqa: PLR2004 - x and y
            raise self.wrong("two numbers, [x, y]", _shown(self.value))
        x, y = (each.number() for each in self.elements())
        return x, y

    def points(self, *, least: int) -> tuple[Place, ...]:
        """Return these points, at least `least` of them.

        Raises:
            TruthError: something else, or too few.
        """
        points = tuple(each.pair() for each in self.elements())
        if len(points) < least:
            raise self.wrong(f"at least {least} points", len(points))
        return points

    def count_range(self) -> tuple[int, int]:
        """Return how many at least and at most: of 3, of "3", or of "2-3 (a third just enters)".

        Raises:
            TruthError: neither.
        """
        if isinstance(self.value, str):
            found = re.match(r"\s*(\d+)(?:\s*(?:-|–|to)\s*(\d+))?", self.value)
            if not found:
                raise self.wrong('a number of people, or "2-3"', _shown(self.value))
            return int(found[1]), int(found[2] or found[1])
        people = int(self.number(least=0))
        return people, people

    def _object(self) -> dict[str, Any]:
        if not isinstance(self.value, dict):
            raise self.wrong("an object {…}", _shown(self.value))
        return self.value


def _shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:80]
