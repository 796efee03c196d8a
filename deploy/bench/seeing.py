"""From the crossing to the eye: a device's message through broker, ingest and database into a browser, timed."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import numpy as np

from analytics.clock import utc_now
from contract.codec import encode
from contract.entries import Crossing
from contract.messages import LedgerBatch
from contract.topics import topic
from deploy.bench.flow import Flow, flowing
from deploy.bench.page_visits import SHOWN, context_of
from ingest.database import connect

if TYPE_CHECKING:
    from playwright.sync_api import Browser

#: Remembers when the headline last changed, in the browser's own time, which is this machine's.
WATCH: Final = """() => {
  window.changed = 0;
  new MutationObserver(() => { window.changed = Date.now(); })
    .observe(document.getElementById("content"), { childList: true, characterData: true, subtree: true });
}"""
_SAYS: Final = "(said) => document.querySelector('h1').textContent.startsWith(said)"
_PATIENCE_MS: Final = 30_000
_QUANTILES: Final = (("median", 0.5), ("p95", 0.95))


def midday_zone(now: datetime) -> str:
    """Return a time zone in which it is about noon, so that no day ends meanwhile."""
    east = 12 - now.hour
    return f"Etc/GMT{-east:+d}" if east else "Etc/UTC"


@contextmanager
def live_store(url: str) -> Iterator[tuple[Flow, str]]:
    """Yield the code of a new store where it is noon, and the chain to it: a broker and a worker, warm.

    Raises:
        BenchError, ServiceError: the broker or the worker did not start, or what was sent was not stored.
    """
    code = f"bench-{uuid4().hex[:8]}"
    with closing(connect(url, name="footfall-bench-watch")) as watching, flowing(url, watching, code) as flow:
        with watching, watching.cursor() as cursor:
            cursor.execute(
                "INSERT INTO store (code, name, timezone, currency) VALUES (%(code)s, 'Live', %(zone)s, 'EUR')"
                " ON CONFLICT (code) DO NOTHING",
                {"code": code, "zone": midday_zone(utc_now())},
            )
            cursor.execute(
                "INSERT INTO line (store_id, code, role) SELECT store_id, 'front-door', 'entrance' FROM store"
                " WHERE code = %(code)s ON CONFLICT DO NOTHING",
                {"code": code},
            )
        flow.warm_up(_crossing(code, uuid4(), 1, utc_now()))
        yield flow, code


def crossings_seen(
    flow: Flow, code: str, browser: "Browser", base: str, cookie: str, *, crossings: int, seen: int = 1
) -> dict[str, float]:
    """Return after how long crossings are seen, by way of broker, ingest, database, server and browser.

    `seen` is how many have come into the store already.

    Raises:
        BenchError: what was sent was not stored.
    """
    epoch = uuid4()
    context = context_of(browser, cookie)
    tab = context.new_page()
    tab.goto(f"{base}/store/{code}?lang=en")
    tab.wait_for_function(SHOWN, timeout=_PATIENCE_MS)
    tab.evaluate(WATCH)
    took = []
    for number in range(1, crossings + 1):
        at = utc_now()
        _send(flow, _crossing(code, epoch, number, at))
        tab.wait_for_function(_SAYS, arg=f"{seen + number} visitors", timeout=_PATIENCE_MS)
        took.append(tab.evaluate("window.changed") / 1000 - at.timestamp())
    context.close()
    return {f"visible_{name}_ms": round(1000 * float(np.quantile(took, share)), 1) for name, share in _QUANTILES}


def _crossing(code: str, epoch: Any, seq: int, at: datetime) -> LedgerBatch:
    entry = Crossing(at=at, line="front-door", direction="in")
    return LedgerBatch(
        store=code, device="box-1", epoch=epoch, first_seq=seq, last_seq=seq, sent_at=at, entries=[entry]
    )


def _send(flow: Flow, batch: LedgerBatch) -> None:
    flow.stream([(topic(batch.store, batch.device, "ledger"), encode(batch), 1)])
