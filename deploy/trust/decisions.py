"""What head office decides about boxes: codes, revocations, the end of a store. Needs the register, and no key.

A code names the authority that will honour it, so its fingerprint is all that has to be known of that.
"""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from contract.enrolment import EnrolmentCode
from contract.types import NAME_PATTERN
from deploy.errors import StoreError, TrustError
from ingest.database import Cursor, Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_name("enrolments.sql").read_text(encoding="utf-8"), "enrolments")
CODE_LASTS: Final = timedelta(hours=24)
#: A certificate's common name has at most 64 characters: store, device, two dots and a number of five digits.
NAMES_MAX: Final = 57
_NAME_MAX: Final = 40


class Decisions:
    """The register as head office writes in it.

    Each method is one transaction and raises DatabaseError where the database does not take it.
    """

    def __init__(self, database: Database, fingerprint: bytes) -> None:
        self._database = database
        self._fingerprint = fingerprint

    def issue_code(
        self, store: str, device: str, *, now: datetime, lasts: timedelta = CODE_LASTS, site: str | None = None
    ) -> EnrolmentCode:
        """Return a new code for a device, which is registered where it is new; its earlier codes are taken back.

        Raises:
            StoreError: the store is not registered or closed, or the device's name is none.
        """
        check_device(store, device)
        code = EnrolmentCode.new(self._fingerprint)
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["add_device"], {"store": store, "device": device})
            row = cursor.fetchone()
            if row is None:
                raise StoreError(f"store {store} is not registered, or closed: footfall store open {store}")
            cursor.execute(_SQL["withdraw_codes"], {"device_ids": [row[0]], "at": now})
            values = {"code": code.secret_sha256, "device_id": row[0], "site": site, "at": now}
            cursor.execute(_SQL["add_code"], {**values, "expires_at": now + lasts})
            note(cursor, now, "code_issued", device_id=row[0])
        return code

    def revoke(self, store: str, device: str, *, now: datetime) -> list[str]:
        """End what lets a device speak, codes included; return the names that were good until now.

        Raises:
            TrustError: no such device.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["device"], {"store": store, "device": device})
            row = cursor.fetchone()
            if row is None:
                raise TrustError(f"store {store} has no device {device!r}: footfall device list shows them")
            names = _end(cursor, [row[0]], "revoked", now)
            note(cursor, now, "revoked", device_id=row[0], detail=", ".join(names) or None)
        return names

    def close_store(self, store: str, *, now: datetime) -> list[tuple[str, str]]:
        """End a store: its devices, its opening hours from now on, what its cameras are expected to count.

        Return (store, device) of the boxes that could speak until now.

        Raises:
            StoreError: not registered, or closed already.
        """
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["close_store"], {"store": store, "at": now})
            row = cursor.fetchone()
            if row is None:
                raise StoreError(f"store {store} is not registered, or closed already: footfall store list")
            values = {"store_id": row[0], "at": now}
            for block in ("end_hours", "end_calendar", "end_claims", "end_cameras"):
                cursor.execute(_SQL[block], values)
            cursor.execute(_SQL["devices_of_store"], values)
            names = _end(cursor, [device for (device,) in cursor.fetchall()], "store closed", now)
            note(cursor, now, "store_closed", store_id=row[0])
        return [(store, name.split(".")[1]) for name in names]

    def opened(self, store: str, *, now: datetime) -> None:
        """Note that a store was opened; one that was closed is open again."""
        with self._database.transaction() as cursor:
            cursor.execute(_SQL["reopen_store"], {"store": store})
            for (store_id,) in cursor.fetchall():
                note(cursor, now, "store_opened", store_id=store_id)


def check_device(store: str, device: str) -> None:
    """Check the names of a device that is to be enrolled.

    Raises:
        StoreError: one is no slug, or both together are too long for a certificate.
    """
    for what, name in (("store", store), ("device", device)):
        if not re.match(NAME_PATTERN, name) or len(name) > _NAME_MAX:
            column = "code" if what == "store" else "devices"
            raise StoreError(f"{what}: expected a lower-case slug such as door-box, got {name!r}", column=column)
    if len(store) + len(device) > NAMES_MAX:
        raise StoreError(
            f"expected names of store and device with at most {NAMES_MAX} characters together, for a certificate has "
            f"no room for more; got {len(store) + len(device)} in {store!r} and {device!r}",
            column="devices",
        )


def _end(cursor: Cursor, device_ids: list[int], by: str, now: datetime) -> list[str]:
    cursor.execute(_SQL["withdraw_codes"], {"device_ids": device_ids, "at": now})
    cursor.execute(_SQL["silence"], {"device_ids": device_ids})
    cursor.execute(_SQL["end_enrolments"], {"device_ids": device_ids, "at": now, "by": by})
    return [name for (name,) in cursor.fetchall()]


def note(cursor: Cursor, now: datetime, action: str, **known: Any) -> None:
    """Write a line of the log of who may speak."""
    nothing = {"device_id": None, "store_id": None, "address": None, "detail": None}
    cursor.execute(_SQL["event"], {**nothing, **known, "at": now, "action": action})
