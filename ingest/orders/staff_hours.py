"""Hours that staff worked, from whoever keeps them: a roster, a time clock, a till. Each in its highest version.

Who worked is told by a reference that becomes an alias on its way into the store (`staff_alias`): what is kept says how
many were there and, under the alias, that it was the same one, never who.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, timedelta
from typing import Annotated, Any, Final, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from ingest.database import Cursor, Database
from ingest.orders.bodies import ORDERS_MAX, Instant, ItemProblem, Result, Slug, Text
from ingest.orders.book import Terms, known_stores
from ingest.orders.checks import KnownStore
from ingest.orders.keys import Access
from ingest.orders.problems import ProblemError
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("staff")
_UPSERT: Final = _SQL["upsert"].format(shifts=_SQL["sent"])
_KEPT: Final = _SQL["kept"].format(shifts=_SQL["sent"])
#: Nobody works longer at a stretch: somebody forgot to clock out.
LONGEST: Final = timedelta(hours=24)
#: A shift: its store, its source, its number.
_Key: TypeAlias = tuple[int, str, str]


class StaffHoursIn(BaseModel):
    """Hours that one person worked in one store."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Slug = Field(description="the store's code")
    source: Slug = Field(description="the roster or time clock; with store and external_id it tells shifts apart")
    external_id: Text | None = Field(
        None, description="its own number of the shift; absent: told apart by staff_ref and starts_at"
    )
    version: int = Field(1, ge=0, le=2**63 - 1, description="of one shift the highest is kept")
    staff_ref: Text | None = Field(
        None, description="who, as the till calls them; kept only as an alias that cannot be turned back"
    )
    starts_at: Instant = Field(description="when the work began, with offset")
    ends_at: Instant | None = Field(None, description="when it ended; null: still at work")
    break_min: int = Field(0, ge=0, le=1_440, description="minutes of unpaid breaks in between")
    on_floor: bool = Field(True, description="false: worked where no visitors are; counts in no figure")
    cancelled: bool = Field(False, description="the shift did not take place after all")


def _shape(value: Any) -> str:
    return "many" if isinstance(value, list) else "one"


OneOrManyShifts = Annotated[
    Annotated[StaffHoursIn, Tag("one")]
    | Annotated[list[StaffHoursIn], Field(min_length=1, max_length=ORDERS_MAX), Tag("many")],
    Discriminator(_shape),
]


class StaffHoursResults(BaseModel):
    """What became of each shift, in the order they came."""

    staff_hours: list[Result]


EXAMPLES: Final[dict[str, Any]] = {
    "shift": {
        "summary": "One shift that is over",
        "value": {
            "store": "riverside", "source": "roster", "external_id": "shift-2201", "version": 1, "staff_ref": "17",
            "starts_at": "2026-11-21T09:45:00+01:00", "ends_at": "2026-11-21T18:15:00+01:00", "break_min": 30,
        },
    },
    "clocked_in": {
        "summary": "Somebody who is still at work, without a number of the shift",
        "value": {
            "store": "riverside", "source": "roster", "staff_ref": "21", "starts_at": "2026-11-21T13:00:00+01:00",
        },
    },
}  # fmt: skip


def keep(database: Database, shifts: Sequence[StaffHoursIn], access: Access, terms: Terms) -> list[Result]:
    """Keep the highest version of each shift, all of them or none; return what became of each.

    Raises:
        ProblemError: what is wrong, shift by shift.
        DatabaseError: the database did not take them.
    """
    numbers = [_number(shift, terms.hash_secret) for shift in shifts]
    with database.transaction() as cursor:
        stores = known_stores(cursor, {shift.store for shift in shifts})
        _check(shifts, numbers, stores, access, terms)
        keys = [
            (stores[shift.store].store_id, shift.source, number or "")
            for shift, number in zip(shifts, numbers, strict=True)
        ]
        newest: dict[_Key, StaffHoursIn] = {}
        for shift, key in zip(shifts, keys, strict=True):
            if key not in newest or newest[key].version < shift.version:
                newest[key] = shift
        rows = [_row(shift, number, store_id) for (store_id, _, number), shift in newest.items()]
        written = upsert(cursor, rows, may_move=False)
        cursor.execute(_KEPT, {"shifts": json.dumps(rows)})
        kept = {(store_id, source, number): tuple(rest) for store_id, source, number, *rest in cursor.fetchall()}
    results = []
    for shift, key in zip(shifts, keys, strict=True):
        chosen = newest[key] is shift
        version, differs = kept[key]
        other = shift.model_copy(update={"version": newest[key].version}) != newest[key]
        results.append(
            Result(
                source=shift.source, external_id=key[2], version=shift.version,
                outcome=written.get(key, "ignored") if chosen else "ignored", kept_version=version,
                differs=bool(differs) or other,
            )
        )  # fmt: skip
    return results


def upsert(cursor: Cursor, rows: Sequence[Mapping[str, Any]], *, may_move: bool) -> dict[_Key, Any]:
    """Write shifts as the table has them; return `created` or `updated` of those that were written.

    `may_move`: their sources are tills, which tell of one shift in one store only: the one they said last.
    """
    cursor.execute(_UPSERT, {"shifts": json.dumps(list(rows)), "may_move": may_move})
    return {
        (store_id, source, number): "created" if new else "updated"
        for store_id, source, number, new in cursor.fetchall()
    }


def _number(shift: StaffHoursIn, secret: bytes) -> str | None:
    """Return the shift's number; made of who and when where it has none, so that the same one comes out again."""
    if shift.external_id is not None:
        return shift.external_id
    if shift.staff_ref is None:
        return None
    text = f"{shift.store}\x00{shift.staff_ref}\x00{shift.starts_at.astimezone(UTC).isoformat()}"
    return "auto-" + hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()[:32]


def _row(shift: StaffHoursIn, number: str, store_id: int) -> dict[str, Any]:
    row = shift.model_dump(mode="json", exclude={"store", "external_id"})
    return {**row, "external_id": number, "store_id": store_id}


def _check(
    shifts: Sequence[StaffHoursIn],
    numbers: Sequence[str | None],
    stores: Mapping[str, KnownStore],
    access: Access,
    terms: Terms,
) -> None:
    foreign = [
        ItemProblem(index=index, field="store", message=f"this key is for store {access.store!r} only")
        for index, shift in enumerate(shifts)
        if access.store is not None and shift.store != access.store
    ]
    if foreign:
        raise ProblemError(
            403, "other-store", f"{len(foreign)} shifts are of a store that this key is not for, none was stored",
            foreign,
        )  # fmt: skip
    wrong = [
        ItemProblem(index=index, field=field, message=message)
        for index, (shift, number) in enumerate(zip(shifts, numbers, strict=True))
        for field, message in _wrong(shift, number, stores, terms)
    ]
    if wrong:
        many = len({each.index for each in wrong})
        raise ProblemError(
            422, "invalid-staff-hours", f"{many} of {len(shifts)} shifts are wrong, none was stored", wrong
        )


def _wrong(
    shift: StaffHoursIn, number: str | None, stores: Mapping[str, KnownStore], terms: Terms
) -> Iterator[tuple[str, str]]:
    if shift.store not in stores:
        yield "store", f"store {shift.store!r} is not known here: footfall store add {shift.store} … adds it"
    if number is None:
        yield "external_id", "expected external_id, or staff_ref beside starts_at: shifts could not be told apart"
    if shift.starts_at - terms.now > terms.ahead:
        yield "starts_at", f"expected hours that were worked, got {shift.starts_at.isoformat()}: leave planned ones out"
    if shift.ends_at is None:
        return
    lasted = shift.ends_at - shift.starts_at
    if not timedelta(0) <= lasted <= LONGEST:
        yield "ends_at", f"expected at most 24 h after starts_at, got {lasted}"
    elif timedelta(minutes=shift.break_min) > lasted:
        yield "break_min", f"expected at most the {lasted} of the shift, got {shift.break_min} min"
