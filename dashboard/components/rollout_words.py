"""What is written down about a roll-out, in the reader's language: the sentences that the server writes itself."""

import re
from typing import Final

from analytics.definitions import mark
from dashboard.language import Language

#: Each sentence as the server writes it (`deploy/control/rollouts.py`), and as it is said.
_SENTENCES: Final = (
    (re.compile(r"(?P<n>\d+) of (?P<all>\d+) boxes refused it or rolled it back"),
     mark("{n} of {all} boxes refused it or rolled it back")),
    (re.compile(r"(?P<n>\d+) of (?P<all>\d+) boxes run it"), mark("{n} of {all} boxes run it")),
    (re.compile(r"to (?P<share>\d+%): (?P<n>\d+) boxes"), mark("to {share}: {n} boxes")),
    (re.compile(r"version (?P<n>\d+) took its place"), mark("version {n} took its place")),
)  # fmt: skip


def written_words(written: str, lang: Language) -> str:
    """Return what was written down; a person's reason, alone or behind the server's sentence, stays as it is."""
    for sentence, text in _SENTENCES:
        found = sentence.match(written)
        why = written[found.end() :] if found is not None else None
        if found is not None and (not why or why.startswith(". ")):
            said = lang.t(text, **found.groupdict())
            return lang.t("{said}. Reason: {why}", said=said, why=why[2:]) if why else said
    return written
