"""What needs a person: each finding with what to do about it, and how complete the numbers are."""

from datetime import datetime
from typing import Any, Final

from dash import html

from analytics.definitions import mark, mark_many
from analytics.figure import MEASURED_FROM, counted
from analytics.quality.findings import Code, Finding
from analytics.stores import Store
from analytics.visits.store_day import StoreDay
from dashboard.components.attributes import data
from dashboard.components.figures import counted_text, section, term, told
from dashboard.language import NOTHING, Language

#: What is found, in one form or in two where its number is counted, and what to do.
TEXTS: Final[dict[Code, tuple[str | tuple[str, str], str]]] = {
    "device_offline": (
        mark("Box {subject} has been silent since {since}"),
        mark("Check its power and network. What it counted meanwhile comes in later."),
    ),
    "device_stopped": (
        mark("Box {subject} was stopped at {since}"),
        mark("Start it again if the shop is open."),
    ),
    "device_silent": (
        mark("Box {subject} has never been heard from"),
        mark(
            "Switch it on. If it stays silent, call whoever installs it: “footfall doctor” on it says what is missing."
        ),
    ),
    "crash_loop": (
        mark("Box {subject} crashes again and again: {number} times in ten minutes"),
        mark("Between two starts nothing is counted. Call whoever installs it: “footfall doctor” on it says why."),
    ),
    "crashes": (
        mark("Box {subject} crashed or lost its power {number} times in a day"),
        mark("Check its power supply; its journal says how it ended."),
    ),
    "camera_down": (
        mark("Camera {subject} is dark"),
        mark("Check its cable and power; visitors there are not counted until it is back."),
    ),
    "camera_dark": (
        mark("Camera {subject} sees nothing: its picture is dark"),
        mark("Switch the light on, or free the lens. Until then visitors there are not counted."),
    ),
    "camera_covered": (
        mark("Something covers the view of camera {subject}"),
        mark("Free the lens. Until then visitors there are not counted."),
    ),
    "camera_frozen": (
        mark("The picture of camera {subject} stands still"),
        mark("Cut its power for ten seconds. Until it moves, visitors there are not counted."),
    ),
    "camera_moved": (
        mark("Camera {subject} was moved: it looks elsewhere than its lines were drawn for"),
        mark("Turn it back, or draw its lines anew and restart the box. Until then its counts are not relied on."),
    ),
    "camera_overexposed": (
        mark("The picture of camera {subject} is white"),
        mark("Keep sun and lamps out of it, or lower its exposure: people are missed."),
    ),
    "camera_blurred": (
        mark("The picture of camera {subject} is blurred"),
        mark("Clean the lens and set its focus: people are missed."),
    ),
    "camera_missed": (
        mark("Camera {subject} missed {number} min today"),
        mark("Today's numbers are a part; nothing is made up for the gap."),
    ),
    "door_missed": (
        mark("Door {subject} was not counted for {number} min today (camera {detail})"),
        mark("Today's numbers are a part; nothing is made up for the gap."),
    ),
    "door_claimed_twice": (
        mark("Door {subject} is claimed twice: {detail} is left out since {since}"),
        mark("One line per door: correct “door” in that box's settings, or take the line out of it."),
    ),
    "doors_overlap": (
        mark("Doors {subject} may be one: {number}% of their entries fall together"),
        mark("Far more than by chance: if two cameras watch one door, set one line's role to internal."),
    ),
    "ledger_gap": (
        mark_many("{number} entry of box {subject} is missing", "{number} entries of box {subject} are missing"),
        mark("They come by themselves when the box is connected. If not, tell head office: “footfall verify” tells."),
    ),
    "ledger_loss": (
        mark_many(
            "About {number} entry of box {subject} up to {since} is lost",
            "About {number} entries of box {subject} up to {since} are lost",
        ),
        mark("Nothing can bring them back: those hours are a part. See the box's log and its disk."),
    ),
    "ledger_loss_unknown": (
        mark("Box {subject} lost entries up to {since}, nobody can tell how many"),
        mark("Nothing can bring them back: those hours are a part. See the box's log and its disk."),
    ),
    "backlog": (
        mark_many("Box {subject} still has {number} entry to send", "Box {subject} still has {number} entries to send"),
        mark("The newest numbers may be late."),
    ),
    "unassigned_line": (
        mark("Line {subject} has no role"),
        mark("It counts nowhere until the box says whether it is an entrance or the street."),
    ),
    "unassigned_zone": (
        mark("Zone {subject} has no role"),
        mark("It counts nowhere until the box says what it is for."),
    ),
    "drift": (
        mark("{number} more went out than came in"),
        mark("A door is missed in one direction: check where its line lies."),
    ),
    "till_silent": (
        mark("No sale since {since} although people come in"),
        mark("Check that the till still sends its orders."),
    ),
    "hours_missing": (
        mark("No opening hours are set"),
        mark("The whole day counts until they are."),
    ),
    "clock_off": (
        mark("The clock of box {subject} is off by {number} s"),
        mark("Check its time server: counts may fall into the wrong quarter-hour."),
    ),
    "disk_low": (
        mark("Box {subject} has {number} MB of disk left"),
        mark("Make room: it keeps its counts there."),
    ),
    "queued_over_entered": (
        mark("{number} more queued than came in"),
        mark("Not possible: the queue zone probably also covers the aisle."),
    ),
    "bought_over_entered": (
        mark_many("{number} sale more than visitors", "{number} sales more than visitors"),
        mark("Not possible: a door is not counted in full."),
    ),
    "stopped_over_entered": (
        mark("{number} more stopped than came in"),
        mark("Not possible: people are counted twice in the zone or missed at the door."),
    ),
    "queue_law": (
        mark("Queue length and waiting times do not fit together"),
        mark("Length should be arrivals times wait: check the queue zone."),
    ),
    "no_entrance": (
        mark("No entrance line is known"),
        mark("Visitors cannot be counted until a box has one."),
    ),
    "outside_hours": (
        mark_many(
            "{number} person came in outside opening hours ({hours})",
            "{number} people came in outside opening hours ({hours})",
        ),
        mark("They are not among the visitors. If the shop was open then, correct its opening hours."),
    ),
    "outside_closed": (
        mark_many(
            "{number} person came in although the shop is closed today",
            "{number} people came in although the shop is closed today",
        ),
        mark("They are not among the visitors. If the shop is open today, correct its opening hours."),
    ),
    "balance_in": (
        mark("{number} more came in than went out on the last finished day"),
        mark("More than the known errors explain: audit the doors, or look for a way out that no line watches."),
    ),
    "balance_out": (
        mark("{number} more went out than came in on the last finished day"),
        mark("More than the known errors explain: audit the doors, or look for a way in that no line watches."),
    ),
    "counts_low": (
        mark("Line {subject} counts about {number}% too few"),
        mark("Audits say so. Numbers stay as counted, their range holds the truth: check where the line lies."),
    ),
    "door_silent": (
        mark("Nobody has crossed door {subject} since {since}; usually at least {number} do in that time"),
        mark("Its camera is up: check where its line lies and what stands in its view, and whether the door is open."),
    ),
    "counts_stale": (
        mark("Camera {subject} has told nothing since {since}, although its box talks"),
        mark("If it does not come by itself, switch the box off and on; its journal says why."),
    ),
    "level_fell": (
        mark("Door {subject} has counted {number}% less than usual for days"),
        mark("If nothing changed in the shop or the street, its camera was moved or covered in part: audit the door."),
    ),
    "level_rose": (
        mark("Door {subject} has counted {number}% more than usual for days"),
        mark("If nothing changed in the shop or the street, it counts what is nobody: audit the door."),
    ),
    "counts_high": (
        mark("Line {subject} counts about {number}% too many"),
        mark("Audits say so. Numbers stay as counted, their range holds the truth: check where the line lies."),
    ),
}


def attention(seen: StoreDay, store: Store, lang: Language, *, files: Any = None) -> Any:
    """Return the findings and the day's completeness."""
    items = [_item(finding, seen, store, lang) for finding in seen.findings]
    if not items:
        items = [html.Li([html.Span("✓", className="sign ok"), html.Div(lang.t("Nothing needs you."))])]
    return section(
        lang.t("What needs you"),
        html.Ul(items, className="findings"),
        aside=_counted(seen, lang),
        files=files,
        name="attention",
    )


def finding_texts(finding: Finding, now: datetime, store: Store, lang: Language, *, hours: str) -> tuple[str, str]:
    """Return what was found and what to do about it; `hours` are the day's opening hours."""
    title, advice = TEXTS[finding.code]
    number = "" if finding.number is None else lang.number(finding.number)
    values = {
        "subject": _subject(finding, store, lang),
        "detail": finding.detail,
        "number": number,
        "hours": hours,
        "since": NOTHING if finding.since is None else lang.when(finding.since, now, store.zone),
    }
    said = (
        lang.t(title, **values) if isinstance(title, str) else lang.many(*title, round(finding.number or 0), **values)
    )
    return said, lang.t(advice)


def _subject(finding: Finding, store: Store, lang: Language) -> str:
    """Return what a finding is about; a zone, a line or the door that it counts as people call it."""
    if finding.code == "unassigned_zone":
        return store.zone_called(finding.subject)
    if finding.code == "doors_overlap":
        return lang.listed(store.line_called(one) for one in finding.subject.split(", "))
    return store.line_called(finding.subject) if finding.code in _OF_A_LINE else finding.subject


def finding_item(finding: Finding, words: tuple[str, str], *more: Any, over: bool = False) -> Any:
    """Return a finding as an item of a list: its sign, its `words`, and what else there is to say; `over`: it is."""
    act = finding.severity == "act"
    sign = html.Span("✓", className="sign ok") if over else html.Span("!" if act else "i", className=_SIGNS[act])
    said, advice = words
    return html.Li(
        [sign, html.Div([html.B(said), html.Span(advice, className="advice"), *more])], **data(finding=finding.code)
    )


_OF_A_LINE: Final[frozenset[Code]] = frozenset(
    {
        "door_missed", "door_claimed_twice", "door_silent", "level_fell", "level_rose", "counts_low", "counts_high",
        "unassigned_line",
    }
)  # fmt: skip
_SIGNS: Final = ("sign watch", "sign act")


def _item(finding: Finding, seen: StoreDay, store: Store, lang: Language) -> Any:
    words = finding_texts(finding, seen.now, store, lang, hours=day_hours(seen, store, lang))
    return finding_item(finding, words)


def day_hours(seen: StoreDay, store: Store, lang: Language) -> str:
    """Return today's opening hours as 10:00–20:00."""
    if seen.today is None:
        return NOTHING
    return f"{lang.clock(seen.today.opens_at, store.zone)}–{lang.clock(seen.today.closes_at, store.zone)}"


def _counted(seen: StoreDay, lang: Language) -> Any:
    share = seen.base.footfall.completeness
    if share is None:
        return [term(lang, "completeness"), html.Span(NOTHING, className="counted")]
    return [
        term(lang, "completeness"),
        html.Span(
            [
                html.I(className="full" if share >= MEASURED_FROM else "half"),
                told(lang, counted_text(lang, share), counted(share, as_of=seen.base.footfall.as_of)),
            ],
            className="counted",
        ),
    ]
