"""Setting one box up from head office: the text is checked before it is wanted, and on the box before it is used."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract.control import SITE_CHARS_MAX
from deploy.control.desires import Decision, desire, desired_body, device_id_of
from deploy.errors import ControlError
from edge.config import parse_site
from ingest.database import Cursor, Database

#: What is the box's own and has no place in a text from head office.
_NOT_HERS = ("store", "device", "broker", "outbox")


@dataclass(frozen=True, slots=True)
class Shown:
    """What is desired of a box now, with the last version's number; and the site file that it last reported."""

    version: int | None
    body: dict[str, Any]
    site_sha256: str | None
    edited: bool | None


def read_site(path: Path, store: str, device: str) -> str:
    """Return the site text in `path` for a box.

    Raises:
        ControlError: not readable, not TOML, it holds what is the box's own, or is too long.
        ConfigError: no site that a box could count with; names the key.
    """
    try:
        text = path.read_text(encoding="utf-8")
        keys = tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise ControlError(f"{path} cannot be read as TOML: {error}") from error
    held = [key for key in _NOT_HERS if key in keys]
    if held:
        raise ControlError(
            f"{path}: expected a site file without what is the box's own ({', '.join(_NOT_HERS)}), "
            f"got {', '.join(held)}"
        )
    if len(text) > SITE_CHARS_MAX:
        raise ControlError(f"{path}: expected at most {SITE_CHARS_MAX} characters, got {len(text)}")
    parse_site({**keys, "store": store, "device": device}, where=str(path))
    return text


def set_site(
    database: Database, store: str, device: str, text: str, decision: Decision, *, replace_local_edits: bool = False
) -> int:
    """Want a site text of a box; return the version. `replace_local_edits`: also over the file that it last reported.

    Raises:
        ControlError: no such device, or it has not reported which file it has.
    """
    with database.transaction() as cursor:
        device_id = device_id_of(cursor, store, device)
        over = _reported_site(cursor, device_id)[0] if replace_local_edits else None
        if replace_local_edits and over is None:
            raise ControlError(f"{store}/{device} has not reported which site file it has: is it enrolled and online?")
        return desire(cursor, [device_id], {"site": text, "site_over": over}, decision)[device_id]


def shown(database: Database, store: str, device: str) -> Shown:
    """Return what is desired of a box.

    Raises:
        ControlError: no such device.
    """
    with database.transaction() as cursor:
        device_id = device_id_of(cursor, store, device)
        version, body = desired_body(cursor, device_id)
        return Shown(version, body, *_reported_site(cursor, device_id))


def _reported_site(cursor: Cursor, device_id: int) -> tuple[str | None, bool | None]:
    cursor.execute(
        "SELECT site_sha256, edited FROM device_reported WHERE device_id = %(device_id)s", {"device_id": device_id}
    )
    return cursor.fetchone() or (None, None)
