"""The fields of an account, and how accounts stand in words."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import dash_mantine_components as dmc
from dash import html

from analytics.definitions import mark
from analytics.stores import Store
from dashboard.accounts.register import Listed, Scope
from dashboard.accounts.viewer import ROLES, Role
from dashboard.components.account_menu import ROLE_NAMES
from dashboard.components.attributes import data
from dashboard.language import Language
from dashboard.routes import SIGN_IN

ROLE_ID: Final = "account-role"
STORES_ID: Final = "account-stores"
REGIONS_ID: Final = "account-regions"
_SEES: Final[dict[Role, str]] = {
    "manager": mark("figures and boxes of the stores chosen here"),
    "region": mark("figures and boxes of the regions chosen here, stores that join them included"),
    "head_office": mark("everything, and sets up stores and users"),
    "installer": mark("boxes of every store and their set-up, nobody's figures"),
}


def scope_fields(stores: Sequence[Store], scope: Scope | None, lang: Language) -> Any:
    """Return the fields for a role and what bounds it, filled in with a `scope`."""
    role: Role = scope.role if scope else "manager"
    regions = sorted({store.region for store in stores if store.region} | set(scope.regions if scope else ()))
    roles = [{"value": one, "label": lang.t(ROLE_NAMES[one])} for one in ROLES]
    return [
        dmc.Select(id=ROLE_ID, label=lang.t("Role"), data=roles, value=role, allowDeselect=False),
        html.Div(
            dmc.MultiSelect(
                id=STORES_ID, label=lang.t("Stores"), searchable=True, limit=60,
                value=list(scope.stores) if scope else [],
                data=[{"value": store.code, "label": store.name} for store in stores], nothingFoundMessage="–",
            ),
            id="account-stores-field",
        ),
        html.Div(
            dmc.MultiSelect(
                id=REGIONS_ID, label=lang.t("Regions"), searchable=True, limit=60,
                value=list(scope.regions) if scope else [], data=regions, nothingFoundMessage="–",
            ),
            id="account-regions-field",
        ),
        html.Ul(
            [html.Li([html.B(lang.t(ROLE_NAMES[one])), " ", lang.t(_SEES[one])]) for one in ROLES], className="advice"
        ),
    ]  # fmt: skip


def password_fields(lang: Language) -> Any:
    """Return the choice between a one-time link and a password that is typed."""
    return [
        dmc.PasswordInput(
            id="account-password", label=lang.t("Password (optional)"),
            description=lang.t("Left empty, the page makes a link for the first time, good for three days."),
            inputProps={"autoComplete": "new-password"},
        )
    ]  # fmt: skip


def asked_scope(role: str | None, stores: Sequence[str] | None, regions: Sequence[str] | None) -> Scope:
    """Return what the fields say; those that the role does not show count as empty.

    Raises:
        AccountError: a role without what bounds it.
    """
    chosen: Role = next((one for one in ROLES if one == role), "manager")
    return Scope(
        chosen,
        tuple(stores or ()) if chosen == "manager" else (),
        tuple(regions or ()) if chosen == "region" else (),
    )


def standing_words(one: Listed, now: datetime, lang: Language) -> str:
    """Return how an account stands."""
    if one.disabled_at:
        return lang.t("disabled")
    if one.one_time_until:
        over = one.one_time_until < now
        return lang.t("its link is over") if over else lang.t("has not chosen a password yet")
    return (
        lang.many("signed in now in {n} browser", "signed in now in {n} browsers", one.sessions) if one.sessions else ""
    )


def seen_words(one: Listed, lang: Language) -> str:
    """Return when an account signed in last, in UTC."""
    if one.signed_in_at is None:
        return lang.t("never signed in")
    return lang.t("last signed in {day}", day=f"{one.signed_in_at:%Y-%m-%d}")


def bounds_words(one: Listed, names: dict[str, str], lang: Language) -> str:
    """Return what bounds an account: stores by their `names`, or regions."""
    return lang.listed([*(names.get(code, code) for code in one.stores), *one.regions])


def fitting_accounts(found: Sequence[Listed], names: dict[str, str], search: str, lang: Language) -> list[Listed]:
    """Return the accounts that fit `search`: words of names, roles, and stores by their `names`."""
    words = search.casefold().split()

    def text(one: Listed) -> str:
        return f"{one.login} {lang.t(ROLE_NAMES[one.role])} {bounds_words(one, names, lang)}".casefold()

    return [one for one in found if all(word in text(one) for word in words)]


def one_time_sheet(login: str, once: str, origin: str, lang: Language) -> Any:
    """Return what to hand on: a link with name and one-time password behind the #, where no server's log sees them."""
    link = f"{origin}{SIGN_IN}?{urlencode({'lang': lang.code})}#{urlencode({'login': login, 'once': once})}"
    return html.Div(
        [
            html.B(lang.t("Shown this once: hand it on to {login} alone.", login=login)),
            html.Dl(
                [
                    html.Dt(lang.t("Link")), html.Dd(html.Code(link, id="account-link")),
                    html.Dt(lang.t("Or on the telephone")), html.Dd(html.Code(once, id="account-once")),
                ]
            ),
            html.P(lang.t("Good for three days, and for choosing a password of one's own alone."), className="advice"),
        ],
        className="banner once",
        role="status",
        **data(once=login),
    )  # fmt: skip
