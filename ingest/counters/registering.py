"""Registering counters of other makers: which lines they feed, checked against what is counted already."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final, get_args
from uuid import uuid4

from contract.types import NAME_PATTERN, LineRole
from ingest.counters.logins import digest_ha1, new_password, token_sha256
from ingest.counters.register import Counts, Feed, Staff
from ingest.database import Cursor, Database
from ingest.errors import RegistrationError, UnknownCounterError, UnknownStoreError
from ingest.sql_blocks import load_blocks

_SQL: Final = load_blocks("counters")
_NAME_CHARS_MAX: Final = 40
#: Its cameras are called `LOGIN_NUMBER`, and names have 40 characters.
_LOGIN_CHARS_MAX: Final = 37
_ROLES: Final[tuple[LineRole, ...]] = get_args(LineRole)
_COUNTS: Final[tuple[Counts, ...]] = get_args(Counts)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A counter to be registered; `timezone` None: the store's."""

    store: str
    vendor: str
    serial: str
    feeds: tuple[Feed, ...]
    timezone: str | None = None
    staff: Staff = "counted"
    reports_s: int = 900

    @property
    def login(self) -> str:
        """Its name: the maker and its serial number in lower case, without what is between."""
        plain = re.sub(r"[^a-z0-9]", "", self.serial.lower())
        return f"{self.vendor}-{plain}"


def parse_feed(text: str, doors: dict[str, str]) -> Feed:
    """Return what `[SOURCE=]LINE[:in|out|reversed][:pass_by|internal]` says; `doors` is by line.

    Raises:
        RegistrationError: it says something else.
    """
    source, equals, rest = text.rpartition("=")
    line, *flags = rest.split(":")
    counts: list[Counts] = [each for each in _COUNTS if each in flags]
    roles: list[LineRole] = [each for each in _ROLES if each in flags]
    if not re.match(NAME_PATTERN, line) or len(line) > _NAME_CHARS_MAX:
        raise RegistrationError(f"expected a line's name, a lower-case slug of at most 40 characters, got {line!r}")
    if len(counts) + len(roles) != len(flags) or len(counts) > 1 or len(roles) > 1 or (equals and not source):
        raise RegistrationError(
            f"expected [SOURCE=]LINE[:in|out|reversed][:pass_by|internal], such as '2=side:reversed', got {text!r}"
        )
    return Feed(source, line, counts[0] if counts else "both", roles[0] if roles else "entrance", doors.get(line))


def add(database: Database, wanted: Wanted, now: datetime) -> str:
    """Register a counter and return its password, which is kept as hashes only.

    Raises:
        UnknownStoreError: the store was never added, or is closed.
        RegistrationError: somebody counts that door already, or something else stands in the way.
        DatabaseError: the database does not answer.
    """
    _check(wanted)
    password = new_password()
    with database.transaction() as cursor:
        cursor.execute(_SQL["store"], {"store": wanted.store})
        row = cursor.fetchone()
        if row is None:
            raise UnknownStoreError(wanted.store)
        _check_free(cursor, wanted, row[0])
        cursor.execute(_SQL["device"], {"store_id": row[0], "login": wanted.login})
        device = cursor.fetchone()
        values = {
            "device_id": device[0] if device else None, "vendor": wanted.vendor, "serial": wanted.serial,
            "login": wanted.login, "timezone": wanted.timezone, "token_sha256": token_sha256(password),
            "digest_ha1": digest_ha1(wanted.login, password), "staff": wanted.staff, "reports_s": wanted.reports_s,
            "epoch": str(uuid4()), "now": now,
        }  # fmt: skip
        cursor.execute(_SQL["add"], values)
        counter = cursor.fetchone()
        for feed in wanted.feeds:
            cursor.execute(_SQL["add_line"], {
                "counter_id": counter[0] if counter else None, "source": feed.source, "line": feed.line,
                "counts": feed.counts, "role": feed.role, "door": feed.door,
            })  # fmt: skip
    return password


def remove(database: Database, login: str, now: datetime) -> None:
    """Take a counter out of the register: nothing is taken from it any more. What it counted stays.

    Raises:
        UnknownCounterError: none is called so.
        DatabaseError: the database does not answer.
    """
    with database.transaction() as cursor:
        cursor.execute(_SQL["remove"], {"login": login, "now": now})
        if cursor.fetchone() is None:
            raise UnknownCounterError(f"no counter {login!r} is registered: see footfall counters list")


def _check(wanted: Wanted) -> None:
    if not re.fullmatch(r"[a-z]+-[a-z0-9]+", wanted.login) or len(wanted.login) > _LOGIN_CHARS_MAX:
        raise RegistrationError(
            f"expected a serial number of letters and digits, at most {_LOGIN_CHARS_MAX - len(wanted.vendor) - 1} "
            f"of them, got {wanted.serial!r}"
        )
    sources = [feed.source for feed in wanted.feeds]
    if not sources or len(set(sources)) < len(sources) or ("" in sources and len(sources) > 1):
        raise RegistrationError(
            "a counter feeds one line, or several that are told apart by the maker's number or name: "
            "--line 1=front --line 2=side"
        )
    for line in {feed.line for feed in wanted.feeds}:
        fed = [feed for feed in wanted.feeds if feed.line == line]
        counts = sorted(feed.counts for feed in fed)
        if len(fed) > 1 and (counts != ["in", "out"] or len({(each.role, each.door) for each in fed}) > 1):
            raise RegistrationError(f"line {line!r} is fed twice: expected one :in and one :out, nothing else")


def _check_free(cursor: Cursor, wanted: Wanted, store_id: int) -> None:
    values = {
        "store_id": store_id,
        "login": wanted.login,
        "lines": [feed.line for feed in wanted.feeds],
        "doors": [feed.door or feed.line for feed in wanted.feeds if feed.role == "entrance"],
    }
    cursor.execute(_SQL["registered"], values)
    for (store,) in cursor.fetchall():
        raise RegistrationError(f"{wanted.login} is registered already, at {store}: footfall counters remove it first")
    cursor.execute(_SQL["boxes"], values)
    if cursor.fetchone():
        raise RegistrationError(f"store {wanted.store} has a camera box called {wanted.login}: rename that one first")
    cursor.execute(_SQL["taken"], values)
    for line, door, other, is_counter in cursor.fetchall():
        away = (
            f"footfall counters remove {other} comes first"
            if is_counter
            else f"take it out of that box's site file, or where the box is gone for good: "
            f"footfall store retire {wanted.store} {line}"
        )
        raise RegistrationError(
            f"door {door!r} of {wanted.store} is counted by line {line!r} of {other}: a door belongs to one counter, "
            f"or everybody would be counted twice; {away}"
        )
