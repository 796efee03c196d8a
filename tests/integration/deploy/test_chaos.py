"""`make chaos` in its short form: each kind of fault about twice, on real processes; and that its reckoning counts."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta

import pytest

from contract.entries import CameraUptime, Entry, Flow, Heat, Register, ZoneVisit
from ingest.intake import Intake
from tests.chaos.reckoning import Kept, Reckoning, arrived, compare_entries
from tests.support.entries import NOON, crossings, occupancy
from tests.support.ledger import add_store, batch, rows, waiting
from tests.support.rtsp import INSTALLED

ENTRIES: Sequence[Entry] = [
    *crossings(3),
    ZoneVisit(at=NOON, zone="table", dwell_s=12.345, censored=True),
    occupancy(),
    Heat(at=NOON, camera="door", columns=2, rows=1, person_s=[3, 4]),
    Flow(at=NOON, from_zone=None, to_zone="table", people=2),
    Register(at=NOON, line="front-door", in_total=3, out_total=0),
    CameraUptime(at=NOON + timedelta(minutes=1), camera="door", period_s=60.0, up_s=59.987),
]


@pytest.fixture
def stored(database: str) -> str:
    add_store(database)
    intake = Intake(database, dead_letters_max=100)
    intake.store(waiting(batch(entries=ENTRIES)))
    intake.close()
    return database


def kept() -> Kept:
    return {("epoch", seq): entry for seq, entry in enumerate(ENTRIES, start=1)}


def reckoned(url: str, journal: Kept, outbox: Kept) -> Reckoning:
    found = Reckoning()
    compare_entries(journal, outbox, arrived(url, "riverside"), found)
    return found


def test_each_kind_of_entry_is_found_in_the_database_as_it_was_kept(stored: str) -> None:
    found = reckoned(stored, kept(), kept())
    assert (found.entries, found.lost, found.doubled, found.faults) == (len(ENTRIES), 0, 0, [])


def test_an_entry_that_is_lost_doubled_or_changed_on_its_way_is_found(stored: str) -> None:
    rows(stored, "DELETE FROM crossing WHERE at = %s", NOON)
    assert (reckoned(stored, kept(), kept()).lost, reckoned(stored, kept(), kept()).doubled) == (1, 0)
    rows(stored, "INSERT INTO zone_visit SELECT * FROM zone_visit")
    assert (reckoned(stored, kept(), kept()).lost, reckoned(stored, kept(), kept()).doubled) == (1, 1)
    rows(stored, "UPDATE crossing SET inward = false WHERE at = %s", NOON + timedelta(seconds=1))
    found = reckoned(stored, kept(), kept())
    assert (found.lost, found.doubled) == (2, 2)
    assert len(found.faults) == 2


def test_an_entry_that_the_outbox_promised_to_keep_and_did_not_is_lost(stored: str) -> None:
    outbox = kept()
    del outbox["epoch", 2]
    found = reckoned(stored, kept(), outbox)
    assert (found.lost, found.doubled) == (1, 1), "and what of it arrived, nobody kept"


@pytest.mark.slow
@pytest.mark.skipif(
    shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/opt/homebrew/sbin") is None, reason="Mosquitto is not installed"
)
@pytest.mark.skipif(not INSTALLED, reason="no RTSP server: pip install 'aio-rtsp-toolkit[server]'")
@pytest.mark.timeout(420)
def test_nothing_is_lost_and_nothing_doubled_whatever_is_killed_cut_stalled_or_filled() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos", "--cycles", "16", "--seed", "4", "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert {name: said[name] for name in ("cycles", "lost", "doubled", "counts_equal", "verified")} == {
        "cycles": 16, "lost": 0, "doubled": 0, "counts_equal": True, "verified": True,
    }  # fmt: skip
    assert said["entries"] > 500
    assert said["people"] > 100
