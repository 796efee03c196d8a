"""What a check says: good, a warning or an error, about what, and what to do."""

from dataclasses import dataclass
from typing import Literal

Grade = Literal["good", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        about, name: what kind of thing (`camera`), and which one.
        grade: only an `error` keeps the box from counting or from reporting.
        message: what was found, with its number.
        advice: what to do; empty where the message says it, or nothing is to do.
    """

    about: str
    name: str
    grade: Grade
    message: str
    advice: str = ""


def works(checks: list[Check]) -> bool:
    """Return whether nothing keeps the box from its work."""
    return all(check.grade != "error" for check in checks)
