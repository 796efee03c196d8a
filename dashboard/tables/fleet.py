"""Boxes, alarms, roll-outs and accounts as tables, with what their page was narrowed down to."""

from collections.abc import Sequence
from typing import Final

from analytics.definitions import mark
from analytics.tables import Table, Value
from dashboard.accounts.register import Event, Listed
from dashboard.components.account_menu import ROLE_NAMES
from dashboard.components.alarm_list import fitting_alarms
from dashboard.components.event_words import ACTIONS
from dashboard.components.fleet_table import shown_boxes
from dashboard.components.fleet_words import compliance_words, need_words, signal_words
from dashboard.components.rollout_card import PARTS_NAMES, STATES
from dashboard.components.rollout_words import written_words
from dashboard.language import Language
from dashboard.reading.fleet import AlarmsView, FleetView
from dashboard.routes import Route
from dashboard.set_up.office import Rollout
from dashboard.tables.figures import NAME, STORE, plain_table

_BOXES: Final = (
    STORE, NAME, mark("Box"), mark("State"), mark("Needs"), mark("Enrolment"), mark("Last heard (UTC)"),
    mark("Version"), mark("Model"), mark("Cameras"), mark("Cameras that see"), mark("To send"), mark("Configuration"),
)  # fmt: skip
_ALARMS: Final = (
    STORE, NAME, mark("What"), mark("What to do"), mark("Urgent"), mark("Since (UTC)"), mark("Ended (UTC)"),
)  # fmt: skip
_ROLLOUTS: Final = (
    mark("Roll-out"), mark("Kind"), NAME, mark("State"), mark("Share"), mark("Stores"), mark("Boxes"),
    mark("have it"), mark("try it"), mark("wait for their turn or are offline"), mark("did not take it"),
    mark("Begun (UTC)"), mark("Begun by"), mark("Changed (UTC)"), mark("Changed by"), mark("Why"),
)  # fmt: skip
_USERS: Final = (
    mark("User name"), mark("Role"), mark("Stores"), mark("Regions"), mark("Last signed in (UTC)"),
    mark("Shut out (UTC)"),
)  # fmt: skip
_LOG: Final = (
    mark("When (UTC)"), mark("Action"), mark("What"), mark("Who"), mark("Subject"), mark("From where"), mark("Detail"),
)  # fmt: skip


def boxes(view: FleetView, here: Route, lang: Language) -> Table:
    """Return the boxes that fit the words in the address, in its order."""
    rows: list[list[Value]] = []
    for store, box in shown_boxes(view, lang, search=here.find, only="need" if here.need else "all", sort=here.sort):
        one = box.device
        see = sum(1 for _, up, _, trouble in one.cameras if up and not trouble)
        rows.append([
            store.code, store.name, one.code, signal_words(one, store, view.now, lang),
            ", ".join(need_words(box, view.now, lang)), box.standing, one.heard_at, one.version, one.model,
            len(one.cameras), see, one.queue_depth, compliance_words(box, lang),
        ])  # fmt: skip
    return plain_table("boxes", _BOXES, rows, lang)


def alarms(view: AlarmsView, here: Route, lang: Language) -> Table:
    """Return the alarms that fit the choice and the words in the address."""
    rows: list[list[Value]] = [
        [store.code, store.name, *texts, alarm.finding.severity == "act", alarm.since, alarm.ended_at]
        for store, alarm, texts in fitting_alarms(view, lang, only=here.alarms, search=here.find)
    ]
    return plain_table("alarms", _ALARMS, rows, lang)


def rollouts(found: list[Rollout], lang: Language) -> Table:
    """Return the latest roll-outs, the newest first."""
    rows: list[list[Value]] = [
        [one.rollout_id, lang.t(PARTS_NAMES[one.part]), one.name, lang.t(STATES[one.state]), one.share,
         ", ".join(one.stores or ()), one.boxes, one.runs, one.pending, one.waiting, len(one.failed), one.started_at,
         one.started_by, one.changed_at, one.changed_by,
         one.said and written_words(one.said, lang)]
        for one in found
    ]  # fmt: skip
    return plain_table("rollouts", _ROLLOUTS, rows, lang)


def users(found: Sequence[Listed], lang: Language) -> Table:
    """Return accounts: who may see what."""
    rows: list[list[Value]] = [
        [one.login, lang.t(ROLE_NAMES[one.role]), ", ".join(one.stores), ", ".join(one.regions), one.signed_in_at,
         one.disabled_at]
        for one in found
    ]  # fmt: skip
    return plain_table("users", _USERS, rows, lang)


def log(events: Sequence[Event], lang: Language) -> Table:
    """Return lines of the audit log, the newest first."""
    rows: list[list[Value]] = [
        [one.at, one.action, lang.t(ACTIONS[one.action]) if one.action in ACTIONS else None, one.login, one.subject,
         one.address, one.detail]
        for one in events
    ]  # fmt: skip
    return plain_table("log", _LOG, rows, lang)
