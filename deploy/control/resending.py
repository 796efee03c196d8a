"""Asking a box for the entries that `footfall verify` misses of it."""

from uuid import UUID, uuid4

from contract.control import COMMAND_LASTS_MAX, RESEND_RANGES_MAX, Resend
from deploy.control.desires import Decision, command, device_id_of
from ingest.database import Database
from ingest.verify import verify


def ask_again(database: Database, store: str, device: str, decision: Decision) -> int:
    """Ask a box for what is missing of it; return how many entries that is. What a box states as lost is not missing.

    Raises:
        ControlError: the store has no such device.
    """
    missing = [each for each in verify(database).missing if (each.store, each.device) == (store, device)]
    with database.transaction() as cursor:
        device_id = device_id_of(cursor, store, device)
        for each in missing:
            for start in range(0, len(each.ranges), RESEND_RANGES_MAX):
                asked = Resend(
                    id=uuid4(), issued_at=decision.at, expires_at=decision.at + COMMAND_LASTS_MAX,
                    epoch=UUID(each.epoch), ranges=each.ranges[start : start + RESEND_RANGES_MAX],
                )  # fmt: skip
                command(cursor, device_id, asked, decision)
    return sum(each.missing for each in missing)
