"""A release goes to 1 %, 10 %, all boxes as a standard does, by what boxes say of the release; and comes back."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contract.control import Reported
from contract.releases import ReleaseReport, ReleaseState, ShadowLine
from deploy.cli.main import app
from deploy.control.desires import Decision
from deploy.control.rollouts import Rollout, Subject, advance, change, latest, members, start
from deploy.control.standards import define, named
from deploy.control.status import log
from deploy.errors import ControlError
from deploy.releases.building import build_model, load, save
from deploy.releases.depot import Depot
from deploy.releases.keys import ReleaseKey
from deploy.releases.status import box_releases
from ingest.presence import Heard
from tests.support.fleet import SHA, Fleet

NEW, OLD = "1" * 64, "0" * 64
RULES = {"minutes": 60.0, "crossings": 50, "difference_max": 0.05}
MODEL = Subject("model", "yolox-nano 1.1", release={"manifest": NEW, "shadow": RULES})


@pytest.fixture
def fleet(database: str) -> Iterator[Fleet]:
    made = Fleet(database, stores=10, boxes=4)
    yield made
    made.database.close()


def decision(fleet: Fleet) -> Decision:
    return Decision(by="anna", why=None, at=fleet.now)


def wishes(fleet: Fleet) -> dict[str, tuple[int, dict[str, object] | None]]:
    """Version and model that are wanted of each box now."""
    with fleet.database.transaction() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (device_id) s.code, d.code, version, body -> 'model' FROM desired"
            " JOIN device AS d USING (device_id) JOIN store AS s USING (store_id) ORDER BY device_id, version DESC"
        )
        return {f"{store}/{device}": (version, model) for store, device, version, model in cursor.fetchall()}


def answer(
    fleet: Fleet, state: Callable[[str], ReleaseState] = lambda _store: "applied", manifest: str = NEW, **more: object
) -> None:
    """Have each box that is wanted to have the release say how far it is."""
    for box, (version, model) in wishes(fleet).items():
        store, device = box.split("/")
        if model is None or model.get("manifest") != manifest:
            continue
        told = ReleaseReport(manifest=manifest, state=state(store), name="yolox-nano", version="1.1", **more)  # type: ignore[arg-type]
        fleet._reports.store(
            Reported(store=store, device=device, at=fleet.now, state="current", version=version, site_sha256=SHA,
                     model=told),
            Heard(fleet.now),
        )  # fmt: skip


def settled(fleet: Fleet, state: Callable[[str], ReleaseState] = lambda _store: "applied") -> Rollout:
    for _ in range(10):
        fleet.later(seconds=1)
        advance(fleet.database, fleet.now)
        answer(fleet, state)
    found = latest(fleet.database)
    assert found is not None
    return found


def test_a_release_goes_to_a_share_of_the_boxes_and_then_to_all(fleet: Fleet) -> None:
    begun = start(fleet.database, MODEL, share=0.1, decision=decision(fleet))
    assert (begun.boxes, begun.words) == (4, "model yolox-nano 1.1")
    found = settled(fleet)
    assert (found.runs, found.state) == (4, "running")
    assert [model for _, model in wishes(fleet).values()] == 4 * [MODEL.release]
    start(fleet.database, MODEL, share=1.0, decision=decision(fleet))
    found = settled(fleet)
    assert (found.runs, found.state) == (40, "finished")
    assert [each.what for each in log(fleet.database, limit=10)][:2] == ["roll-out finished", "roll-out widened"]


def test_a_box_that_compares_is_undecided_and_what_it_said_before_does_not_count(fleet: Fleet) -> None:
    start(fleet.database, MODEL, share=0.1, decision=decision(fleet))
    found = settled(fleet, lambda _store: "shadow")
    assert (found.pending, found.runs) == (4, 0)
    answer(fleet, lambda _store: "applied", manifest=OLD)
    advance(fleet.database, fleet.now)
    assert settled(fleet, lambda _store: "trial").pending == 4
    assert settled(fleet).runs == 4


def test_models_that_differ_too_much_or_are_taken_back_stop_it(fleet: Fleet) -> None:
    start(fleet.database, MODEL, share=1.0, at_once=20, decision=decision(fleet))
    lines = [ShadowLine(line="door", old_in=9, old_out=8, new_in=12, new_out=8, matched_in=9, matched_out=8)]
    for _ in range(3):
        fleet.later(seconds=1)
        advance(fleet.database, fleet.now)
        answer(fleet, lambda store: "differs" if int(store[1:]) % 2 else "rolled_back", watched_s=3600.0, lines=lines,
               reason="counts differ by 17.6%; the bound: 5.0%")  # fmt: skip
    found = latest(fleet.database)
    assert found is not None
    assert found.state == "stopped"
    assert {each["reason"] for each in members(fleet.database, found.rollout_id) if each["outcome"] == "refused"} == {
        "counts differ by 17.6%; the bound: 5.0%"
    }
    with pytest.raises(ControlError, match=r"model yolox-nano 1\.1 has stopped"):
        start(fleet.database, MODEL, share=1.0, decision=decision(fleet))


def test_one_roll_out_is_on_its_way_at_a_time_whatever_it_is_of(fleet: Fleet) -> None:
    define(fleet.database, "autumn", '[cameras."*"]\nfps = 8\n', decision(fleet))
    start(fleet.database, MODEL, share=0.1, decision=decision(fleet))
    with pytest.raises(ControlError, match=r"release model yolox-nano 1\.1 is on its way"):
        start(fleet.database, named("autumn"), share=0.1, decision=decision(fleet))
    change(fleet.database, "end", decision(fleet))
    start(fleet.database, named("autumn"), share=0.1, decision=decision(fleet))
    with pytest.raises(ControlError, match="standard autumn 1 is on its way"):
        start(fleet.database, MODEL, share=0.1, decision=decision(fleet))


def test_taken_back_each_box_gets_what_it_had_before_or_none(fleet: Fleet) -> None:
    old = Subject("model", "yolox-nano 1.0", release={"manifest": OLD, "shadow": RULES})
    start(fleet.database, old, share=1.0, stores=["s000"], decision=decision(fleet))
    for _ in range(4):
        fleet.later(seconds=1)
        advance(fleet.database, fleet.now)
        answer(fleet, manifest=OLD)
    assert latest(fleet.database).state == "finished"  # type: ignore[union-attr]
    start(fleet.database, MODEL, share=1.0, decision=decision(fleet))
    settled(fleet)
    change(fleet.database, "back", decision(fleet))
    for box, (_, model) in wishes(fleet).items():
        # An older one is a rollback, and was good enough before: it is not compared again.
        assert model == ({"manifest": OLD, "rollback": True} if box.startswith("s000") else {}), box


def test_the_command_line_rolls_a_published_release_out_and_says_what_boxes_say(
    fleet: Fleet, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    monkeypatch.setenv("FOOTFALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "300")
    key, depot, weights = (
        ReleaseKey.create(tmp_path / "key"),
        Depot(tmp_path / "home" / "releases"),
        tmp_path / "a.onnx",
    )
    depot.trust([key.public], key)
    weights.write_bytes(b"weights")
    build_model("yolox-nano", "1.1", [weights], tmp_path / "out", now=fleet.now)
    save(tmp_path / "out", key.sign_manifest(load(tmp_path / "out")))
    sha256 = depot.publish(tmp_path / "out").sha256

    def run(*words: str) -> str:
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.output

    said = run("release", "rollout", "yolox-nano", "1.1", "--to", "10%", "--difference", "never", "--by", "anna")
    assert "model yolox-nano 1.1 is on its way to 4 of 40 boxes" in said
    assert "on its way to 8 of 40" in run(
        "release", "rollout", "yolox-nano", "1.1", "--to", "20%", "--difference", "never", "--by", "anna"
    ), "the same words widen it"
    advance(fleet.database, fleet.now)
    lines = [ShadowLine(line="door", old_in=9, old_out=8, new_in=12, new_out=8, matched_in=9, matched_out=8)]
    answer(fleet, lambda _store: "shadow", manifest=sha256, watched_s=600.0, lines=lines)
    rows = json.loads(run("release", "status", "--json"))
    (first, *_) = [row["model"] for row in rows if row["model"]]
    assert (first["state"], first["lines"][0]["new_in"]) == ("shadow", 12)
    assert "in 9 → 12" in run("release", "status")
    assert len(box_releases(fleet.database, now=fleet.now, store="s000")) == 4
