"""The audit log's actions in words, in groups that one looks for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from analytics.definitions import mark
from dashboard.accounts.register import Wanted
from dashboard.components.account_menu import ROLE_NAMES
from dashboard.language import Language
from dashboard.routes import Route

ACTIONS: Final[Mapping[str, str]] = {
    "signed_in": mark("signed in"),
    "signed_out": mark("signed out"),
    "sign_in_refused": mark("was not let in"),
    "locked_out": mark("was locked out for a while"),
    "refused": mark("was refused"),
    "password_changed": mark("chose another password"),
    "account_added": mark("added the account"),
    "password_set": mark("gave another password to"),
    "role_set": mark("changed the role of"),
    "account_disabled": mark("shut the account out"),
    "account_enabled": mark("let the account in again"),
    "signed_out_everywhere": mark("signed out everywhere"),
    "account_linked": mark("let a sign-in service vouch for"),
    "account_unlinked": mark("ended that a sign-in service vouches for"),
    "log_saved": mark("saved the log"),
    "mail_wanted": mark("wants the week by mail:"),
    "mail_confirmed": mark("confirmed the address of the week by mail:"),
    "mail_ended": mark("ended the week by mail:"),
    "table_saved": mark("saved the figures of"),
    "report_saved": mark("saved the report of"),
    "store_opened": mark("opened the store"),
    "store_described": mark("changed what is compared of the store"),
    "plan_kept": mark("changed the floor plan"),
    "plan_placed": mark("placed zones or cameras on the floor plan"),
    "plan_removed": mark("removed the floor plan"),
    "store_closed": mark("closed the store"),
    "code_issued": mark("made a code for the box"),
    "device_revoked": mark("shut the box out"),
    "store_changed": mark("changed the store"),
    "stores_saved": mark("saved the list of stores"),
    "zones_described": mark("said what lies where in the store"),
    "places_named": mark("named zones and doors of the store"),
    "targets_set": mark("set targets of the store"),
    "target_withdrawn": mark("took back a target of the store"),
    "rollout_start": mark("began the roll-out"),
    "rollout_widen": mark("widened the roll-out"),
    "rollout_pause": mark("paused the roll-out"),
    "rollout_resume": mark("resumed the roll-out"),
    "rollout_end": mark("ended the roll-out"),
    "rollout_back": mark("took back the roll-out"),
    "picture_asked": mark("asked for a background picture of"),
    "picture_viewed": mark("looked at a background picture of"),
}
GROUPS: Final[Mapping[str, tuple[str, Sequence[str]]]] = {
    "door": (
        mark("Signing in and out"),
        ("signed_in", "signed_out", "sign_in_refused", "locked_out", "password_changed"),
    ),
    "refused": (mark("Refused"), ("refused", "sign_in_refused", "locked_out")),
    "accounts": (
        mark("Users"),
        (
            "account_added", "password_set", "role_set", "account_disabled", "account_enabled", "signed_out_everywhere",
            "account_linked", "account_unlinked", "log_saved",
        ),
    ),
    "files": (
        mark("Saved files"),
        ("report_saved", "table_saved", "log_saved", "mail_wanted", "mail_confirmed", "mail_ended"),
    ),
    "stores": (
        mark("Stores and boxes"),
        (
            "store_opened", "store_described", "plan_kept", "plan_placed", "plan_removed", "store_closed",
            "code_issued", "device_revoked", "targets_set",
            "target_withdrawn", "store_changed", "stores_saved", "zones_described",
            "places_named",
        ),
    ),
    "rollouts": (
        mark("Roll-outs"),
        ("rollout_start", "rollout_widen", "rollout_pause", "rollout_resume", "rollout_end", "rollout_back"),
    ),
    "pictures": (mark("Background pictures"), ("picture_asked", "picture_viewed")),
}  # fmt: skip

#: Details that are one word of the log's own.
_DETAILS: Final[Mapping[str, str]] = {
    **{str(role): name for role, name in ROLE_NAMES.items()},
    "one-time": mark("one-time password"),
}


def detail_text(detail: str, lang: Language) -> str:
    """Return what stands beside an action: a role by its name, what bounds it and everything else as it is."""
    first, *more = detail.split(", ")
    return lang.listed([lang.t(_DETAILS[first]) if first in _DETAILS else first, *more])


def wanted(here: Route) -> Wanted:
    """Return which lines of the log an address asks for; days are UTC's and whole."""
    group = GROUPS.get(here.kind)
    since, until = (_begin(day) for day in (here.first, here.last))
    return Wanted(here.find, group[1] if group else (), since, until and until + timedelta(days=1))


def _begin(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC)
