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
LOG_CSV: Final = "/log.csv"
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
#: Pages that are about one store each.
_OF_A_STORE: Final = frozenset({"store", "history", "wall"})


@dataclass(frozen=True, slots=True)
class Route:
    """A parsed address.

    `store` is a store's code; among the users it is an account's name.
    `asked` is the language in the address, None when the browser's was taken. `period` is None where the address names
    none; with `first` and `last` it is kept on the store page too, for the way back, as are `region`
    and `format`, which say whose stores are shown. `alarms` narrows the alarms down.
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

    def href(self) -> str:
        """Return the address."""
        folder = next((folder for folder, page in _FOLDERS.items() if page == self.page), None)
        path = "/" if folder is None else f"/{folder}" + (f"/{quote(self.store)}" if self.store else "")
        query: dict[str, str] = {}
        if self.period is not None:
            query["period"] = self.period
        if self.period == "custom" and self.first and self.last:
            query |= {"from": self.first.isoformat(), "to": self.last.isoformat()}
        if self.page == "alarms" and self.alarms != "open":
            query["show"] = self.alarms
        if self.region:
            query["region"] = self.region
        if self.format:
            query["format"] = self.format
        if self.asked:
            query["lang"] = self.asked
        return path + ("?" + urlencode(query) if query else "")

    def to_store(self, code: str) -> "Route":
        """Return the route to a store's page, language and period kept."""
        return replace(self, page="store", store=code)

    def to_stores(self) -> "Route":
        """Return the route to all stores, language and period kept."""
        return replace(self, page="stores", store=None)

    def to_history(self, code: str) -> "Route":
        """Return the route to a store's past."""
        return replace(self, page="history", store=code)

    def to_wall(self, code: str) -> "Route":
        """Return the route to a store's wall screen."""
        return replace(self, page="wall", store=code)

    def to_trust(self, code: str | None = None) -> "Route":
        """Return the route to how far numbers can be relied on, of one store or all."""
        return replace(self, page="trust", store=code)

    def to_devices(self, code: str | None = None) -> "Route":
        """Return the route to the boxes, of one store or all."""
        return replace(self, page="devices", store=code)

    def to_alarms(self, code: str | None = None, alarms: Alarms = "open") -> "Route":
        """Return the route to what needs or needed somebody, of one store or all."""
        return replace(self, page="alarms", store=code, alarms=alarms)

    def to_rollouts(self) -> "Route":
        """Return the route to the roll-outs."""
        return replace(self, page="rollouts", store=None)

    def to_set_up(self, code: str | None = None) -> "Route":
        """Return the route to the set-up, of one store or all."""
        return replace(self, page="set_up", store=code)

    def to_users(self, login: str | None = None) -> "Route":
        """Return the route to the accounts, or to one of them."""
        return replace(self, page="users", store=login)

    def to_log(self) -> "Route":
        """Return the route to the log of who did what."""
        return replace(self, page="log", store=None)

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
    first, last = _date(query.get("from")), _date(query.get("to"))
    name = query.get("period", [""])[0]
    period = next((one for one in PERIODS if one == name), None)
    if period == "custom" and (first is None or last is None or last < first):
        period, first, last = None, None, None
    if period != "custom":
        first = last = None
    region, format_ = (query.get(name, [""])[0][:NAME_MAX] or None for name in ("region", "format"))
    parts = [unquote(part) for part in (pathname or "/").split("/") if part]
    if not parts:
        return Route("stores", lang, None, period, first, last, asked, region=region, format=format_)
    page, store = _FOLDERS.get(parts[0], "unknown"), parts[1] if len(parts) > 1 else None
    if len(parts) > 2 or (page in _OF_A_STORE and store is None):  # noqa: PLR2004  # /store/<code> is the deepest
        page = "unknown"
    if page != "unknown":
        shown = query.get("show", [""])[0]
        alarms: Alarms = next((one for one in get_args(Alarms) if one == shown), "open")
        return Route(page, lang, store, period, first, last, asked, alarms, region, format_)
    return Route("unknown", lang, None, period, first, last, asked)


def _date(values: list[str] | None) -> date | None:
    try:
        return date.fromisoformat(values[0]) if values else None
    except ValueError:
        return None
