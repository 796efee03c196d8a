"""Addresses: what is shown is in the address, so that a link shows the same to somebody else."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal, get_args
from urllib.parse import parse_qs, quote, unquote, urlencode

from analytics.periods import PERIODS, PeriodName
from dashboard.language import Code, best

#: Pages outside of Dash.
SIGN_IN: Final = "/sign-in"
SIGN_OUT: Final = "/sign-out"
OIDC: Final = "/sign-in/oidc"
OIDC_LOGOUT: Final = "/sign-in/oidc/logout"
OIDC_BACK: Final = "/sign-in/oidc/back"
PASSWORD: Final = "/password"  # noqa: S105  # an address
STORES_CSV: Final = "/stores.csv"
#: Below it, drawings of shops.
PLANS: Final = "/plans"
#: Below it, what pages show as files.
FILES: Final = "/files"
#: The week by mail: wanting it, the link that confirms an address, and the one in each mail that ends it.
MAIL: Final = "/weekly"
MAIL_CONFIRM: Final = "/weekly/confirm"
MAIL_END: Final = "/weekly/end"
#: Below it, a store's period as one printed page.
REPORT: Final = "/report"

#: Of a longer name no store's region is.
NAME_MAX: Final = 200

PageName = Literal[
    "stores", "store", "history", "wall", "trust", "devices", "alarms", "rollouts", "set_up", "users", "log", "unknown"
]
#: Which alarms: those that last, those of them to be acted on, those that ended lately.
Alarms = Literal["open", "act", "ended"]
_FOLDERS: Final[dict[str, PageName]] = {
    "store": "store",
    "history": "history",
    "wall": "wall",
    "trust": "trust",
    "devices": "devices",
    "alarms": "alarms",
    "rollouts": "rollouts",
    "setup": "set_up",
    "users": "users",
    "log": "log",
}
#: Pages with a field that finds words in what they list, and with a table that its reader sorts.
SEARCHED: Final = frozenset({"devices", "alarms", "users", "log"})
SORTED: Final = frozenset({"stores", "trust", "devices"})
#: Pages that are about one store each.
_OF_A_STORE: Final = frozenset({"store", "history", "wall"})


@dataclass(frozen=True, slots=True)
class Route:
    """A parsed address.

    `store` is a store's code; among the users it is an account's name.
    `asked` is the language in the address, None when the browser's was taken. `period` is None where the address names
    none; with `first` and `last` it is kept on the store page too, for the way back, as are `region`
    and `format`, which say whose stores are shown. `alarms` narrows the alarms down, `kind` the log.
    `find` is what is searched for, `need` whether only what needs somebody is listed, `sort` a column and its order:
    `visitors.desc`.
    """

    page: PageName
    lang: Code
    store: str | None = None
    period: PeriodName | None = None
    first: date | None = None
    last: date | None = None
    asked: Code | None = None
    alarms: Alarms = "open"
    region: str | None = None
    format: str | None = None
    find: str = ""
    need: bool = False
    kind: str = ""
    sort: str | None = None

    def href(self) -> str:
        """Return the address."""
        folder = next((folder for folder, page in _FOLDERS.items() if page == self.page), None)
        path = "/" if folder is None else f"/{folder}" + (f"/{quote(self.store)}" if self.store else "")
        query = self._query()
        return path + ("?" + urlencode(query) if query else "")

    def _query(self) -> dict[str, str]:
        """Return what stands behind the path, without what is as it would be anyway."""
        days = self.page == "log" or (self.period == "custom" and self.first and self.last)
        showing = {"alarms": "" if self.alarms == "open" else self.alarms, "devices": "need" if self.need else ""}
        said = {
            "period": self.period,
            "from": self.first.isoformat() if days and self.first else None,
            "to": self.last.isoformat() if days and self.last else None,
            "show": showing.get(self.page),
            "find": self.find if self.page in SEARCHED else None,
            "kind": self.kind if self.page == "log" else None,
            "sort": self.sort if self.page in SORTED else None,
            "region": self.region,
            "format": self.format,
            "lang": self.asked,
        }
        return {name: value for name, value in said.items() if value}

    def _to(self, page: PageName, store: str | None, alarms: Alarms = "open") -> "Route":
        """Return the route to a page; what its reader found and sorted stays where it is the same page."""
        there = replace(self, page=page, store=store, alarms=alarms if page == "alarms" else self.alarms)
        if page == self.page:
            return there
        there = replace(there, find="", need=False, kind="", sort=None)
        # Days of the log are no period, and the other way round.
        if "log" not in (page, self.page):
            return there
        return replace(there, period=None if self.period == "custom" else self.period, first=None, last=None)

    def to_store(self, code: str) -> "Route":
        """Return the route to a store's page, language and period kept."""
        return self._to("store", code)

    def to_stores(self) -> "Route":
        """Return the route to all stores, language and period kept."""
        return self._to("stores", None)

    def to_history(self, code: str) -> "Route":
        """Return the route to a store's past."""
        return self._to("history", code)

    def to_wall(self, code: str) -> "Route":
        """Return the route to a store's wall screen."""
        return self._to("wall", code)

    def to_trust(self, code: str | None = None) -> "Route":
        """Return the route to how far numbers can be relied on, of one store or all."""
        return self._to("trust", code)

    def to_devices(self, code: str | None = None) -> "Route":
        """Return the route to the boxes, of one store or all."""
        return self._to("devices", code)

    def to_alarms(self, code: str | None = None, alarms: Alarms = "open") -> "Route":
        """Return the route to what needs or needed somebody, of one store or all."""
        return self._to("alarms", code, alarms)

    def to_rollouts(self) -> "Route":
        """Return the route to the roll-outs."""
        return self._to("rollouts", None)

    def to_set_up(self, code: str | None = None) -> "Route":
        """Return the route to the set-up, of one store or all."""
        return self._to("set_up", code)

    def to_users(self, login: str | None = None) -> "Route":
        """Return the route to the accounts, or to one of them."""
        return self._to("users", login)

    def to_log(self) -> "Route":
        """Return the route to the log of who did what."""
        return self._to("log", None)

    def to_period(self, period: PeriodName, first: date | None = None, last: date | None = None) -> "Route":
        """Return the same page over another period."""
        return replace(self, period=period, first=first, last=last)

    def among(self, region: str | None, format_: str | None) -> "Route":
        """Return the same page with the stores of a region and a format only; None: of whichever."""
        return replace(self, region=region, format=format_)

    def in_language(self, lang: Code) -> "Route":
        """Return the same page in another language."""
        return replace(self, lang=lang, asked=lang)


def route(pathname: str | None, search: str | None, *, accepted: str = "") -> Route:
    """Parse an address; what cannot be read falls back to its default."""
    query = parse_qs((search or "").removeprefix("?"))
    wanted = query.get("lang", [""])[0]
    lang = best(wanted, accepted)
    asked = lang if wanted and wanted.startswith(lang) else None
    first, last = (day_of(query.get(name, [""])[0]) for name in ("from", "to"))
    name = query.get("period", [""])[0]
    period = next((one for one in PERIODS if one == name), None)
    if period == "custom" and (first is None or last is None or last < first):
        period, first, last = None, None, None
    if period != "custom":
        first = last = None
    region, format_, sort = (query.get(name, [""])[0][:NAME_MAX] or None for name in ("region", "format", "sort"))
    find, kind, shown = (query.get(name, [""])[0][:NAME_MAX] for name in ("find", "kind", "show"))
    parts = [unquote(part) for part in (pathname or "/").split("/") if part]
    if not parts:
        return Route("stores", lang, None, period, first, last, asked, region=region, format=format_, sort=sort)
    page, store = _FOLDERS.get(parts[0], "unknown"), parts[1] if len(parts) > 1 else None
    if len(parts) > 2 or (page in _OF_A_STORE and store is None):  # noqa: PLR2004  # /store/<code> is the deepest
        page = "unknown"
    if page != "unknown":
        if page == "log":
            first, last = (day_of(query.get(name, [""])[0]) for name in ("from", "to"))
        alarms: Alarms = next((one for one in get_args(Alarms) if one == shown), "open")
        return Route(
            page, lang, store, period, first, last, asked, alarms, region, format_, find, shown == "need", kind, sort
        )
    return Route("unknown", lang, None, period, first, last, asked)


def day_of(text: str | None) -> date | None:
    """Return the day that a text says; None where it says none."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
