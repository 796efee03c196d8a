"""The postman: on Monday morning plans each account's week, then sends what is due. Any number may run side by side.

A row per account and week makes it one mail. Until the server is given a mail, a failure or a death is tried again;
that it is given one is written down first, so that who dies in that moment leaves it unsure rather than sends it twice.
"""

import logging
import ssl
import threading
from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from analytics.clock import Clock
from analytics.database import Database
from analytics.errors import AnalyticsError, DatabaseUnavailableError
from analytics.stores import Store
from dashboard.accounts.sessions import digest
from dashboard.accounts.viewer import Viewer
from dashboard.language import language
from dashboard.mail.addresses import allowed
from dashboard.mail.confirming import Asking, Confirmations
from dashboard.mail.letter import Post, letter, question, stores_of, told
from dashboard.mail.posting import Outcome, post
from dashboard.mail.settings import MailSettings
from dashboard.mail.subscriptions import SQL, Subscription, Subscriptions
from dashboard.mail.words import AWAY, DOMAIN, NO_LINK, ONE_TIME
from dashboard.reading.pages import PagesReading
from dashboard.routes import MAIL_CONFIRM, MAIL_END

logger = logging.getLogger(__name__)

#: Longer than a week's figures of many stores and a slow server take together.
LEASE: Final = timedelta(minutes=15)
PAUSES: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180, 360, 720, 720, 720))
#: A week that could not be sent by then is no news.
WITHIN: Final = timedelta(days=3)
#: One that was begun so often is a fault of its own, and would take the sender down for ever.
ATTEMPTS_MAX: Final = 20
_LOOK_S: Final = 60.0
_WEEK: Final = timedelta(days=7)
_DAY: Final = timedelta(days=1)


class Postman:
    """Sends the weeks of one installation; `tls` is whom the server is known by (None: the system's authorities)."""

    def __init__(
        self,
        database: Database,
        reading: PagesReading,
        settings: MailSettings,
        clock: Clock,
        *,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._database = database
        self._reading = reading
        self._settings = settings
        self._clock = clock
        self._tls = tls
        self._subscriptions = Subscriptions(database)
        self._confirmations = Confirmations(database)

    def run(self, stopping: threading.Event) -> None:
        """Send until `stopping` is set; a database that is away is tried again."""
        while not stopping.is_set():
            try:
                while not stopping.is_set() and self.ask():
                    pass
                self.plan()
                while not stopping.is_set() and self.once():
                    pass
            except AnalyticsError as error:
                logger.warning("weekly mail waits: %s", error, extra={"action": "mail_wait"})
            stopping.wait(_LOOK_S)

    def plan(self) -> None:
        """Note whose week is over, and what was left in the middle.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        now = self._clock()
        with self._database.transaction() as cursor:
            cursor.execute(SQL["left_behind"], {"now": now})
            for account_id, monday in cursor.fetchall():
                logger.warning(
                    "nobody knows whether account %s got the week of %s: it is not sent again", account_id, monday,
                    extra={"action": "mail_unsure"},
                )  # fmt: skip
        for one in self._subscriptions.all():
            viewer = self._subscriptions.viewer(one.account_id)
            due = viewer and due_week(stores_of(self._reading, viewer), now=now, hour=self._settings.mail_hour)
            if due and one.confirmed_at is not None and one.wanted_at <= due[1]:
                values = {"account_id": one.account_id, "monday": due[0], "due_at": due[1]}
                with self._database.transaction() as cursor:
                    cursor.execute(SQL["plan"], values)

    def once(self) -> bool:
        """Try to send one mail that is due; return whether there was one.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        claim = self._claimed(self._clock())
        if claim is None:
            return False
        try:
            outcome = self._tried(claim)
        except DatabaseUnavailableError:
            raise
        except Exception as error:
            # Composition root of a mail: a fault with one of them must not keep all others from being sent.
            logger.exception("a fault of ours with account %s", claim["account_id"], extra={"action": "bug"})
            outcome = Outcome("unsure" if claim["given"] else "later", f"{type(error).__name__}: {error}"[:300])
        self._settle(claim, outcome)
        return True

    def ask(self) -> bool:
        """Try to ask one address whether reports may come to it; return whether there was one.

        Raises:
            DatabaseUnavailableError: the database does not answer.
        """
        asking = self._confirmations.next(now=self._clock())
        if asking is None:
            return False
        try:
            outcome = self._asked(asking)
        except Exception as error:
            # As in `once`: whatever is wrong with one address is not with the others.
            logger.exception("a fault of ours with account %s", asking.account_id, extra={"action": "bug"})
            outcome = Outcome("later", f"{type(error).__name__}: {error}"[:300])
        self._confirmations.settle(asking, outcome, now=self._clock())
        level = logging.INFO if outcome.fate == "sent" else logging.WARNING
        said = "address of account %s is asked, attempt %d: %s%s"
        why = f": {outcome.failure}" if outcome.failure else ""
        logger.log(level, said, asking.account_id, asking.attempts, outcome.fate, why, extra={"action": "mail_asked"})
        return True

    def _asked(self, asking: Asking) -> Outcome:
        settings = self._settings
        if not settings.origin:
            return Outcome("later", NO_LINK)
        if not allowed(asking.address, settings.mail_domains):
            return Outcome("never", DOMAIN)
        message = question(
            Post(settings.mail_from, settings.origin), to=asking.address, login=asking.login,
            link=f"{settings.origin}{MAIL_CONFIRM}?t={asking.token}&lang={asking.lang}", lang=language(asking.lang),
            number=f"asked-{asking.account_id}-{digest(asking.token).hex()[:16]}", now=self._clock(),
        )  # fmt: skip
        return post(settings, message, lambda: True, tls=self._tls)

    def _claimed(self, now: datetime) -> dict[str, Any] | None:
        """Return the next week that is due, and is this postman's now."""
        with self._database.transaction() as cursor:
            before = (now - _WEEK - WITHIN - _DAY).date()
            cursor.execute(SQL["give_up"], {"now": now, "most": ATTEMPTS_MAX, "before": before})
            for account_id, monday, failure in cursor.fetchall():
                logger.warning("week of %s to account %s: given_up: %s", monday, account_id, failure,
                               extra={"action": "mail_given_up"})  # fmt: skip
            cursor.execute(SQL["claim"], {"now": now, "until": now + LEASE})
            row = cursor.fetchone()
        return None if row is None else {"account_id": row[0], "monday": row[1], "attempts": row[2], "given": False}

    def _tried(self, claim: dict[str, Any]) -> Outcome:
        one = self._subscriptions.of(claim["account_id"])
        viewer = self._subscriptions.viewer(claim["account_id"])
        if one is None or viewer is None:
            return Outcome("never", "wanted no more, or the account is shut out")
        if why := self._why_not(one, viewer):
            return Outcome("skipped", why)
        if one.confirmed_at is None:
            return Outcome("later", "the address is not confirmed")
        stores = stores_of(self._reading, viewer)
        return self._sent(one, stores, claim) if stores else Outcome("never", "no store is left to see")

    def _why_not(self, one: Subscription, viewer: Viewer) -> str | None:
        """Return why an account's week is not told on purpose."""
        if viewer.must_change:
            return ONE_TIME
        if not allowed(one.address, self._settings.mail_domains):
            return DOMAIN
        return AWAY if self._subscriptions.stays_away(one.account_id, now=self._clock()) else None

    def _sent(self, one: Subscription, stores: Sequence[Store], claim: dict[str, Any]) -> Outcome:
        lang, settings, monday = language(one.lang), self._settings, claim["monday"]
        week = told(self._reading, stores, monday, lang)
        end = f"{settings.origin}{MAIL_END}?t={one.token}&lang={one.lang}" if settings.origin else ""
        message = letter(
            week, Post(settings.mail_from, settings.origin), to=one.address, lang=lang,
            number=f"week-{one.account_id}-{monday}", end=end, now=self._clock(),
        )  # fmt: skip
        return post(settings, message, lambda: self._handing_over(claim), tls=self._tls)

    def _handing_over(self, claim: dict[str, Any]) -> bool:
        with self._database.transaction() as cursor:
            cursor.execute(SQL["hand_over"], {**claim, "until": self._clock() + LEASE})
            claim["given"] = cursor.fetchone() is not None
        return bool(claim["given"])

    def _settle(self, claim: dict[str, Any], outcome: Outcome) -> None:
        if outcome.fate == "not ours":
            return
        now = self._clock()
        again = now + PAUSES[min(claim["attempts"], len(PAUSES)) - 1]
        state = {"sent": "sent", "never": "given_up", "unsure": "unsure", "skipped": "skipped"}.get(
            outcome.fate, "waiting"
        )
        if state == "waiting" and again.date() > claim["monday"] + _WEEK + WITHIN:
            state = "given_up"
        due_at = again if state == "waiting" else None
        with self._database.transaction() as cursor:
            cursor.execute(SQL["settle"], {**claim, "state": state, "due_at": due_at, "failure": outcome.failure})
        level = logging.INFO if state == "sent" else logging.WARNING
        said = "week of %s to account %s, attempt %d: %s%s"
        why = f": {outcome.failure}" if outcome.failure else ""
        logger.log(level, said, claim["monday"], claim["account_id"], claim["attempts"], state, why,
                   extra={"action": "mail_" + state})  # fmt: skip


def due_week(stores: Sequence[Store], *, now: datetime, hour: int) -> tuple[date, datetime] | None:
    """Return the week that is told now, as its Monday and when it is due: Monday's `hour` has come in every store.

    None without stores, and from `WITHIN` after it was due on.
    """
    if not stores:
        return None
    zones = {store.zone for store in stores}
    today = now.date() + timedelta(days=1)
    for back in (0, 7):
        monday = today - timedelta(days=today.weekday() + back)
        due_at = max(datetime.combine(monday, time(hour), zone) for zone in zones)
        if due_at <= now:
            return None if now > due_at + WITHIN else (monday - _WEEK, due_at)
    return None
