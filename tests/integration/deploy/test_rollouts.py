"""A standard goes to 1 %, 10 %, all boxes; it stops by itself, and comes back as it went."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from typer.testing import CliRunner

from contract.errors import MalformedError
from deploy.cli.main import app
from deploy.control.desires import Decision
from deploy.control.rollouts import Rollout, advance, change, latest, members, start, widen
from deploy.control.standards import assign, define, listed, named, standard_of
from deploy.control.status import boxes, history, log
from deploy.errors import ControlError
from tests.support.fleet import RUNS, Fleet, Verdict

SETTINGS = '[cameras."*"]\nfps = 8\n'
OTHER = '[cameras."*"]\nfps = 6\n'


@pytest.fixture
def fleet(database: str) -> Iterator[Fleet]:
    made = Fleet(database, stores=40, boxes=10)
    define(made.database, "autumn", SETTINGS, decision(made))
    yield made
    made.database.close()


def decision(fleet: Fleet, why: str | None = None) -> Decision:
    return Decision(by="anna", why=why, at=fleet.now)


def go(fleet: Fleet, share: float, standard: str = "autumn", **more: object) -> Rollout:
    return start(fleet.database, named(standard), share=share, decision=decision(fleet), **more)  # type: ignore[arg-type]


def settle(fleet: Fleet, verdict: Callable[[str], Verdict] = lambda _store: RUNS) -> Rollout:
    """Let keeper and boxes go on until nothing changes any more."""
    while True:
        fleet.later(seconds=1)
        found = advance(fleet.database, fleet.now)
        assert found is not None
        if not fleet.answer(verdict):
            found = advance(fleet.database, fleet.now) or latest(fleet.database)
            assert found is not None
            return found


def has_it(fleet: Fleet) -> set[str]:
    return {box for box, number in fleet.desired().items() if number}


def test_one_percent_then_ten_then_all_and_who_has_it_keeps_it(fleet: Fleet) -> None:
    assert go(fleet, 0.01).boxes == 4
    found = settle(fleet)
    assert (found.eligible, found.boxes, found.runs, found.state) == (400, 4, 4, "running")
    first = has_it(fleet)
    assert len(first) == 4
    assert go(fleet, 0.10).boxes == 40
    settle(fleet)
    tenth = has_it(fleet)
    assert len(tenth) == 40
    assert first < tenth
    go(fleet, 1.0)
    found = settle(fleet)
    assert (found.runs, found.state) == (400, "finished")
    standings = Counter((each.standing, each.standard) for each in boxes(fleet.database, now=fleet.now))
    assert standings == {("current", "autumn 1"): 400}
    assert [(each.number, each.boxes) for each in listed(fleet.database)] == [(1, 400)]


def test_the_one_on_its_way_is_widened_without_naming_it(fleet: Fleet) -> None:
    with pytest.raises(ControlError, match="no roll-out is on its way"):
        widen(fleet.database, 0.5, decision(fleet))
    begun = go(fleet, 0.01, at_once=3)
    with pytest.raises(ControlError, match="another roll-out has begun"):
        widen(fleet.database, 0.5, decision(fleet), rollout_id=begun.rollout_id + 1)
    for share in (0.001, 0.0, -1.0, 1.01, float("nan"), float("inf")):
        with pytest.raises(ControlError) as refused:
            widen(fleet.database, share, decision(fleet))
        assert refused.value.column == "rollout_share", share
    found = widen(fleet.database, 0.1, decision(fleet, "all is well"), rollout_id=begun.rollout_id)
    assert (found.boxes, found.at_once, found.share) == (40, 3, 0.1)
    change(fleet.database, "end", decision(fleet))
    with pytest.raises(ControlError, match="no roll-out is on its way"):
        widen(fleet.database, 1.0, decision(fleet))


def test_no_more_than_so_many_try_it_at_a_time(fleet: Fleet) -> None:
    go(fleet, 1.0, at_once=7)
    advance(fleet.database, fleet.now)
    advance(fleet.database, fleet.now)
    assert len(has_it(fleet)) == 7
    fleet.answer()
    advance(fleet.database, fleet.now)
    assert len(has_it(fleet)) == 14


def test_boxes_that_are_offline_get_it_when_they_are_back_and_hold_up_nobody(fleet: Fleet) -> None:
    away = tuple(f"s{number:03}" for number in range(20))
    go(fleet, 1.0, at_once=300)
    fleet.online(but=away)
    advance(fleet.database, fleet.now)
    assert len(has_it(fleet)) == 200
    fleet.answer()
    found = advance(fleet.database, fleet.now)
    assert found is not None
    assert (found.runs, found.waiting, found.state) == (200, 200, "running")
    assert settle(fleet).state == "finished"


def test_too_many_failures_stop_it_and_those_under_way_get_back_what_they_had(fleet: Fleet) -> None:
    define(fleet.database, "summer", OTHER, decision(fleet))
    assign(fleet.database, ("summer", None), ["s000"], decision(fleet))
    fleet.answer()
    go(fleet, 1.0, at_once=50, tolerated=0.02)  # of 400: the ninth stops it
    advance(fleet.database, fleet.now)
    assert len(has_it(fleet)) >= 50
    fleet.answer(lambda store: RUNS if int(store[1:]) % 5 != 1 else ("rolled_back", "camera door: covered"))
    while (found := advance(fleet.database, fleet.now)) is not None and found.state == "running":
        fleet.answer(lambda store: RUNS if int(store[1:]) % 5 != 1 else ("refused", "no such model"))
        fleet.later(seconds=1)
    found = latest(fleet.database)
    assert found is not None
    assert found.state == "stopped"
    assert found.failures > found.failures_max == 8
    assert found.pending == 0, "those that had not decided have what they had before"
    failed = {each["store"] for each in members(fleet.database, found.rollout_id) if each["outcome"] == "rolled_back"}
    assert failed
    assert all(int(str(store)[1:]) % 5 == 1 for store in failed)
    before = has_it(fleet)
    fleet.later(seconds=60)
    advance(fleet.database, fleet.now)
    assert has_it(fleet) == before, "nobody gets it any more"
    with pytest.raises(ControlError, match="has stopped"):
        go(fleet, 1.0)
    change(fleet.database, "resume", decision(fleet, "the model is there now"))
    found = settle(fleet)
    assert (found.state, found.runs) == ("finished", 400)


def test_what_a_box_refused_is_not_wanted_of_it_again_with_its_next_version(fleet: Fleet) -> None:
    define(fleet.database, "summer", OTHER, decision(fleet))
    assign(fleet.database, ("summer", None), ["s000"], decision(fleet))
    fleet.answer()
    assign(fleet.database, ("autumn", None), ["s000"], decision(fleet))
    fleet.answer(lambda _store: ("refused", "no"))
    assert fleet.desired()["s000/box-1"] == "1"
    with fleet.database.transaction() as cursor:
        from deploy.control.desires import desire, device_id_of  # noqa: PLC0415 - beside its only use

        desire(cursor, [device_id_of(cursor, "s000", "box-1")], {"site": "cameras = []"}, decision(fleet))
        cursor.execute("SELECT body FROM desired ORDER BY at DESC, version DESC LIMIT 1")
        ((body,),) = cursor.fetchall()
    assert (body["standard"]["name"], body["site"]) == ("summer", "cameras = []")


def test_a_roll_out_is_not_blamed_for_what_else_was_wanted_of_a_box(fleet: Fleet) -> None:
    from deploy.control.desires import desire, device_id_of  # noqa: PLC0415 - beside its only use

    go(fleet, 1.0, at_once=1)
    found = advance(fleet.database, fleet.now)
    assert found is not None
    (box,) = has_it(fleet)
    with fleet.database.transaction() as cursor:
        desire(cursor, [device_id_of(cursor, *box.split("/"))], {"site": "cameras = []"}, decision(fleet))
    fleet.answer(lambda _store: ("refused", "a line outside"))
    found = advance(fleet.database, fleet.now)
    assert found is not None
    assert (found.refused, found.pending) == (0, 1)
    with fleet.database.transaction() as cursor:
        desire(cursor, [device_id_of(cursor, *box.split("/"))], {"site": None}, decision(fleet))
    fleet.answer()
    found = advance(fleet.database, fleet.now)
    assert found is not None
    assert (found.refused, found.runs) == (0, 1)


def test_back_gives_each_box_what_it_had(fleet: Fleet) -> None:
    define(fleet.database, "summer", OTHER, decision(fleet))
    assign(fleet.database, ("summer", 1), ["s000", "s001/box-2"], decision(fleet))
    fleet.answer()
    go(fleet, 1.0, at_once=400)
    assert settle(fleet).state == "finished"
    found = change(fleet.database, "back", decision(fleet, "queues are miscounted"))
    assert found.state == "taken back"
    fleet.answer()
    standards = Counter(each.standard for each in boxes(fleet.database, now=fleet.now))
    assert standards == {"summer 1": 11, None: 389}
    with pytest.raises(ControlError, match="is taken back"):
        change(fleet.database, "pause", decision(fleet))


def test_a_pause_holds_the_rest_and_a_new_version_takes_the_place_of_the_old(fleet: Fleet) -> None:
    go(fleet, 0.5, at_once=10)
    advance(fleet.database, fleet.now)
    change(fleet.database, "pause", decision(fleet))
    fleet.answer()
    advance(fleet.database, fleet.now)
    assert len(has_it(fleet)) == 10
    with pytest.raises(ControlError, match="already"):
        go(fleet, 0.1)
    define(fleet.database, "winter", OTHER, decision(fleet))
    with pytest.raises(ControlError, match="end it first"):
        go(fleet, 0.5, "winter")
    fleet.later(seconds=1)
    assert define(fleet.database, "autumn", OTHER, decision(fleet)) == 2
    assert define(fleet.database, "autumn", OTHER, decision(fleet)) == 2, "the same text is no new version"
    fleet.later(seconds=1)
    second = go(fleet, 0.02)
    assert (second.number, second.boxes) == (2, 8)
    settle(fleet)
    assert Counter(fleet.desired().values())["2"] == 8
    old = {box for box, number in fleet.desired().items() if number == "1"}
    assert len(old) + 8 >= 10, "who had version 1 and is not in the 2 % keeps it"
    logged = [each.what for each in log(fleet.database, limit=3)]
    assert (set(logged[:2]), logged[2]) == ({"roll-out started", "roll-out ended"}, "standard defined")


def test_stores_alone_a_share_of_their_boxes(fleet: Fleet) -> None:
    found = go(fleet, 0.5, stores=["s001", "s002"])
    assert (found.eligible, found.boxes) == (20, 10)
    settle(fleet)
    assert {box[:4] for box in has_it(fleet)} <= {"s001", "s002"}
    with pytest.raises(ControlError, match="is for the stores s001, s002"):
        go(fleet, 0.5, stores=["s003"])
    change(fleet.database, "end", decision(fleet))
    with pytest.raises(ControlError, match="no enrolled box"):
        go(fleet, 0.5, stores=["nowhere"])


def test_a_standard_that_would_take_the_store_s_own_is_never_kept(fleet: Fleet) -> None:
    with pytest.raises(MalformedError, match="unknown field `source`"):
        define(fleet.database, "bad", '[cameras."*"]\nsource = "usb:0"\n', decision(fleet))
    with pytest.raises(ControlError, match="slug"):
        define(fleet.database, "Bad One", SETTINGS, decision(fleet))
    with fleet.database.transaction() as cursor, pytest.raises(ControlError, match="no version of a standard"):
        standard_of(cursor, "bad")


def test_four_hundred_boxes_are_told_apart_quickly(fleet: Fleet) -> None:
    go(fleet, 1.0, at_once=400)
    began = time.perf_counter()
    advance(fleet.database, fleet.now)
    released = time.perf_counter()
    assert len(boxes(fleet.database, now=fleet.now)) == 400
    asked = time.perf_counter()
    assert released - began < 2
    assert asked - released < 1


def test_the_commands_tell_who_has_what(
    fleet: Fleet, database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    del tmp_path
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)

    def run(*arguments: str, code: int = 0) -> str:
        result = CliRunner().invoke(app, ["config", *arguments])
        assert result.exit_code == code, (result.output, result.exception)
        return result.output

    assert "4 of 400 boxes" in run("rollout", "start", "autumn", "--to", "1%", "--by", "anna", "--why", "less load")
    advance(fleet.database, fleet.now)
    said = json.loads(run("rollout", "status", "--json"))
    assert (said["boxes"], said["pending"], len(said["members"])) == (4, 4, 4)
    fleet.answer(lambda _store: ("refused", "no such model"))
    advance(fleet.database, fleet.now)
    assert "stopped at 1%" in run("rollout", "status", code=1)
    counts = json.loads(run("status", "--json"))["counts"]
    assert counts["standings"]["own"] == 396
    assert counts["standings"]["refused"] == 4
    store, device = said["members"][0]["store"], said["members"][0]["device"]
    past = json.loads(run("history", store, device, "--json"))
    assert [each["what"] for each in past] == ["refused 1", "desired 1"]
    assert [each.what for each in history(fleet.database, store, device, limit=9)] == ["refused 1", "desired 1"]
    assert "fps = 8" in run("standard", "show", "autumn:1")
    run("rollout", "resume")
    assert "40 of 400 boxes" in run("rollout", "widen", "--to", "10%", "--why", "mended")
    assert "taken back" in run("rollout", "back")
    run("rollout", "start", "autumn", "--to", "150%", code=2)
    logged = json.loads(run("log", "--json"))
    assert {"anna"} <= {each["by"] for each in logged}
    assert any("less load" in (each["detail"] or "") for each in logged)
