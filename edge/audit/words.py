"""The words of the audit page: English here, other languages from the dashboard's one gettext catalogue.

A camera box carries no gettext library, so `python -m deploy.audit_words` writes `words.zh.json` out of
`dashboard/locale`; a test keeps the two equal.
"""

import json
from pathlib import Path
from typing import Final, Literal, get_args

LanguageCode = Literal["en", "zh"]
LANGUAGES: Final[tuple[LanguageCode, ...]] = get_args(LanguageCode)
CATALOGUE: Final = Path(__file__).with_name("words.zh.json")


def mark(message: str) -> str:
    """Return the message unchanged: it tells the catalogue's test that this text is translated when shown."""
    return message


WORDS: Final[dict[str, str]] = {
    "title": mark("Door audit"),
    "pin": mark("PIN"),
    "pin_where": mark("Ask whoever set up the box."),
    "enter": mark("Enter"),
    "wrong_pin": mark("That is not the PIN."),
    "locked": mark("Too many wrong PINs. Try again in {min} min."),
    "offline": mark("No connection to the box. Taps are kept on this phone and sent later."),
    "choose": mark("Which line?"),
    "choose_why": mark("Stand where you see it well. Tap everybody who crosses it, staff and children too."),
    "busy": mark("somebody is auditing it"),
    "entrance": mark("door"),
    "pass_by": mark("street"),
    "internal": mark("inside"),
    "initials": mark("Your initials"),
    "initials_why": mark("Small letters and digits. They stay with the result."),
    "how_long": mark("How long?"),
    "minutes": mark("{n} min"),
    "begin": mark("Begin"),
    "screen_on": mark("Set the phone so that its screen stays on."),
    "in": mark("In"),
    "out": mark("Out"),
    "one_way": mark("One way"),
    "other_way": mark("Other way"),
    "left": mark("left"),
    "undo": mark("Undo"),
    "pause": mark("Pause"),
    "resume": mark("Go on"),
    "paused": mark("Paused. Who crosses now does not count."),
    "finish": mark("Finish"),
    "finish_sure": mark("Finish now? The result is stored."),
    "give_up": mark("Give up"),
    "give_up_sure": mark("Give up? The audit is stored as incomplete and counts nowhere."),
    "back": mark("Back"),
    "all_sent": mark("all sent"),
    "to_send": mark("{n} to send"),
    "settling": mark("One moment: the box writes down its last crossings."),
    "bring_back": mark("{n} taps are still on this phone. Stay near until they are sent."),
    "result": mark("How the device counted"),
    "tapped": mark("You tapped"),
    "device": mark("Device counted"),
    "found": mark("Found"),
    "missed": mark("Missed"),
    "doubled": mark("Counted without a tap"),
    "accuracy": mark("Accuracy"),
    "between": mark("between {low} and {high}"),
    "nobody": mark("Nobody crossed."),
    "few": mark("{way}: {n} so far, too few to tell 95% from 99%. Audit again at other hours: results add up."),
    "enough": mark("At least {n} people each way: enough to tell 95% from 99%."),
    "incomplete": mark("Incomplete: kept as a record, counted nowhere."),
    "dark": mark("The camera was dark meanwhile, so this says nothing about its counting."),
    "near_ends": mark("Near the beginning, the end and each pause, a tap or a count without a partner is left out."),
    "stored": mark("Stored. Head office sees it with the next delivery."),
    "another": mark("Another audit"),
    "leave": mark("Log out"),
    "lost_session": mark(
        "The box no longer knows this audit. If it was started anew, the audit is lost. Begin another one."
    ),
    "running": mark("This phone has an audit under way."),
    "two_tabs": mark("This audit is open in another tab, too. Tap in one of them only."),
    "too_many": mark("This audit holds as many taps as it can. Finish it."),
    "failed": mark("That did not work. Load the page again."),
}


def words(language: LanguageCode) -> dict[str, str]:
    """Return every text of the page by its name."""
    if language == "en":
        return dict(WORDS)
    translated: dict[str, str] = json.loads(CATALOGUE.read_text(encoding="utf-8"))
    return {name: translated[text] for name, text in WORDS.items()}


def best_language(wanted: str, accepted: str) -> LanguageCode:
    """Return the language asked for, else the first of the browser's that there is, else English."""
    for text in (wanted, *accepted.split(",")):
        primary = text.strip().partition(";")[0].partition("-")[0].lower()
        for code in LANGUAGES:
            if code == primary:
                return code
    return "en"
