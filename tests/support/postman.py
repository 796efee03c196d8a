"""A postman over stores in Shanghai and London, with a clock that the test holds."""

import ssl
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from analytics.cache import Cache
from analytics.database import Database
from dashboard.accounts.register import SERVER, Register, Scope
from dashboard.mail.sending import Postman
from dashboard.mail.settings import MailSettings
from dashboard.mail.subscriptions import Subscriptions, Week
from dashboard.reading.pages import pages_reading
from tests.support.served import HeldClock
from tests.support.smtp import Mailbox

PASSWORD: Final = "three small boats"
#: Monday 7:30 in Shanghai, and Sunday evening in London.
MONDAY: Final = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
WEEK: Final = date(2026, 11, 16)


@dataclass
class Office:
    """Accounts that want their week, and who sends it to `mailbox`; `given` are settings of its own."""

    url: str
    database: Database
    clock: HeldClock
    mailbox: Mailbox
    tls: ssl.SSLContext | None = None
    given: dict[str, Any] | None = None

    def add(
        self,
        login: str,
        scope: Scope,
        *,
        lang: Any = "en",
        since: datetime = MONDAY - timedelta(days=9),
        confirmed: bool = True,
    ) -> int:
        """Add an account that wants its week at an address of its own name."""
        Register(self.database).add(login, scope, PASSWORD, now=since)
        with self.database.transaction() as cursor:
            cursor.execute("SELECT account_id FROM account WHERE login = %s", (login,))
            ((account_id,),) = cursor.fetchall()
        Subscriptions(self.database).want(account_id, login, f"{login}@shop.example", lang, now=since, by=SERVER)
        if confirmed:
            with self.database.transaction() as cursor:
                cursor.execute("UPDATE weekly_mail SET confirmed_at = %s WHERE account_id = %s", (since, account_id))
        return int(account_id)

    def postman(self) -> Postman:
        """One that has started just now."""
        settings = MailSettings.model_validate({
            "database_url": self.url, "smtp_host": "localhost", "smtp_port": self.mailbox.port,
            "smtp_security": "none", "mail_from": "footfall@shop.example", "dashboard_url": "https://f.example",
            **(self.given or {}),
        })  # fmt: skip
        return Postman(
            self.database, pages_reading(self.database, Cache(), self.clock), settings, self.clock, tls=self.tls
        )

    def go(self) -> list[Week]:
        """Ask, plan and send what is due; return how the weeks stand."""
        postman = self.postman()
        while postman.ask():
            pass
        postman.plan()
        while postman.once():
            pass
        return self.weeks()

    def weeks(self) -> list[Week]:
        """How the weeks stand."""
        return Subscriptions(self.database).weeks(limit=100)


def part(mail: Any, kind: str) -> str:
    """Return the text of a mail, plain or html."""
    text: str = mail.get_body((kind,)).get_content()
    return text
