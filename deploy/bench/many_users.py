"""Many people at once on the live pages of a chain, each signed in as who they are, while counts come in.

What their browsers ask is heard once in Chromium (`page_visits`) and asked again by as many as one likes, at the pages'
own pace, with what each browser was told before. One device each counts for the stores that are looked at.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import Any, Final
from uuid import UUID, uuid4

import numpy as np

from analytics.clock import utc_now
from analytics.database import Database
from contract.codec import encode
from contract.entries import Crossing
from contract.messages import LedgerBatch
from contract.topics import topic
from dashboard.accounts.register import Register, Scope
from dashboard.accounts.sessions import Lasts, Sessions
from dashboard.settings import DashboardSettings
from deploy.bench.flow import Flow
from deploy.bench.page_visits import Caller, Page, Visit

#: What ten of them look at.
_LOOKED_AT: Final = ("today", "today", "today", "stores", "today", "wall", "today", "today", "trust", "devices")
#: Stores are far apart, so that nobody finds warm what somebody else has read.
_STRIDE: Final = 37
#: Who of the ten is in the store of the one before: a colleague, and the screen on a wall.
_SHARING: Final = frozenset({1, 5})
#: A share of the time in which they come: nobody's morning begins at the same second as everybody's.
_ARRIVING: Final = 1 / 3
#: A crossing of each store that is looked at so often: a busy shop, in and out.
_CROSSING_EVERY_S: Final = 5.0


@dataclass(slots=True)
class User:
    """Somebody who looks at one page; `arriving` and `staying` are the seconds of each answer."""

    page: str
    store: str
    cookie: str
    arriving: list[float] = field(default_factory=list)
    staying: list[float] = field(default_factory=list)
    failed: Exception | None = None

    def look(self, port: int, visit: Visit, every_s: float, until: float) -> None:
        """Open the page and stay on it."""
        caller = Caller(port, self.cookie)
        try:
            with closing(caller):
                caller.show(visit)
                self.arriving, caller.seconds = caller.seconds, []
                for _ in caller.ticks(visit):
                    if time.monotonic() > until:
                        break
                    time.sleep(max(0.0, every_s - caller.seconds[-1]))
        except Exception as error:  # noqa: BLE001  # a thread's end: whatever stopped it is a figure
            self.failed = error
        self.staying = caller.seconds


def users_of(url: str, count: int, stores: int) -> list[User]:
    """Return so many users, each with an account and a session: managers of their store, head office for the rest."""
    users = []
    for number in range(count):
        page = _LOOKED_AT[number % len(_LOOKED_AT)]
        shop = number - 1 if number % len(_LOOKED_AT) in _SHARING else number
        store = f"store-{1 + (1 + shop) * _STRIDE % stores}"
        scope = Scope("manager", stores=[store]) if page in ("today", "wall") else Scope("head_office")
        users.append(User(page, store, f"footfall-session={signed_in(url, scope)}"))
    return users


def signed_in(url: str, scope: Scope) -> str:
    """Return the token of a session of an account made for this."""
    login, now = f"bench-{uuid4().hex[:8]}", utc_now()
    settings = DashboardSettings.model_validate({"database_url": url})
    with closing(Database(url, clock=utc_now, connections=1, writes=True)) as accounts:
        Register(accounts).add(login, scope, token_urlsafe(24), now=now)
        with accounts.transaction() as cursor:
            cursor.execute("SELECT account_id FROM account WHERE login = %(login)s", {"login": login})
            ((account_id,),) = cursor.fetchall()
            return Sessions(accounts, Lasts(settings.idle, settings.session)).begin(cursor, account_id, now=now)


@contextmanager
def looking(
    users: Sequence[User], port: int, visits: Mapping[str, Visit], pages: Mapping[str, Page], seconds: float
) -> Iterator[None]:
    """Have all of them come and look for so many seconds, beside what is done in the block; wait for them."""
    until = time.monotonic() + seconds

    def come() -> None:
        for thread in threads:
            thread.start()
            time.sleep(_ARRIVING * seconds / len(users))

    threads = [
        threading.Thread(
            target=user.look,
            args=(port, visits[user.page].of(user.store), pages[user.page].every_s or 1.0, until),
            daemon=True,
        )
        for user in users
    ]
    coming = threading.Thread(target=come, daemon=True)
    coming.start()
    try:
        yield
    finally:
        coming.join()
        for thread in threads:
            thread.join()


@contextmanager
def counting(flow: Flow, stores: Sequence[str]) -> Iterator[None]:
    """Have a device in each of the stores send a crossing every few seconds while the block runs."""
    stopping, epochs = threading.Event(), {store: uuid4() for store in stores}

    def count() -> None:
        seq = 0
        while not stopping.is_set():
            seq += 1
            for store, epoch in epochs.items():
                flow.publish(*_crossing(store, epoch, seq))
                if stopping.wait(_CROSSING_EVERY_S / len(epochs)):
                    return

    thread = threading.Thread(target=count, name="counting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join()


def told(users: Sequence[User], seconds: float) -> dict[str, Any]:
    """Return the figures of those who looked, times in milliseconds."""
    arriving, staying = ([one for user in users for one in getattr(user, name)] for name in ("arriving", "staying"))
    everything = arriving + staying
    return {
        "count": len(users),
        "stores": len({user.store for user in users}),
        "seconds": seconds,
        "requests": len(everything),
        "failed": sum(user.failed is not None for user in users),
        "server_p95_ms": _ms(everything, 0.95),
        "server_median_ms": _ms(everything, 0.5),
        "arriving_p95_ms": _ms(arriving, 0.95),
        "staying_p95_ms": _ms(staying, 0.95),
        "staying_worst_ms": _ms(staying, 1.0),
        "pages": {
            name: _ms([one for user in users if user.page == name for one in user.staying], 0.95)
            for name in dict.fromkeys(user.page for user in users)
        },
    }


def _crossing(store: str, epoch: UUID, seq: int) -> tuple[str, bytes]:
    at = utc_now()
    batch = LedgerBatch(
        store=store, device="bench-box", epoch=epoch, first_seq=seq, last_seq=seq, sent_at=at,
        entries=[Crossing(at=at, line="front-door", direction="in" if seq % 2 else "out")],
    )  # fmt: skip
    return topic(store, batch.device, "ledger"), encode(batch)


def _ms(seconds: Sequence[float], share: float) -> float | None:
    return round(1000 * float(np.quantile(seconds, share)), 1) if seconds else None
