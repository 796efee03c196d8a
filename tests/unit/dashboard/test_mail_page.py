"""The page of the week by mail says why the mail with the link does not come."""

from datetime import UTC, datetime, timedelta

import pytest

from dashboard.language import language
from dashboard.mail.page import why_not
from dashboard.mail.subscriptions import Subscription
from dashboard.mail.words import DOMAIN, NO_LINK

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
EN, ZH = language("en"), language("zh")


def wanted(*, failure: str | None = None, unasked: timedelta | None = None) -> Subscription:
    since = None if unasked is None else NOW - unasked
    return Subscription(1, "mia", "mia@shop.example", "en", "t", NOW, ask_failure=failure, unasked_since=since)


@pytest.mark.parametrize(
    ("known", "said"),
    [
        (wanted(failure=NO_LINK), "FOOTFALL_DASHBOARD_URL"),
        (wanted(unasked=timedelta(minutes=6)), "FOOTFALL_SMTP_HOST"),
        (wanted(unasked=timedelta(minutes=4)), ""),
        (wanted(failure=DOMAIN), ""),
        (None, ""),
    ],
)
def test_what_head_office_can_mend_is_named(known: Subscription | None, said: str) -> None:
    for lang in (EN, ZH):
        text = why_not(known, lang, NOW)
        assert said in text
        assert bool(text) == bool(said)
