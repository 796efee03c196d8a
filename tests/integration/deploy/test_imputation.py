"""`footfall impute` on a real database: made beside the counts, listed with its error, taken back."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from typer.testing import CliRunner

from analytics import columns as c
from analytics.days import calendar
from analytics.facts import slice_facts
from analytics.quality.imputation import read_estimated, read_hours
from deploy.cli.main import app
from deploy.errors import ImputationError
from deploy.imputation import listed, revert, run
from ingest.database import Database, connect
from tests.support.store_data import add_line, add_store, add_uptime, copy, one

FIRST, DARK = date(2026, 9, 7), date(2026, 11, 17)
NOW = datetime(2026, 11, 21, 6, tzinfo=UTC)


@pytest.fixture
def shop(database: str) -> int:
    """A shop at +5:45 that closes at two in the morning; one of its two doors is dark on the last Tuesday."""
    connection = connect(database)
    connection.autocommit = True
    store = add_store(connection, "thamel", timezone="Asia/Kathmandu", currency="NPR", hours=(18 * 60, 26 * 60))
    lines = [
        add_line(connection, store, door, counts_from=datetime(2026, 9, 1, tzinfo=UTC)) for door in ("door", "back")
    ]
    days = calendar(connection, [store], first=FIRST, last=date(2026, 11, 20)).of(store)
    rows = []
    for day, hours in days.items():
        for index, (line, camera) in enumerate(zip(lines, ("door", "back"), strict=True)):
            if not (day == DARK and index == 0):
                add_uptime(connection, store, camera, hours.opens_at, hours.closes_at)
                every = timedelta(minutes=2 + index)
                count = int((hours.closes_at - hours.opens_at) / every)
                rows += [(hours.opens_at + step * every, store, line, True, False) for step in range(count)]
    copy(connection, "crossing (at, store_id, line_id, inward, staff)", rows)
    connection.close()
    return store


def test_a_dark_evening_is_estimated_beside_the_count_and_taken_back(database: str, shop: int) -> None:
    opened = Database(database)
    connection = connect(database)
    connection.autocommit = True
    days = calendar(connection, [shop], first=DARK, last=DARK)
    slices = [days.whole(days.of(shop)[DARK])]
    before = slice_facts(connection, slices, now=NOW)
    made = run(opened, "thamel", first=DARK, last=DARK, now=NOW)
    assert made is not None
    assert (made.hours, round(made.visitors)) == (8, 240)
    assert made.wape < 0.05
    assert made.tested_hours > 200
    assert slice_facts(connection, slices, now=NOW).equals(before)
    assert one(connection, "SELECT count(*) FROM crossing WHERE line_id = 1 AND at::date = '2026-11-17'") < 120
    told = read_estimated(connection, [shop], first=DARK, last=DARK)
    assert list(told[c.INS].round()) == [240.0]
    again = run(opened, "thamel", first=DARK - timedelta(days=1), last=DARK, now=NOW)
    assert again is not None
    assert list(read_estimated(connection, [shop], first=DARK, last=DARK)[c.INS].round()) == [240.0]
    for each in (again, made):
        assert revert(opened, each.imputation_id, now=NOW).reverted_at == NOW
    assert read_estimated(connection, [shop], first=DARK, last=DARK).empty
    assert len(listed(opened, "thamel")) == 2
    with pytest.raises(ImputationError, match="in force"):
        revert(opened, made.imputation_id, now=NOW)
    with pytest.raises(ImputationError, match="no store has the code"):
        run(opened, "hill", first=DARK, last=DARK, now=NOW)
    connection.close()
    opened.close()


def test_hours_after_midnight_belong_to_the_evening_before(database: str, shop: int) -> None:
    connection = connect(database)
    hours = read_hours(connection, shop, first=DARK, last=DARK, now=NOW)
    day = hours[(hours[c.BUSINESS_DATE] == DARK) & (hours[c.LINE_ID] == 2)]
    assert list(day[c.SLOT]) == list(range(18, 26))
    assert list(day[c.INS]) == [20.0] * 8
    assert list(day[c.EXPECTED_S]) == [3600.0] * 8
    connection.close()


@pytest.mark.usefixtures("shop")
def test_the_command_says_what_it_did_and_where_nothing_is_missing(database: str) -> None:
    runner = CliRunner(env={"FOOTFALL_DATABASE_URL": database})

    def said(*words: str) -> Any:
        return runner.invoke(app, ["impute", *words])

    made = said("run", "thamel", "--from", "2026-11-17", "--to", "2026-11-17", "--json")
    assert made.exit_code == 0, made.output
    number = json.loads(made.output)["imputation_id"]
    assert "240 visitors in 8 line-hours" in said("list").output
    assert "no hour is missing" in said("run", "thamel", "--from", "2026-11-10", "--to", "2026-11-10").output
    assert "taken back" in said("revert", str(number)).output
    assert said("run", "thamel", "--from", "yesterday").exit_code == 2
