"""What is missing of the ledger is asked for until it came or is stated as lost, and seen until then."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from typer.testing import CliRunner

from contract.entries import Entry, Loss
from deploy.cli.main import app
from deploy.control.gaps import PAUSE, listed, look
from ingest.database import Database
from ingest.intake import Intake
from ingest.verify import verify
from tests.support.entries import EPOCH, NOON, crossings
from tests.support.ledger import add_store, batch, count, one, rows, waiting

LATER = timedelta(minutes=6)


@pytest.fixture
def intake(database: str) -> Iterator[Intake]:
    """Of riverside/door-box, enrolled and online, seqs 6, 7 and 10 to 12 of 12 are missing."""
    add_store(database)
    opened = Intake(database, dead_letters_max=100)
    opened.store(waiting(batch(count=5), batch(first_seq=8, count=2, last_seq=12)))
    rows(
        database,
        "INSERT INTO enrolment (device_id, name, key_sha256, enrolled_at)"
        " SELECT device_id, 'riverside.door-box.1', 'key', now() FROM device",
    )
    online(database, NOON + timedelta(minutes=1))
    yield opened
    opened.close()


@pytest.fixture
def opened(database: str) -> Iterator[Database]:
    made = Database(database)
    yield made
    made.close()


def online(url: str, at: datetime, *, waiting_there: int = 0) -> None:
    rows(
        url,
        "INSERT INTO device_status (device_id, state, at, received_at, version, last_seq, queue_depth)"
        " SELECT device_id, 'online', %s, %s, '1', 12, %s FROM device"
        " ON CONFLICT (device_id) DO UPDATE SET received_at = EXCLUDED.received_at, queue_depth = EXCLUDED.queue_depth",
        at, at, waiting_there,
    )  # fmt: skip


def asked(url: str) -> list[list[list[int]]]:
    return [ranges for (ranges,) in rows(url, "SELECT body -> 'ranges' FROM device_command ORDER BY at")]


def lost(epoch: UUID, *seqs: tuple[int, int]) -> Entry:
    return Loss(NOON, NOON, "pruned", sum(b - a + 1 for a, b in seqs), epoch=epoch, seqs=list(seqs))


def test_a_gap_is_asked_for_once_it_is_some_minutes_old_then_ever_more_seldom(
    intake: Intake, opened: Database, database: str
) -> None:
    del intake
    assert look(opened, NOON) == 0, "what is a moment old is on its way"
    assert look(opened, NOON + timedelta(minutes=4)) == 0
    assert look(opened, NOON + LATER) == 5
    assert asked(database) == [[[6, 7], [10, 12]]]
    assert look(opened, NOON + LATER + PAUSE / 2) == 0
    assert look(opened, NOON + LATER + PAUSE) == 5
    assert look(opened, NOON + LATER + 2 * PAUSE) == 0
    assert look(opened, NOON + LATER + 3 * PAUSE) == 5
    assert look(opened, NOON + timedelta(days=3)) == 5
    assert look(opened, NOON + timedelta(days=4)) == 5, "and at least daily"
    (gap,) = listed(opened)
    assert (gap.missing, gap.ranges, gap.since, gap.times, gap.state) == (5, [(6, 7), (10, 12)], NOON, 5, "online")


def test_what_comes_by_itself_is_not_asked_for(intake: Intake, opened: Database, database: str) -> None:
    look(opened, NOON)
    online(database, NOON + timedelta(minutes=5), waiting_there=5)
    assert look(opened, NOON + LATER) == 0, "it still holds what is missing"
    rows(database, "UPDATE device_status SET state = 'offline', queue_depth = 0")
    assert look(opened, NOON + LATER) == 0
    rows(database, "UPDATE device_status SET state = 'online'")
    intake.store(waiting(batch(first_seq=6, count=2, last_seq=12), batch(first_seq=10, count=3, last_seq=14)))
    assert look(opened, NOON + LATER) == 0, "the old gap is filled, the new one is young"
    (gap,) = listed(opened)
    assert (gap.ranges, gap.since) == ([(13, 14)], NOON + LATER)


def test_what_a_box_states_as_lost_is_no_gap_any_more_and_stays_stated(
    intake: Intake, opened: Database, database: str
) -> None:
    look(opened, NOON)
    intake.store(waiting(batch(first_seq=13, entries=[lost(EPOCH, (6, 6), (10, 11))])))
    assert verify(opened).missing[0].ranges == [(7, 7), (12, 12)]
    intake.store(waiting(batch(epoch=uuid4(), entries=[lost(EPOCH, (7, 7), (12, 12))])))
    verdict = verify(opened)
    assert verdict.complete
    assert [(each.reason, each.entries, each.seqs, each.never_came) for each in verdict.losses] == [
        ("pruned", 3, [(6, 6), (10, 11)], None), ("pruned", 2, [(7, 7), (12, 12)], None),
    ]  # fmt: skip
    assert look(opened, NOON + LATER) == 0
    assert (count(database, "ledger_gap"), listed(opened)) == (0, [])


def test_an_epoch_that_is_over_is_asked_for_however_much_waits_in_the_box(
    intake: Intake, opened: Database, database: str
) -> None:
    look(opened, NOON)
    intake.store(waiting(batch(epoch=uuid4(), entries=crossings(1))))
    online(database, NOON + timedelta(minutes=5), waiting_there=1_000)
    assert look(opened, NOON + LATER) == 5


def test_a_person_sees_gaps_asks_and_reads_the_answer(
    intake: Intake, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)

    def gaps(*arguments: str) -> str:
        result = CliRunner().invoke(app, ["ingest", "gaps", *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "5 entries: 6-7, 10-12" in gaps("list")
    assert "riverside/door-box is asked for 5 entries" in gaps("ask", "riverside", "door-box", "--by", "anna")
    assert one(database, "SELECT kind, by_whom FROM device_command") == ("resend", "anna")
    assert "asked 1 time" in gaps("list")
    rows(database, "UPDATE device_command SET outcome = 'done', reason = '5 of 5 entries leave once more'")
    assert "done: 5 of 5 entries leave once more" in gaps("list")
    (gap,) = json.loads(gaps("list", "--json"))
    assert (gap["ranges"], gap["outcome"]) == ([[6, 7], [10, 12]], "done")
    assert datetime.fromisoformat(gap["since"]).tzinfo == UTC
    intake.store(waiting(batch(first_seq=6, count=7, last_seq=12)))
    assert gaps("list") == "nothing is missing\n"
