"""The first account of an installation: made where nobody could sign in, and said once."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from analytics.clock import utc_now
from analytics.database import Database
from dashboard.accounts.passwords import one_time
from dashboard.accounts.register import Register, Scope
from deploy.announce import Announcer
from edge.identity import write_secret

FIRST: Final = "admin"
DEMO: Final = "demo"


def first_account(database_url: str, announcer: Announcer) -> None:
    """Where there is no account yet, make one for head office and say its one-time password."""
    with _register(database_url) as register:
        if not register.empty():
            return
        password = one_time()
        register.add(FIRST, Scope("head_office"), password, now=utc_now(), one_time=True)
    announcer.login(FIRST, password)
    announcer.note(
        f"that password is shown once and good for three days; lost: footfall user passwd {FIRST} --one-time"
    )


def demo_account(database_url: str, kept: Path, announcer: Announcer) -> None:
    """Say the demo's login, made at its first start; `kept` is where its password lies, for this user alone."""
    with _register(database_url) as register:
        known = any(each.login == DEMO for each in register.listed(now=utc_now()))
        if not (known and kept.exists()):
            kept.parent.mkdir(parents=True, exist_ok=True)
            password = secrets.token_hex(6)
            write_secret(kept, f"{password}\n".encode("ascii"))
            if known:
                register.set_password(DEMO, password, now=utc_now())
            else:
                register.add(DEMO, Scope("head_office"), password, now=utc_now())
    announcer.login(DEMO, kept.read_text(encoding="ascii").strip())


@contextmanager
def _register(database_url: str) -> Iterator[Register]:
    database = Database(database_url, clock=utc_now, connections=1, writes=True)
    try:
        yield Register(database)
    finally:
        database.close()
