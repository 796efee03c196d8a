"""Enrolment, renewal and revocation against a real Mosquitto with TLS, a real register and a real HTTPS service."""

import shutil
import stat
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import cv2
import numpy as np
import pytest
from paho.mqtt.client import Client, MQTTMessageInfo
from typer.testing import CliRunner

from analytics.clock import utc_now
from contract.codec import encode
from contract.enrolment import EnrolmentCode
from deploy.cli.main import app
from deploy.errors import StoreError, TrustError
from deploy.trust.attempts import WRONG_MAX
from deploy.trust.authority import Authority
from deploy.trust.decisions import Decisions
from deploy.trust.devices import events, listed_devices
from deploy.trust.sessions import end_session
from edge.config import load_site
from edge.enrolment import enrol, renew
from edge.errors import EnrolmentError
from edge.identity import Identity, new_key, request_of
from edge.publishing.probe import probe
from edge.renewal import Renewal
from tests.support.clocks import ManualClock, wait_until
from tests.support.ingesting import running_ingest
from tests.support.ledger import batch, live, one, status
from tests.support.trusted import Box, House

pytestmark = pytest.mark.skipif(shutil.which("mosquitto", path="/usr/sbin:/usr/bin:/opt/homebrew/sbin") is None,
                                reason="Mosquitto is not installed")  # fmt: skip

OWN = "footfall/v1/riverside/door-box/ledger"
REFUSED = "Not authorized"


def test_a_box_is_enrolled_with_a_code_and_then_speaks_for_its_device_alone(house: House, tmp_path: Path) -> None:
    outcome = house.enrol(tmp_path / "box")
    site = load_site(tmp_path / "box" / "site.toml")
    assert (site.store, site.device, site.broker.port) == ("riverside", "door-box", house.tls_port)
    assert stat.S_IMODE(outcome.identity.path.stat().st_mode) == 0o600
    assert not (tmp_path / "box" / "box.key.pending").exists()
    probe(site.broker, site.store, site.device)
    with house.server() as server, house.box(outcome.identity.path) as box:
        assert box.say(OWN) == "Success"
        for topic in (
            "footfall/v1/hilltop/door-box/ledger",
            "footfall/v1/riverside/other-box/ledger",
            "footfall/v1/riverside/door-box/receipt",
            "footfall/v1/riverside/door-box/config",
            "elsewhere",
        ):
            assert box.say(topic) == REFUSED, topic
        box.hear("#")
        box.hear("footfall/v1/+/+/receipt")
        assert server.say("footfall/v1/riverside/door-box/receipt") == "Success"
        assert server.say("footfall/v1/hilltop/door-box/receipt") == "Success"
        wait_until(lambda: bool(box.heard), what="its own receipt")
        assert {topic for topic, _ in box.heard} == {"footfall/v1/riverside/door-box/receipt"}
        wait_until(lambda: bool(server.heard), what="the ledger")
        assert [topic for topic, _ in server.heard] == [OWN]


def test_a_revoked_box_is_refused_from_that_second_and_cannot_come_back(house: House, tmp_path: Path) -> None:
    stolen = house.enrol(tmp_path / "stolen").identity.path
    other = house.enrol(tmp_path / "other", "hilltop").identity.path
    with house.box(stolen, client_id="a-name-of-the-thief") as thief, house.box(other, client_id="other") as honest:
        assert thief.say(OWN) == "Success"
        assert house.office.revoke("riverside", "door-box")
        wait_until(lambda: thief.say(OWN) == REFUSED, what="the rules are read", within_s=1.0)
        assert honest.say("footfall/v1/hilltop/door-box/ledger") == "Success"
        assert honest.ended is None
    with house.box(stolen) as again:
        assert not again.accepted
    with pytest.raises(EnrolmentError, match=r"says no.*revoked"):
        renew(load_site(tmp_path / "stolen" / "site.toml").broker)


def test_whoever_sets_up_a_box_that_is_shut_out_is_told_so(
    house: House, database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.enrol(tmp_path / "box")
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", database)
    site = tmp_path / "new.toml"
    site.write_text('[[cameras]]\nname = "side"\nsource = "usb:0"\n', encoding="utf-8")
    command = ["config", "set", "riverside", "door-box", str(site)]
    assert "shut out" not in CliRunner().invoke(app, command).output
    house.office.revoke("riverside", "door-box")
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 0, done.output
    assert "shut out (revoked)" in done.output
    assert "footfall device code riverside door-box" in done.output


def test_a_revoked_box_s_connection_is_cut(house: House, tmp_path: Path) -> None:
    path = house.enrol(tmp_path / "box").identity.path
    with house.box(path) as box:
        house.office.revoke("riverside", "door-box")
        wait_until(lambda: box.ended is not None, what="the connection is cut")


def test_a_box_that_a_page_shut_out_is_refused_and_cut_off_when_the_keeper_looks(house: House, tmp_path: Path) -> None:
    path = house.enrol(tmp_path / "box").identity.path
    other = house.enrol(tmp_path / "other", "hilltop").identity.path
    house.office.keep([])
    with house.box(path) as box, house.box(other, client_id="other") as honest:
        # As the dashboard does: rows in the register, no key, no broker.
        Decisions(house.database, house.authority.fingerprint).revoke("riverside", "door-box", now=utc_now())
        assert box.say(OWN) == "Success", "until the keeper looks"
        house.office.keep([])
        wait_until(lambda: box.ended is not None, what="the connection is cut")
        assert honest.say("footfall/v1/hilltop/door-box/ledger") == "Success"
    with house.box(path) as again:
        assert not again.accepted


@pytest.mark.parametrize("client_id", ["footfall-riverside-door-box", "a-name-of-the-thief"])
@pytest.mark.parametrize("shut_out", ["revoke", "close_store"])
def test_what_the_broker_kept_of_a_box_goes_with_its_right_to_speak(
    house: House, tmp_path: Path, client_id: str, shut_out: str
) -> None:
    identity = house.enrol(tmp_path / "box").identity.path
    other = house.enrol(tmp_path / "other", "hilltop").identity.path
    with house.box(identity, client_id=client_id) as box, house.box(other, client_id="other") as honest:
        for leaf, payload in (("status", encode(status(at=utc_now()))), ("live", encode(live(at=utc_now())))):
            assert box.say(f"footfall/v1/riverside/door-box/{leaf}", payload, retain=True) == "Success"
        kept = encode(status(store="hilltop", at=utc_now()))
        assert honest.say("footfall/v1/hilltop/door-box/status", kept, retain=True) == "Success"
        with house.server() as before:
            before.hear("footfall/v1/riverside/+/+")
            wait_until(lambda: len(before.heard) == 2, what="what the broker keeps")
        if shut_out == "revoke":
            house.office.revoke("riverside", "door-box")
        else:
            house.office.close_store("riverside")
    with house.server() as after:
        for topic in ("footfall/v1/+/+/live", "footfall/v1/+/+/status"):
            after.hear(topic)
        wait_until(lambda: bool(after.heard), what="the other store's status")
        assert [topic for topic, _ in after.heard] == ["footfall/v1/hilltop/door-box/status"]


def test_the_last_will_of_a_revoked_box_does_not_bring_it_back(house: House, tmp_path: Path) -> None:
    identity = house.enrol(tmp_path / "box").identity.path
    where = "footfall/v1/riverside/door-box/status"
    with house.box(identity, will=(where, encode(status(state="offline", at=utc_now())))) as box:
        box.say(where, encode(status(at=utc_now())), retain=True)
        house.office.revoke("riverside", "door-box")
        wait_until(lambda: box.ended is not None, what="the connection is cut")
    with house.server() as after:
        after.say("footfall/v1/riverside/other-box/status", b"kept", retain=True)
        after.hear("footfall/v1/riverside/+/status")
        wait_until(lambda: bool(after.heard), what="what the broker keeps")
        assert [payload for _, payload in after.heard] == [b"kept"]


def test_a_status_that_a_broker_still_has_of_a_revoked_box_never_makes_it_online(
    house: House, database: str, tmp_path: Path
) -> None:
    def listed() -> list[tuple[str, str | None]]:
        return [(each.standing, each.presence) for each in listed_devices(house.database, now=utc_now())]

    identity = house.enrol(tmp_path / "box").identity.path
    where = "footfall/v1/riverside/door-box/status"
    with house.box(identity) as box:
        with running_ingest(database, house.broker.url(house.broker.server)):
            box.say(where, encode(status(at=utc_now())), retain=True)
            wait_until(lambda: listed() == [("enrolled", "online")], what="the box is online")
        # Not through the office: as from another machine, which does not reach this broker.
        house.enrolments.revoke("riverside", "door-box", now=utc_now())
        box.say(where, encode(status(at=utc_now())), retain=True)
        box.say("footfall/v1/riverside/door-box/live", encode(live(at=utc_now())), retain=True)
    with house.server() as server:
        server.hear(where)
        with running_ingest(database, house.broker.url(house.broker.server)):
            wait_until(lambda: (where, b"") in server.heard, what="it is taken back")
    assert listed() == [("revoked", "stopped")]
    assert one(database, "SELECT count(*) FROM device_live") == (0,)
    assert one(database, "SELECT count(*) FROM dead_letter") == (0,)


def test_a_swapped_box_takes_over_and_the_old_one_is_out(house: House, tmp_path: Path) -> None:
    old = house.enrol(tmp_path / "old").identity.path
    with house.box(old, client_id="old") as before:
        new = house.enrol(tmp_path / "new").identity.path
        wait_until(lambda: before.say(OWN) == REFUSED, what="the old box is refused", within_s=1.0)
    with house.box(new) as after:
        assert after.say(OWN) == "Success"
    with house.box(old) as before:
        assert not before.accepted
    assert len({(each.store, each.device) for each in listed_devices(house.database, now=utc_now())}) == 1


@pytest.mark.parametrize("name", ["door-box", "new-box"])
def test_a_counting_point_keeps_its_history_when_its_box_is_swapped(
    house: House, database: str, tmp_path: Path, name: str
) -> None:
    def count(box: Box, device: str, epoch: UUID) -> None:
        where = f"footfall/v1/riverside/{device}"
        assert box.say(f"{where}/status", encode(status(device=device, at=utc_now())), retain=True) == "Success"
        wait_until(lambda: one(database, "SELECT count(*) FROM line_claim k JOIN device d USING (device_id) "
                                         "WHERE d.code = %s", device) == (1,), what="the line is claimed")  # fmt: skip
        box.say(f"{where}/ledger", encode(batch(device=device, epoch=epoch, count=3)))

    with running_ingest(database, house.broker.url(house.broker.server)):
        with house.box(house.enrol(tmp_path / "old").identity.path) as old:
            count(old, "door-box", uuid4())
            wait_until(lambda: one(database, "SELECT count(*) FROM crossing") == (3,), what="the old box's counts")
        if name != "door-box":
            house.office.revoke("riverside", "door-box")
        swapped = house.enrol(tmp_path / "new", device=name).identity.path
        with house.box(swapped, client_id="new") as new:
            count(new, name, uuid4())
            wait_until(lambda: one(database, "SELECT count(*) FROM crossing") == (6,), what="the new box's counts")
    assert one(database, "SELECT count(DISTINCT line_id), count(*) FROM crossing JOIN line USING (line_id) "
                         "WHERE code = 'front-door'") == (1, 6)  # fmt: skip


def test_a_certificate_is_renewed_with_a_new_key_and_the_box_stays_itself(house: House, tmp_path: Path) -> None:
    first = house.enrol(tmp_path / "box")
    before = first.identity.path.read_bytes()
    broker = load_site(tmp_path / "box" / "site.toml").broker
    assert not Renewal(broker, ManualClock(utc_now() + timedelta(days=19))).look()
    assert Renewal(broker, ManualClock(utc_now() + timedelta(days=21))).look()
    renewed = Identity(first.identity.path)
    assert first.identity.path.read_bytes() != before
    assert renewed.not_after >= first.identity.not_after
    with house.box(first.identity.path) as box:
        assert box.say(OWN) == "Success"
    assert [each.action for each in events(house.database, limit=2)] == ["renewed", "enrolled"]


def test_a_code_is_good_once_but_an_answer_that_was_lost_may_be_asked_for_again(house: House, tmp_path: Path) -> None:
    code = house.code()
    request = request_of(new_key(tmp_path / "key")).encode()
    first = house.office.redeem(code, request, "here")
    assert house.office.redeem(code, request, "here").name == first.name
    with pytest.raises(TrustError, match="ask for a new one"):
        house.office.redeem(code, request_of(new_key(tmp_path / "thief")).encode(), "there")


def test_codes_end_by_time_by_a_newer_one_by_revocation_and_with_their_store(house: House, tmp_path: Path) -> None:
    request = request_of(new_key(tmp_path / "key")).encode()
    expired = house.code(lasts=timedelta(seconds=-1))
    older, _ = house.code(), house.code()
    house.code("hilltop")
    revoked = house.code(device="stolen")
    house.office.revoke("riverside", "stolen")
    closed = house.code("hilltop")
    house.office.close_store("hilltop")
    for code in (expired, older, revoked, closed, EnrolmentCode.new(house.authority.fingerprint)):
        with pytest.raises(TrustError, match="ask for a new one"):
            house.office.redeem(code, request, "here")


def test_guessing_is_locked_out_and_written_down(house: House, tmp_path: Path) -> None:
    for _ in range(WRONG_MAX):
        with pytest.raises(EnrolmentError, match="ask for a new one"):
            enrol(EnrolmentCode.new(house.authority.fingerprint), house.url, tmp_path / "site.toml",
                  source="usb:0", size=lambda: (640, 480))  # fmt: skip
    with pytest.raises(EnrolmentError, match="too many wrong codes"):
        enrol(house.code(), house.url, tmp_path / "site.toml", source="usb:0", size=lambda: (640, 480))
    seen = [each.action for each in events(house.database, limit=100)]
    assert (seen.count("code_refused"), seen.count("locked_out")) == (WRONG_MAX, 1)
    assert not (tmp_path / "site.toml").exists()


def test_a_server_that_the_code_is_not_of_learns_nothing(house: House, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other", now=utc_now, create=True)
    with pytest.raises(EnrolmentError, match="somebody stands between: nothing was sent"):
        enrol(EnrolmentCode.new(other.fingerprint), house.url, tmp_path / "site.toml",
              source="usb:0", size=lambda: (640, 480))  # fmt: skip
    assert events(house.database, limit=10) == []
    assert not (tmp_path / "box.key.pending").exists()


def test_a_template_becomes_the_box_s_site_file(house: House, tmp_path: Path) -> None:
    template = (
        '[[cameras]]\nname = "door"\nsource = "usb:0"\n'
        '[[cameras.lines]]\nname = "front"\npoints = [[1, 50], [90, 50]]\n'
    )
    code = house.code(site=template)
    enrol(code, house.url, tmp_path / "site.toml", source="usb:0", size=lambda: (640, 480))
    site = load_site(tmp_path / "site.toml")
    assert (site.store, site.device) == ("riverside", "door-box")
    assert [line.name for camera in site.cameras for line in camera.lines] == ["front"]


def test_the_first_line_lies_within_the_picture_that_the_camera_gives(house: House, tmp_path: Path) -> None:
    site, picture = tmp_path / "site.toml", tmp_path / "camera" / "1.png"
    picture.parent.mkdir()
    cv2.imwrite(str(picture), np.full((240, 320, 3), 128, np.uint8))
    arguments = ["edge", "enroll", str(house.code()), "--server", house.url, "--site", str(site)]
    done = CliRunner().invoke(app, [*arguments, "--camera", str(picture.parent)])
    assert done.exit_code == 0, done.output
    line = load_site(site).cameras[0].lines[0]
    assert all(0 <= x < 320 and 0 <= y < 240 for x, y in line.points)
    assert "assuming" not in done.output


def test_a_revocation_that_another_of_ours_carries_out_at_once_is_no_error(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = house.enrol(tmp_path / "box").identity.path
    as_it_is, url = Client.publish, house.broker.url(house.broker.server)

    def overtaken(self: Client, *given: Any, **more: Any) -> MQTTMessageInfo:
        monkeypatch.setattr(Client, "publish", as_it_is)
        assert end_session(url, "riverside", "door-box")
        wait_until(lambda: not self.is_connected(), what="the first session is thrown out")
        return as_it_is(self, *given, **more)

    with house.box(path) as box:
        monkeypatch.setattr(Client, "publish", overtaken)
        assert house.office.revoke("riverside", "door-box")
        wait_until(lambda: box.ended is not None, what="the connection is cut")


def test_a_closed_store_s_boxes_are_out_and_opening_it_again_needs_new_codes(house: House, tmp_path: Path) -> None:
    path = house.enrol(tmp_path / "box").identity.path
    with house.box(path) as box:
        assert house.office.close_store("riverside") == 1
        wait_until(lambda: box.ended is not None, what="the connection is cut")
    with pytest.raises(StoreError, match="closed"):
        house.code()
    house.enrolments.opened("riverside", now=utc_now())
    with house.box(path) as again:
        assert not again.accepted
    assert house.enrol(tmp_path / "again").store == "riverside"
