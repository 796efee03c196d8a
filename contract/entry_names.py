"""The names in entries, held against the contract's pattern: each different one once.

msgspec would hold every one against it, and spend more than half of a batch's decoding on that: a busy door's entries
all name the same line.
"""

import re
from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from msgspec import ValidationError

from contract.entries import Crossing, Entry, Occupancy, QueueExit, QueueSample, Summary, ZoneVisit
from contract.types import NAME_PATTERN

#: The kinds whose names are `EntryName`, and the field that holds it.
_FIELD: Final[dict[type[Entry], str]] = {
    Crossing: "line",
    ZoneVisit: "zone",
    QueueSample: "zone",
    QueueExit: "zone",
    Occupancy: "zone",
}
_NAME_OF: Final = {kind: attrgetter(field) for kind, field in _FIELD.items()}
_PATTERN: Final = re.compile(NAME_PATTERN)


def check_names(entries: Sequence[Entry], place: str = "$") -> None:
    """Refuse a name that is no lower-case slug; `place` is where the entries stand in what was decoded.

    Raises:
        msgspec.ValidationError: as msgspec's own words it; names the first such place.
    """
    kinds = set(map(type, entries))
    names: set[str] = set()
    for kind in kinds & _NAME_OF.keys():
        name_of = _NAME_OF[kind]
        names.update(map(name_of, entries) if len(kinds) == 1 else (name_of(e) for e in entries if type(e) is kind))
    if Summary in kinds:
        names.update(_NAME_OF[type(e.entry)](e.entry) for e in entries if isinstance(e, Summary))
    if not all(map(_PATTERN.search, names)):
        _refuse(entries, place)


def _refuse(entries: Sequence[Entry], place: str) -> None:
    for index, each in enumerate(entries):
        entry, where = (each.entry, f"[{index}].entry") if isinstance(each, Summary) else (each, f"[{index}]")
        field = _FIELD.get(type(entry))
        if field is not None and not _PATTERN.search(getattr(entry, field)):
            raise ValidationError(f"Expected `str` matching regex {NAME_PATTERN!r} - at `{place}{where}.{field}`")
