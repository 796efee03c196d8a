"""Doors that two boxes claim: counted once, by the first, until it is silent; what comes late is told apart."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from contract.messages import LineInfo
from contract.types import DeviceState
from ingest.database import Database
from ingest.names import Names
from ingest.presence import Heard, Presence
from ingest.writer import LedgerWriter
from tests.support.entries import NOON
from tests.support.ledger import add_store, batch, one, rows, status

MINUTE = timedelta(minutes=1)


class Shop:
    """A worker of ingest and what two boxes of one store tell it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.database = Database(url)
        names = Names()
        self.presence = Presence(self.database, names)
        self.writer = LedgerWriter(self.database, names)

    def hears(
        self, device: str, line: str, *, door: str | None = None, at: datetime = NOON, state: DeviceState = "online"
    ) -> None:
        lines = [LineInfo(line=line, role="entrance", camera=f"{device}-camera", door=door)]
        self.presence.store_status(status(device=device, lines=lines, zones=[], at=at, state=state), Heard(at))

    def counts(self, device: str, people: int = 3) -> dict[str, int]:
        """Let a box send crossings of its line `front-door`; return crossings by line's code."""
        epoch = uuid4()
        self.writer.write([batch(device=device, epoch=epoch, count=people)])
        return dict(rows(self.url, "SELECT l.code, count(*) FROM crossing JOIN line AS l USING (line_id) GROUP BY 1"))

    def total(self) -> int:
        (number,) = one(self.url, "SELECT count(*) FROM crossing")
        return int(number)

    def set_aside(self) -> list[tuple[str, str, str]]:
        """Lines that do not count now: their code, the door, the line that counts."""
        return rows(
            self.url,
            "SELECT l.code, a.door, o.code FROM line_set_aside AS a JOIN line AS l USING (line_id) "
            "JOIN line AS o ON o.line_id = a.counted_line_id WHERE a.until = 'infinity'",
        )


@pytest.fixture
def shop(database: str) -> Iterator[Shop]:
    add_store(database)
    opened = Shop(database)
    yield opened
    opened.database.close()


def test_two_lines_of_two_boxes_that_claim_one_door_leave_the_later_aside(shop: Shop) -> None:
    shop.hears("box-1", "front-door")
    shop.hears("box-2", "entrance", door="front-door", at=NOON + MINUTE)
    assert shop.set_aside() == [("entrance", "front-door", "front-door")]
    shop.hears("box-1", "front-door", at=NOON + 2 * MINUTE)
    shop.hears("box-2", "entrance", door="side-door", at=NOON + 3 * MINUTE)
    assert shop.set_aside() == []


def test_two_boxes_that_name_one_line_are_kept_apart_and_the_first_counts(shop: Shop) -> None:
    shop.hears("box-1", "front-door")
    shop.hears("box-2", "front-door", at=NOON + MINUTE)
    assert shop.counts("box-1", 3) == {"front-door": 3}
    assert shop.counts("box-2", 4) == {"front-door": 3, "front-door@box-2": 4}
    assert shop.set_aside() == [("front-door@box-2", "front-door", "front-door")]


def test_a_box_that_replaces_another_goes_on_with_its_line(shop: Shop) -> None:
    shop.hears("box-1", "front-door")
    shop.counts("box-1", 3)
    shop.hears("box-1", "front-door", at=NOON + MINUTE, state="stopped")
    shop.hears("box-2", "front-door", at=NOON + 2 * MINUTE)
    assert shop.counts("box-2", 4) == {"front-door": 7}
    assert shop.set_aside() == []


def test_a_box_that_died_makes_way_after_five_minutes_even_while_the_other_waits(shop: Shop) -> None:
    shop.hears("box-1", "front-door")
    shop.hears("box-2", "front-door", at=NOON + MINUTE)
    shop.hears("box-2", "front-door", at=NOON + 4 * MINUTE)
    assert shop.counts("box-2", 4) == {"front-door@box-2": 4}
    shop.hears("box-2", "front-door", at=NOON + 6 * MINUTE)
    assert shop.counts("box-2", 5) == {"front-door": 5, "front-door@box-2": 4}


def test_a_box_that_comes_back_after_it_was_replaced_is_the_second_now(shop: Shop) -> None:
    shop.hears("box-1", "front-door")
    shop.hears("box-2", "front-door", at=NOON + 10 * MINUTE)
    shop.hears("box-1", "front-door", at=NOON + 11 * MINUTE)
    assert shop.counts("box-1", 2) == {"front-door@box-1": 2}
    assert shop.counts("box-2", 4) == {"front-door@box-1": 2, "front-door": 4}
    assert shop.set_aside() == [("front-door@box-1", "front-door", "front-door")]


def test_a_retired_box_does_not_hold_a_door_against_a_line_of_another_name(shop: Shop) -> None:
    shop.hears("box-1", "old-door", door="main")
    shop.hears("box-2", "new-door", door="main", at=NOON + MINUTE)
    assert shop.set_aside() == [("new-door", "main", "old-door")]
    shop.hears("box-2", "new-door", door="main", at=NOON + 10 * MINUTE)
    assert shop.set_aside() == []
    assert one(shop.url, "SELECT count(*) FROM line_claim WHERE released_at IS NULL") == (1,)


def test_a_heartbeat_that_says_the_same_writes_nothing(shop: Shop) -> None:
    shop.hears("box-1", "front-door")
    before = one(shop.url, "SELECT xmin::text FROM line_claim")
    shop.hears("box-1", "front-door", at=NOON + MINUTE)
    assert one(shop.url, "SELECT xmin::text FROM line_claim") == before
    assert one(shop.url, "SELECT claimed_at FROM line_claim") == (NOON,)
