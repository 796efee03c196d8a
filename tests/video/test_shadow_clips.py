"""A model release on a box that counts a real clip: beside the old one first, then in its place, or not."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest

from contract.releases import ModelRelease, ShadowRules
from edge.agent import Agent
from edge.config import load_site
from edge.control.opening import Controlled
from edge.releases import opening
from edge.releases.model_part import ModelPart
from edge.shadow.shadow import Pace
from tests.support.clocks import wait_until
from tests.support.ingesting import running_ingest
from tests.support.ledger import one
from tests.support.releasing import Office, keeping
from tests.support.trusted import House, running_house

pytestmark = [pytest.mark.video, pytest.mark.slow]

SITE = """
[[cameras]]
name = "road"
source = "{clip}"
loop = true
fps = 5
model = "yolox-nano"
  [[cameras.lines]]
  name = "road"
  points = [[340, 180], [340, 370]]
"""
#: All the time is watched, and a slow machine may fall behind for as long as it takes.
PACE = Pace(window_s=15, warm_s=3, settle_s=4, share=1.0, frames=200)


@pytest.fixture
def house(server_folder: Path, database: str) -> Iterator[House]:
    folder = server_folder / f"shadow-{uuid4().hex[:8]}"
    folder.mkdir()
    with running_house(folder, database) as running:
        yield running


@contextmanager
def counting(folder: Path) -> Iterator[Agent]:
    agent, stop = Agent(load_site(folder / "site.toml"), controlled=Controlled(folder / "site.toml")), threading.Event()
    thread = threading.Thread(target=agent.run, args=(stop,))
    thread.start()
    try:
        yield agent
    finally:
        stop.set()
        thread.join(60)
        assert not thread.is_alive()


@pytest.mark.timeout(900)
def test_a_model_is_compared_on_a_real_clip_and_takes_over_only_within_the_bound(
    house: House, database: str, data_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip, weights = data_folder / "video" / "vtest.avi", data_folder / "models" / "yolox_nano.onnx"
    if not (clip.exists() and weights.exists()):
        pytest.skip(f"needs {clip} and {weights}")
    monkeypatch.setenv("FOOTFALL_DATA", str(data_folder))
    monkeypatch.setattr(opening, "ModelPart", partial(ModelPart, pace=PACE, probation_s=20, look_s=2))
    box = tmp_path / "box"
    house.enrol(box)
    written = (box / "site.toml").read_text(encoding="utf-8")
    (box / "site.toml").write_text(written.split("[[cameras]]")[0] + SITE.format(clip=clip), encoding="utf-8")
    office = Office(house, tmp_path, database)
    rules = ShadowRules(minutes=0.5, crossings=2, difference_max=0.1)

    def told(state: str) -> bool:
        return office.told("model").get("state") == state

    ingesting = running_ingest(database, house.broker.url(house.broker.server))
    with keeping(house, database), ingesting, counting(box) as agent:
        broken = tmp_path / "broken.onnx"
        broken.write_bytes(weights.read_bytes()[:200_000])
        office.want(model=ModelRelease(manifest=office.model("yolox-nano", "1.0", broken), shadow=rules))
        wait_until(lambda: told("refused"), what="a damaged model is refused", within_s=120)
        assert "one look with it failed" in office.told("model")["reason"]

        # The same weights, but only those who are seen beyond doubt: it counts fewer.
        shy = office.model("yolox-nano", "1.1", weights, confidence=0.97)
        office.want(model=ModelRelease(manifest=shy, shadow=rules))
        wait_until(lambda: told("differs"), what="the comparison ends", within_s=300)
        (line,) = office.told("model")["lines"]
        assert line["old_in"] + line["old_out"] > line["new_in"] + line["new_out"]
        assert office.told("model")["watched_s"] >= 30
        assert not (box / "releases" / "models.json").exists(), "the old one goes on"

        # Head office wants it all the same, then thinks better of it.
        office.want(model=ModelRelease(manifest=shy))
        wait_until(lambda: told("applied"), what="it takes over and stays", within_s=120)
        assert agent._rig.open(agent.cameras.configured[0]).confidence == 0.97

        same = office.model("yolox-nano", "1.2", weights, confidence=0.96)
        before = agent.outbox.last_seq
        office.want(model=ModelRelease(manifest=same, shadow=ShadowRules(minutes=0.5, difference_max=1, crossings=0)))
        wait_until(lambda: told("shadow"), what="it is compared", within_s=120)
        wait_until(lambda: told("applied"), what="within its bound it takes over by itself", within_s=300)
        assert office.told("model")["version"] == "1.2"
        assert agent.outbox.last_seq > before
    assert one(database, "SELECT count(*) FROM ledger_missing") == (0,)
    places = json.loads((box / "releases" / "models.json").read_text(encoding="utf-8"))
    assert places["yolox-nano"]["version"] == "1.2"
    assert places["yolox-nano"]["previous"]["version"] == "1.1"
