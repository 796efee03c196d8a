"""The page's language: words from one gettext catalogue, numbers and times as its readers write them."""

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent, get_currency_symbol

from analytics.definitions import mark
from dashboard.errors import CatalogueError

Code = Literal["en", "zh"]
CODES: Final[tuple[Code, ...]] = get_args(Code)
FOLDER: Final = Path(__file__).with_name("locale")
_LOCALES: Final[Mapping[Code, str]] = {"en": "en_GB", "zh": "zh_Hans_CN"}

#: Where the locale would write CN¥: no other yen is sold in, and that one is written JP¥.
_SYMBOLS: Final[Mapping[str, str]] = {"CNY": "¥", "JPY": "JP¥"}

#: What stands where there is no number.
NOTHING: Final = "–"
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Language:
    """One language; English texts are the keys of the others' catalogues."""

    code: Code
    locale: Locale
    catalogue: Catalog | None
    #: On whose clock `moment` tells the time; None: that of no shop in particular.
    zone: ZoneInfo | None = None

    def at(self, zone: ZoneInfo) -> "Language":
        """Return the same language on a shop's clock."""
        return replace(self, zone=zone)

    def moment(self, at: datetime) -> str:
        """Return 21 Nov 14:05 on the shop's clock, or 21 Nov 06:05 UTC."""
        local = at.astimezone(self.zone or UTC)
        return f"{self.short_day(local.date())} {local:%H:%M}{'' if self.zone else ' UTC'}"

    @property
    def tag(self) -> str:
        """The language as HTML names it, so that Chinese glyphs are the mainland's."""
        return "zh-Hans" if self.code == "zh" else "en"

    def t(self, message: str, /, **values: object) -> str:
        """Return the message in this language, its {places} filled."""
        found = self.catalogue.get(message) if self.catalogue is not None else None
        text = found.string if found is not None and found.string else message
        return str(text).format(**values) if values else str(text)

    def many(self, singular: str, plural: str, n: int, /, **values: object) -> str:
        """Return the form for `n` things; the place {n} is the number."""
        if self.catalogue is None:
            text = singular if n == 1 else plural
        else:
            found = self.catalogue.get(singular)
            forms = found.string if found is not None else None
            text = forms[0] if forms and forms[0] else plural
        return str(text).format(**{"n": self.number(n), **values})

    def listed(self, words: Iterable[str]) -> str:
        """Return the words one after the other: a, b or 甲、乙."""
        return ("、" if self.code == "zh" else ", ").join(words)

    def number(self, value: float, digits: int = 0) -> str:
        """Return 1,234 or 1,234.5."""
        return _number(round(value, digits), digits, self.locale)

    def percent(self, share: float, digits: int = 0) -> str:
        """Return 23% for 0.23."""
        return str(format_percent(share, format="0" + ("." + "0" * digits if digits else "") + "%", locale=self.locale))

    def change(self, share: float) -> str:
        """Return +6% or −6%: the sign is a true minus."""
        sign = "+" if round(share, 3) > 0 else "−" if round(share, 3) < 0 else "±"
        return sign + self.percent(abs(share), 0 if abs(share) >= 0.1 else 1)  # noqa: PLR2004  # three digits at most

    def money(self, amount: float, currency: str, *, digits: int | None = None) -> str:
        """Return the amount with its currency, in whole units from 100 on unless `digits` says otherwise."""
        if digits is None:
            digits = 0 if abs(amount) >= 100 else 2  # noqa: PLR2004  # a matter of room
        symbol = _SYMBOLS.get(currency) or str(get_currency_symbol(currency, locale=self.locale))
        between = "\N{NO-BREAK SPACE}" if symbol[-1:].isalpha() else ""
        sign = "−" if round(amount, digits) < 0 else ""
        return f"{sign}{symbol}{between}{self.number(abs(amount), digits)}"

    def duration(self, seconds: float) -> str:
        """Return 45 s, 3 min or 1 h 20 min."""
        if seconds < 1.5 * _MINUTE:
            return self.t("{n} s", n=round(seconds))
        minutes = round(seconds / _MINUTE)
        if minutes < _MINUTE:
            return self.t("{n} min", n=minutes)
        return self.t("{h} h {m} min", h=minutes // _MINUTE, m=minutes % _MINUTE)

    def clock(self, at: datetime, zone: ZoneInfo) -> str:
        """Return the local time as 14:05."""
        return f"{at.astimezone(zone):%H:%M}"

    def weekday(self, day: date) -> str:
        """Return Saturday or 星期六."""
        return str(format_date(day, "EEEE", locale=self.locale))

    def weekdays(self) -> list[str]:
        """Return Mon … Sun, or 周一 … 周日."""
        return [str(self.locale.days["format"]["abbreviated"][index]) for index in range(7)]

    def day(self, day: date) -> str:
        """Return Saturday 21 November or 11月21日 星期六."""
        return str(format_date(day, "M月d日 EEEE" if self.code == "zh" else "EEEE d MMMM", locale=self.locale))

    def short_day(self, day: date) -> str:
        """Return 21 Nov or 11月21日."""
        return str(format_date(day, "M月d日" if self.code == "zh" else "d MMM", locale=self.locale))

    def when(self, at: datetime, now: datetime, zone: ZoneInfo) -> str:
        """Return 14:05, with the day in front when it was not today."""
        local, today = at.astimezone(zone), now.astimezone(zone).date()
        text = self.clock(at, zone)
        return text if local.date() == today else f"{self.short_day(local.date())} {text}"


#: How each language names itself.
NAMES: Final[Mapping[Code, str]] = {"en": "English", "zh": "简体中文"}
#: Units of definitions, which the catalogue knows.
UNITS: Final[Mapping[str, str]] = {
    "people": mark("people"),
    "share": mark("share"),
    "money": mark("money"),
    "money per sale": mark("money per sale"),
    "money per item": mark("money per item"),
    "money per visitor": mark("money per visitor"),
    "sales": mark("sales"),
    "units per sale": mark("units per sale"),
    "seconds": mark("seconds"),
    "stores": mark("stores"),
    "hours": mark("hours"),
    "people per hour": mark("people per hour"),
    "staff": mark("staff"),
    "money per hour": mark("money per hour"),
    "units": mark("units"),
}


@functools.cache
def language(code: Code) -> Language:
    """Return a language with its catalogue read.

    Raises:
        CatalogueError: its catalogue is missing or cannot be read.
    """
    return Language(code, Locale.parse(_LOCALES[code]), None if code == "en" else read_catalogue(code))


def language_of(code: str | None) -> Language:
    """Return the language that a page says it was drawn in; English where that is none of ours.

    Raises:
        CatalogueError: its catalogue is missing or cannot be read.
    """
    return language(next((known for known in CODES if known == code), "en"))


def read_catalogue(code: Code) -> Catalog:
    """Read `locale/<code>/LC_MESSAGES/dashboard.po`.

    Raises:
        CatalogueError: it is missing or cannot be read.
    """
    path = FOLDER / code / "LC_MESSAGES" / "dashboard.po"
    try:
        with path.open("rb") as file:
            return read_po(file, locale=code, abort_invalid=True)
    except (OSError, ValueError) as error:
        raise CatalogueError(f"expected a gettext catalogue in {path}: {error}") from error


def best(wanted: str | None, accepted: str) -> Code:
    """Return the language asked for (`?lang=`), else the first of the browser's that there is, else English."""
    for text in (wanted or "", *accepted.split(",")):
        primary = text.strip().partition(";")[0].partition("-")[0].lower()
        for code in CODES:
            if code == primary:
                return code
    return "en"


@lru_cache(maxsize=4_096)
def _number(value: float, digits: int, locale: Locale) -> str:
    # A chart's hover texts name the same few numbers hundreds of times.
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(value, format=pattern, locale=locale))
