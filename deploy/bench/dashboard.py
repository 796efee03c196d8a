"""How fast the dashboard shows a whole chain, and how soon a crossing is seen on it (`seeing`).

The real server is a process of its own; a real browser asks it, and so do as many users at once as one likes.
"""

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from dashboard.accounts.register import Scope
from dashboard.pages import devices, store, stores, trust, wall
from deploy.bench.chromium import browser as running_browser
from deploy.bench.machine import machine
from deploy.bench.many_stores import Chain, Heard, fill
from deploy.bench.many_users import counting, looking, signed_in, told, users_of
from deploy.bench.page_visits import HEARD_STORE, SHOWN, Caller, Page, Visit, context_of, heard
from deploy.bench.seeing import crossings_seen, live_store
from deploy.bench.served import served

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

PAGES: Final[Mapping[str, Page]] = {
    "stores": Page("/?lang=en", stores.TICK_MS / 1000),
    "today": Page(f"/store/{HEARD_STORE}?lang=en", store.TICK_MS / 1000),
    "history": Page(f"/history/{HEARD_STORE}?lang=en"),
    "trust": Page("/trust?lang=en", trust.TICK_MS / 1000),
    "devices": Page("/devices?lang=en", devices.TICK_MS / 1000),
    "set_up": Page("/setup?lang=en"),
    "wall": Page(f"/wall/{HEARD_STORE}?lang=en", wall.TICK_MS / 1000),
    "users": Page("/users?lang=en"),
}
#: Stores are visited far apart, so that no visit finds warm what the one before has read.
_STRIDE: Final = 37
_PATIENCE_MS: Final = 30_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much is measured."""

    visits: int = 40
    users: int = 50
    users_s: float = 45.0
    paints: int = 5
    crossings: int = 30


def run(
    url: str, chain: Chain, heard_: Heard = lambda _what, _share: None, *, plan: Plan | None = None
) -> dict[str, Any]:
    """Fill an empty, migrated database and look at it; return the figures, times in milliseconds.

    Raises:
        BenchError: a page does not answer as it should, or there is no browser.
        ServiceError: the dashboard, the broker or the worker did not start.
        psycopg2.Error: the database did not do what was asked.
    """
    fill(url, chain, lambda what, share: heard_(f"filling: {what}", 0.7 * share))
    return measure(url, chain, heard_, plan=plan)


def measure(
    url: str, chain: Chain, heard_: Heard = lambda _what, _share: None, *, plan: Plan | None = None
) -> dict[str, Any]:
    """Look at a chain that is there already; as `run`."""
    plan = plan or Plan()
    cookie = f"footfall-session={signed_in(url, Scope('head_office'))}"
    with served("dashboard", url) as port, running_browser() as browser:
        base = f"http://127.0.0.1:{port}"
        heard_("opening the pages", 0.7)
        context = context_of(browser, cookie)
        visits = {name: heard(context, base, page) for name, page in PAGES.items()}
        context.close()
        pages = {}
        for number, (name, visit) in enumerate(visits.items()):
            heard_(f"asking: {name}", 0.72 + 0.1 * number / len(PAGES))
            pages[name] = _visited(visit, port, cookie, chain, plan)
        heard_("painting", 0.82)
        paints = {name: _painted(browser, base + PAGES[name].path, cookie, plan) for name in ("stores", "today")}
        heard_("crossings", 0.86)
        with live_store(url) as (flow, code):
            visible = crossings_seen(flow, code, browser, base, cookie, crossings=plan.crossings)
            heard_(f"{plan.users} users", 0.92)
            users = users_of(url, plan.users, chain.stores)
            with (
                counting(flow, sorted({user.store for user in users})),
                looking(users, port, visits, PAGES, plan.users_s),
            ):
                beside = crossings_seen(
                    flow, code, browser, base, cookie, crossings=plan.crossings, seen=1 + plan.crossings
                )
    for name, each in paints.items():
        pages[name] |= each
    return {
        "machine": machine(),
        "stores": chain.stores,
        "months": chain.months,
        "pages": pages,
        "first_paint_ms": max(each["first_paint_ms"] for each in paints.values()),
        "first_visit_paint_ms": max(each["first_visit_paint_ms"] for each in paints.values()),
        "users": told(users, plan.users_s) | beside,
        **visible,
    }


def _visited(visit: Visit, port: int, cookie: str, chain: Chain, plan: Plan) -> dict[str, Any]:
    """Return how long answers took over all visits; the very first request of a page is not among them."""
    caller = Caller(port, cookie)
    with closing(caller):
        caller.show(visit)
        first, caller.seconds = caller.seconds, []
        for number in range(plan.visits):
            there = visit.of(_store(number, chain))
            caller.show(there)
            if there.ticking is not None:
                next(caller.ticks(there))
    return {
        "server_p95_ms": _ms(np.quantile(caller.seconds, 0.95)),
        "server_median_ms": _ms(np.median(caller.seconds)),
        "first_ms": _ms(max(first)),
        "requests": len(caller.seconds),
    }


def _painted(browser: "Browser", address: str, cookie: str, plan: Plan) -> dict[str, float]:
    """Return after how long a page shows its numbers, with the scripts in the browser's cache and without."""
    fresh, again = [], []
    for _ in range(plan.paints):
        context = context_of(browser, cookie)
        fresh.append(_paint_ms(context, address))
        again.append(_paint_ms(context, address))
        context.close()
    return {
        "first_paint_ms": round(float(np.median(again)), 1),
        "first_paint_worst_ms": round(max(again), 1),
        "first_visit_paint_ms": round(float(np.median(fresh)), 1),
    }


def _paint_ms(context: "BrowserContext", address: str) -> float:
    tab = context.new_page()
    try:
        tab.goto(address, wait_until="commit")
        return float(tab.wait_for_function(SHOWN, polling="raf", timeout=_PATIENCE_MS).json_value())
    finally:
        tab.close()


def _store(number: int, chain: Chain) -> str:
    return f"store-{1 + (1 + number) * _STRIDE % chain.stores}"


def _ms(seconds: Any) -> float:
    return round(1000 * float(seconds), 1)
