"""Reports: what each box says of what is desired of it, the newest and how it came to that."""

from typing import Final

import msgspec

from contract.control import Reported
from ingest.database import Database
from ingest.names import Names
from ingest.presence import Heard
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("reports")
#: Changes kept of each device.
_KEPT: Final = 200


class Reports:
    """Writes reports through one connection. Not shared between threads."""

    def __init__(self, database: Database, names: Names) -> None:
        self._database = database
        self._names = names

    def store(self, reported: Reported, heard: Heard) -> None:
        """Keep a report, what it changes in the device's history, and what it says of commands.

        Raises:
            UnknownStoreError: the store was never added.
            DatabaseError: the database did not take it.
        """
        with self._names.certain(), self._database.transaction() as cursor:
            devices = self._names.device_ids(cursor, [(reported.store, reported.device)])
            self._names.store_id(reported.store)
            device_id = devices[reported.store, reported.device]
            row = {
                "device_id": device_id,
                "at": reported.at,
                "received_at": heard.fresh_at(reported.at),
                "state": reported.state,
                "version": reported.version,
                "running": reported.running,
                "reason": reported.reason,
                "site_sha256": reported.site_sha256,
                "edited": reported.edited,
                "rejected": reported.rejected,
                "payload": msgspec.json.encode(reported).decode(),
            }
            cursor.execute(_SQL["shut_out"], row)
            if cursor.fetchone() is not None:
                return  # whatever a broker still has from it says how it was before
            cursor.execute(_SQL["change"], row)
            if cursor.rowcount:
                cursor.execute(_SQL["forget"], {"device_id": device_id, "kept": _KEPT})
            cursor.execute(_SQL["report"], row)
            for answer in reported.answers:
                said = {"id": str(answer.id), "outcome": answer.outcome, "reason": answer.reason}
                cursor.execute(_SQL["answer"], {**said, "device_id": device_id, "at": heard.at})
