"""What cannot be so about a store that is to be set up, in words for whoever fills in the form."""

from typing import Any, Final

from dash import html

from analytics.definitions import mark
from analytics.errors import DatabaseUnavailableError, StoreUnknownError
from dashboard.components.attributes import data
from dashboard.errors import AccountError, ForbiddenError, SetUpError
from dashboard.language import Language

#: What a set-up page tells instead of failing.
EXPECTED: Final = (SetUpError, AccountError, ForbiddenError, DatabaseUnavailableError, StoreUnknownError)

TEXTS: Final[dict[str, str]] = {
    "name": mark("Name: the store needs one."),
    "code": mark("Code: small letters a–z, digits and - only, such as main-street."),
    "known": mark("Code: there is a store with this code already."),
    "timezone": mark("Time zone: choose one, such as Europe/Berlin."),
    "currency": mark("Currency: three capital letters, such as EUR."),
    "known_currency": mark("Currency: this store is known with another one."),
    "hours": mark("Opening hours: such as mon-sat 10:00-20:00."),
    "devices": mark("Boxes: names of small letters, digits and -, not too long together with the store's code."),
    "columns": mark(
        "Columns: the first line names code, timezone, currency, and perhaps name, region, hours, devices."
    ),
    "fields": mark("This line has more fields than there are columns."),
    "twice": mark("This code stands in an earlier line, too."),
    "template": mark("Template: a site file with [[cameras]], without store, device and [broker]."),
    "office": mark("Stores cannot be set up from this dashboard: see “Opening a store” in the operations manual."),
    "target": mark("Targets: choose their first day, and fill in numbers of 0 and more."),
    "target_same": mark("Targets: that is what holds on that day already."),
    "target_visitors": mark("Visitors: a number from 0 to a million a day."),
    "target_conversion": mark("Conversion: a percentage from 0 to 100."),
    "target_net_sales": mark("Net sales: an amount of 0 and more a day."),
    "rollout": mark("The roll-out is not in a state for that any more: look at it again."),
    "rollout_share": mark("Choose a larger share than it has already."),
    "rollout_boxes": mark("There is no enrolled box yet that could get it."),
    "rollout_why": mark("Say why: it is written down with your name."),
    "why": mark("Say what the picture is for: it is written down with your name."),
    "picture": mark("There is no such picture, or this box cannot be asked: only an enrolled one answers."),
    "confirm": mark("Type the store's name exactly as it stands above."),
    "city_tier": mark("Class of its city: a number from 1 (largest) to 9."),
    "size_m2": mark("Sales floor: a number of square metres above 0."),
    "plan": mark("Drawing: a PNG, JPEG or SVG file that opens elsewhere, too."),
    "plan_size": mark("Drawing: at most 5 MB and 20 million pixels. Save it smaller and try again."),
    "plan_svg": mark(
        "Drawing: an SVG of shapes and texts only, without style sheets or pictures in it. Export it as PNG instead."
    ),
    "plan_grid": mark("Grid: 2 to 500 metres a side."),
    "placed": mark(
        "Not kept: zones need 3 corners or more; a camera's four points go round the same way in picture and plan."
    ),
    "login": mark("User name: small letters, digits and . _ @ + -, such as anna or anna@example.com."),
    "login_known": mark("User name: somebody has it already."),
    "login_unknown": mark("There is no account with this name."),
    "stores": mark("Stores: a store manager sees those chosen here, at least one. Other roles choose none."),
    "regions": mark("Regions: this role sees the stores of those chosen here, at least one. Other roles choose none."),
    "password": mark("Password: at least 10 characters, not all alike, without the user name."),
    "self": mark("Not your own account: ask somebody else of head office."),
}
_OTHER: Final = mark("That could not be done; the store or the box may have changed meanwhile.")


def problem(error: Exception, lang: Language) -> Any:
    """Return what went wrong, to stand beside the button."""
    if isinstance(error, DatabaseUnavailableError):
        return said(lang.t("The server cannot reach its numbers right now. Try again in a moment."))
    if isinstance(error, ForbiddenError):
        return said(lang.t("Not for this account"))
    return wrong(getattr(error, "column", None) or getattr(error, "what", None), lang)


def wrong(column: str | None, lang: Language) -> Any:
    """Return what is wrong with a column."""
    return html.Div(text_of(column, lang), className="banner wrong", role="alert", **data(wrong=column or "other"))


def text_of(column: str | None, lang: Language) -> str:
    """Return what is wrong with a column as text."""
    return lang.t(TEXTS.get(column or "", _OTHER))


def said(text: str) -> Any:
    """Return a message that stands where a problem would."""
    return html.Div(text, className="banner", role="status")
