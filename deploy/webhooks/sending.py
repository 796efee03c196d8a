"""The sender: claims what is due, posts it, writes down how it went. Any number of them may run beside one another.

A claim is a lease: where a sender dies in mid-delivery, another takes it up when the lease is over, under the same
webhook-id. So an event is told at least once, and a receiver that remembers ids takes it once.
"""

import logging
import random
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from deploy.webhooks.posting import Outcome, post
from deploy.webhooks.register import SQL
from deploy.webhooks.signing import headers_of, secret_of
from ingest.database import Database
from ingest.errors import DatabaseError

logger = logging.getLogger(__name__)

#: Longer than any attempt can take.
LEASE: Final = timedelta(seconds=60)
#: Least pauses after the first, second, … failed attempt, as the specification proposes: three days and a bit in all.
PAUSES_S: Final = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
_JITTER: Final = 0.2
#: An endpoint that has taken nothing for so long is told nothing any more.
DISABLE_AFTER: Final = timedelta(days=3)
#: A secret that was replaced still signs for so long.
OLD_SECRET: Final = timedelta(days=1)
_IDLE_S: Final = 1.0
_DATABASE_AWAY_S: Final = 5.0

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Claim:
    """A delivery that is ours until the lease is over."""

    event_id: str
    endpoint_id: str
    attempt: int
    url: str
    allow_private: bool
    generation: int
    rotated_at: datetime | None
    body: str


class Sender:
    """One sender, on a connection of its own; `tls` is whom receivers are known by (None: the system's authorities)."""

    def __init__(
        self,
        database: Database,
        hash_secret: str,
        *,
        now: Callable[[], datetime],
        rng: random.Random,
        tls: ssl.SSLContext | None = None,
        report: Report = lambda _outcome: None,
    ) -> None:
        self._database = database
        self._hash_secret = hash_secret
        self._now = now
        self._rng = rng
        self._tls = tls
        self._report = report

    def run(self, stopping: threading.Event) -> None:
        """Send until `stopping` is set; a database that is away is tried again."""
        while not stopping.is_set():
            try:
                pause_s = 0.0 if self.once() else _IDLE_S
            except DatabaseError as error:
                logger.warning("webhooks wait: %s", error, extra={"action": "webhooks_wait"})
                pause_s = _DATABASE_AWAY_S
            except Exception:
                # Root of this thread: a fault with one delivery must not silence all others; its lease runs out.
                logger.exception("a fault of ours", extra={"action": "bug"})
                pause_s = _DATABASE_AWAY_S
            stopping.wait(pause_s)
        self._database.close()

    def once(self) -> bool:
        """Attempt one delivery that is due; return whether there was one.

        Raises:
            DatabaseError: the database did not answer.
        """
        now = self._now()
        with self._database.transaction() as cursor:
            cursor.execute(SQL["claim"], {"now": now, "until": now + LEASE})
            row = cursor.fetchone()
        if row is None:
            return False
        claim = _Claim(*row)
        self._settle(claim, self._attempt(claim))
        return True

    def _attempt(self, claim: _Claim) -> Outcome:
        now = self._now()
        generations = [claim.generation]
        if claim.rotated_at is not None and now < claim.rotated_at + OLD_SECRET:
            generations.append(claim.generation - 1)
        secrets = [secret_of(self._hash_secret, claim.endpoint_id, each) for each in generations]
        body = claim.body.encode()
        return post(
            claim.url, body, {**common_headers(), **headers_of(claim.event_id, now, body, secrets)},
            allow_private=claim.allow_private, tls=self._tls,
        )  # fmt: skip

    def _settle(self, claim: _Claim, outcome: Outcome) -> None:
        now = self._now()
        pause = self._pause(claim.attempt, outcome)
        state = "delivered" if outcome.failure is None else "waiting" if pause is not None else "given_up"
        with self._database.transaction() as cursor:
            cursor.execute(SQL["settle"], {
                "state": state, "due_at": now + pause if pause is not None else None, "status": outcome.status,
                "failure": outcome.failure, "event_id": claim.event_id, "endpoint_id": claim.endpoint_id,
                "attempt": claim.attempt,
            })  # fmt: skip
            values = {"endpoint_id": claim.endpoint_id, "now": now, "before": now - DISABLE_AFTER}
            if outcome.failure is None:
                cursor.execute(SQL["succeeded"], values)
                disabled = None
            else:
                cursor.execute(SQL["failed"], {**values, "failure": outcome.failure, "gone": outcome.gone})
                disabled = (cursor.fetchone() or (None,))[0]
        self._report("delivered" if outcome.failure is None else "failed")
        if outcome.failure is not None:
            logger.warning(
                "%s to %s, attempt %d: %s%s", claim.event_id, claim.endpoint_id, claim.attempt, outcome.failure,
                f"; the endpoint is disabled: {disabled}" if disabled else "", extra={"action": "webhook_failed"},
            )  # fmt: skip

    def _pause(self, attempt: int, outcome: Outcome) -> timedelta | None:
        """Return how long to wait before the next attempt; None: there is none."""
        if outcome.failure is None or attempt > len(PAUSES_S):
            return None
        plain = PAUSES_S[attempt - 1] * self._rng.uniform(1, 1 + _JITTER)
        return timedelta(seconds=max(plain, outcome.after_s or 0.0))


def common_headers() -> dict[str, str]:
    """Return what every webhook says beside its signature."""
    return {"Content-Type": "application/json", "User-Agent": "Footfall-Webhooks/1", "Connection": "close"}
