"""One catalogue: everything said is translated, nothing translated is unsaid; numbers read as their readers write."""

import re
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract_from_dir
from hypothesis import given
from hypothesis import strategies as st

import analytics
import dashboard
import edge.audit
from dashboard.language import best, language, language_of, read_catalogue
from deploy.audit_words import translations
from edge.audit.words import CATALOGUE, WORDS, words

KEYWORDS = {"t": None, "mark": None, "many": (1, 2), "mark_many": (1, 2)}
EN, ZH = language("en"), language("zh")


def said() -> dict[str, str | tuple[str, ...]]:
    """Return every message in the sources by its key."""
    found: dict[str, str | tuple[str, ...]] = {}
    for package in (analytics, dashboard, edge.audit):
        folder = Path(str(package.__file__)).parent
        for _, _, message, _, _ in extract_from_dir(folder, [("**.py", "python")], keywords=KEYWORDS):
            found[message if isinstance(message, str) else message[0]] = message
    return found


def test_every_message_is_translated_and_no_translation_is_stale() -> None:
    catalogue = read_catalogue("zh")
    translated = {str(one.id if isinstance(one.id, str) else one.id[0]) for one in catalogue if one.id and one.string}
    assert translated == set(said())
    assert len(translated) > 150


def test_the_audit_page_speaks_from_the_same_catalogue() -> None:
    assert CATALOGUE.read_text(encoding="utf-8") == translations(), "run: python -m deploy.audit_words"
    assert words("zh").keys() == words("en").keys() == set(WORDS)


def test_the_audit_page_says_every_word_and_no_other() -> None:
    script = (CATALOGUE.parent / "page" / "audit.js").read_text(encoding="utf-8")
    said_there = set(re.findall(r'"([a-z_]+)"', script)) | set(re.findall(r"\bsay\(\"([a-z_]+)\"", script))
    roles, refusals = {"entrance", "pass_by", "internal"}, {"wrong_pin", "running", "busy"}
    assert set(WORDS) - said_there - roles - refusals == {"title"} - said_there
    assert set(re.findall(r"\bsay\(\"([a-z_]+)\"", script)) <= set(WORDS)


def test_every_translation_keeps_its_places_and_speaks_chinese() -> None:
    places = re.compile(r"\{(\w+)\}")
    for message in read_catalogue("zh"):
        if not message.id:
            continue
        key = message.id if isinstance(message.id, str) else message.id[0]
        text = message.string if isinstance(message.string, str) else (message.string or [""])[0]
        assert sorted(places.findall(key)) == sorted(places.findall(text)), key
        words = places.sub("", text).strip(":：–/")
        assert not words or re.search(r"[一-鿿]", words), key
        assert not re.search(r"[一-鿿][,;:!?]|[,;:!?][一-鿿]", text), f"half-width punctuation in {text}"


def test_numbers_are_grouped_and_shares_are_percents() -> None:
    assert EN.number(12345) == "12,345"
    assert EN.percent(0.234) == "23%"
    assert EN.change(-0.0612) == "−6.1%"
    assert EN.change(0.25) == "+25%"


def test_a_page_that_names_no_language_of_ours_is_english() -> None:
    assert [language_of(code).code for code in ("zh", "en", "fr", "", None)] == ["zh", "en", "en", "en", "en"]


def test_money_names_its_currency_unmistakably() -> None:
    assert EN.money(1234.5, "CNY") == "¥1,234"
    assert EN.money(12.5, "EUR") == "€12.50"
    assert EN.money(12.5, "SGD") == "SGD\N{NO-BREAK SPACE}12.50"
    assert EN.money(500, "JPY") == "JP¥500"
    assert EN.money(-99.5, "EUR") == "−€99.50"


@pytest.mark.parametrize(("seconds", "text"), [(45, "45 s"), (89, "89 s"), (150, "2 min"), (5400, "1 h 30 min")])
def test_durations_are_short(seconds: float, text: str) -> None:
    assert EN.duration(seconds) == text


def test_times_are_the_stores_and_days_are_named() -> None:
    at, zone = datetime(2026, 11, 21, 6, 7, tzinfo=UTC), ZoneInfo("Asia/Kathmandu")
    assert EN.clock(at, zone) == "11:52"
    assert EN.when(at, datetime(2026, 11, 22, 6, tzinfo=UTC), zone) == "21 Nov 11:52"
    assert EN.day(date(2026, 11, 21)) == "Saturday 21 November"
    assert ZH.day(date(2026, 11, 21)) == "11月21日 星期六"


def test_chinese_is_a_shopkeepers() -> None:
    words = {
        "Visitors": "进店人数", "Bought": "成交", "Walked past": "路过", "Queued": "排队", "Capture rate": "进店率",
        "Conversion": "成交率", "Average sale": "客单价", "Items per sale": "连带率",
    }  # fmt: skip
    assert {word: ZH.t(word) for word in words} == words
    assert ZH.many("{n} visitor", "{n} visitors", 1) == "1 人进店"
    assert (ZH.listed(["甲", "乙"]), EN.listed(["a", "b"])) == ("甲、乙", "a, b")


@pytest.mark.parametrize(
    ("asked", "accepted", "code"),
    [
        ("zh", "en", "zh"), ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("", "de-DE,en;q=0.7", "en"), (None, "", "en"),
        ("xx", "zh", "zh"), ("en", "zh", "en"),
    ],
)  # fmt: skip
def test_the_language_is_the_one_asked_for_else_the_browsers(asked: str | None, accepted: str, code: str) -> None:
    assert best(asked, accepted) == code


@given(st.floats(-1e9, 1e9), st.sampled_from(["CNY", "EUR", "SGD", "NPR", "JPY"]))
def test_money_never_fails(amount: float, currency: str) -> None:
    assert EN.money(amount, currency)
    assert ZH.money(amount, currency)
