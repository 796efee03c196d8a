"""Standards at head office: defining one, and giving it to boxes at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from contract.control import STANDARD_CHARS_MAX
from contract.standard import settings_of
from contract.topics import parse
from deploy.control.desires import Decision, desire
from deploy.errors import ControlError
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "standards")


@dataclass(frozen=True, slots=True)
class ListedStandard:
    """A version of a standard; `boxes` run it now."""

    name: str
    number: int
    at: datetime
    by: str
    why: str | None
    boxes: int

    def as_dict(self) -> dict[str, Any]:
        """Return its fields, the moment as text."""
        return {
            "name": self.name, "number": self.number, "at": self.at.isoformat(), "by": self.by, "why": self.why,
            "boxes": self.boxes,
        }  # fmt: skip


def define(database: Database, name: str, settings: str, decision: Decision) -> int:
    """Keep the next version of a standard and return its number; a text that is the latest version's makes none.

    Raises:
        MalformedError: the settings are none, or hold what is the store's own.
        ControlError: the name is no slug, or the text is too long.
    """
    _check_name(name)
    settings_of(settings)
    if len(settings) > STANDARD_CHARS_MAX:
        raise ControlError(f"standard {name}: expected at most {STANDARD_CHARS_MAX} characters, got {len(settings)}")
    with database.transaction() as cursor:
        cursor.execute(_SQL["add"], {"name": name})
        ((standard_id,),) = cursor.fetchall()
        cursor.execute(_SQL["latest"], {"standard_id": standard_id})
        number, known = cursor.fetchone() or (0, None)
        if known == settings:
            return int(number)
        values = {"standard_id": standard_id, "number": number + 1, "settings": settings}
        cursor.execute(_SQL["define"], {**values, "at": decision.at, "by": decision.by, "why": decision.why})
        return int(number) + 1


def standard_of(cursor: Cursor, name: str, number: int | None = None) -> dict[str, Any]:
    """Return a version of a standard as `Desired` has it; None: the latest one.

    Raises:
        ControlError: there is none.
    """
    cursor.execute(_SQL["version"], {"name": name, "number": number})
    row = cursor.fetchone()
    if row is None:
        version = f"version {number}" if number else "version"
        raise ControlError(f"there is no {version} of a standard {name!r}: footfall config standard list")
    return {"name": name, "number": row[0], "settings": row[1]}


def listed(database: Database) -> list[ListedStandard]:
    """Return each version of each standard with how many boxes run it, the latest first."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["list"])
        return [ListedStandard(*row) for row in cursor.fetchall()]


def assign(
    database: Database, standard: tuple[str, int | None] | None, boxes: Sequence[str], decision: Decision
) -> int:
    """Want a standard (name, number) of boxes at once, without a roll-out; None: no standard.

    `boxes` are stores or store/device. Return of how many boxes it was wanted.

    Raises:
        ControlError: no such standard, store or device.
    """
    with database.transaction() as cursor:
        ids = devices_of(cursor, boxes)
        wanted = None if standard is None else standard_of(cursor, *standard)
        desire(cursor, ids, {"standard": wanted}, decision)
    return len(ids)


def named(text: str) -> tuple[str, int | None]:
    """Return name and number in `NAME` or `NAME:NUMBER`.

    Raises:
        ControlError: the number is none.
    """
    name, colon, number = text.partition(":")
    if colon and not (number.isascii() and number.isdigit()):
        raise ControlError(f"expected a standard as NAME or NAME:NUMBER, got {text!r}")
    return name, int(number) if colon else None


def devices_of(cursor: Cursor, boxes: Sequence[str]) -> list[int]:
    """Return the ids of boxes that are named as store (all that may speak there) or store/device.

    Raises:
        ControlError: there is none of a name.
    """
    found: set[int] = set()
    for box in boxes:
        store, _, device = box.partition("/")
        cursor.execute(_SQL["devices"], {"store": store, "device": device or None})
        ids = [row[0] for row in cursor.fetchall()]
        if not ids:
            raise ControlError(f"{box}: no box of this name is enrolled: footfall device list")
        found.update(ids)
    return sorted(found)


def _check_name(name: str) -> None:
    try:
        parse(f"footfall/v1/{name}/x/config")
    except ValueError as error:
        raise ControlError(f"standard: expected a lower-case slug such as autumn, got {name!r}") from error
