"""Set-up pictures at the server: only what was asked for, of whom, in time, once; seen by name, gone after a day."""

import io
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import psycopg2
import pytest
from PIL import Image

from contract.control import TakePicture, command_of
from deploy.errors import SetupPictureError
from deploy.setup_pictures import events, listed, view
from ingest import dead_letters
from ingest.database import Database
from ingest.housekeeping import Housekeeping
from ingest.pictures import encoded_anew
from ingest.replay import Replay
from tests.support.clocks import wait_until
from tests.support.ingesting import running_ingest
from tests.support.ledger import count, one, rows
from tests.support.mqtt import wire_device
from tests.support.pictures_asked import ASKED_AT, answer, ask, deliver, enrolled_box
from tests.support.plain_jpeg import HEADER, jpeg, segments
from tests.support.servers import RunningBroker

DAY = timedelta(hours=24)
ANSWERED_WITHIN = timedelta(minutes=30)


@pytest.fixture
def url(database: str) -> str:
    enrolled_box(database)
    return database


@pytest.fixture
def opened(url: str) -> Database:
    return Database(url)


def kept_bytes(url: str) -> int:
    """How many bytes of any refused message are kept."""
    (total,) = one(url, "SELECT COALESCE(sum(octet_length(payload)), 0) FROM dead_letter")
    return int(total)


def reason(url: str) -> str:
    ((text,),) = rows(url, "SELECT reason FROM dead_letter")
    return str(text)


def test_the_answer_to_a_request_is_kept_and_can_be_seen_by_name(url: str, opened: Database) -> None:
    asked = ask(url)
    assert listed(opened, now=ASKED_AT)[0].state == "waiting"
    assert deliver(url, answer(asked)).dead_letters == 0
    (found,) = listed(opened, now=ASKED_AT)
    assert (found.state, found.asked_by, found.why, found.camera) == ("ready", "anna", "draw the entrance", "door")
    assert (found.samples, found.covered_share, found.delete_at) == (40, 0.125, ASKED_AT + DAY)
    image = view(opened, asked, by="ben", how="dashboard", now=ASKED_AT + timedelta(hours=1))
    assert Image.open(io.BytesIO(image)).size == (320, 180)
    assert [(each.action, each.by, each.how) for each in events(opened, asked)] == [
        ("received", None, None), ("viewed", "ben", "dashboard"),
    ]  # fmt: skip


def test_what_is_kept_is_encoded_anew(url: str, opened: Database) -> None:
    asked, sent = ask(url), jpeg()
    deliver(url, answer(asked, image=sent))
    kept = view(opened, asked, by="ben", how="dashboard", now=ASKED_AT)
    assert kept != sent
    assert {marker for marker, _, _ in segments(kept)} <= {0xE0, 0xDB, 0xC0, 0xC4}, "and has no metadata"


def undecodable() -> bytes:
    """A JPEG whose segments are in order and whose Huffman tables are none."""
    image = bytearray(jpeg())
    for marker, start, end in segments(bytes(image)):
        if marker == 0xC4:
            image[start + 5 : end] = bytes(end - start - 5)
    return bytes(image)


Refused = Callable[[UUID], bytes]


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(lambda _: answer(uuid4()), id="that nobody asked for"),
        pytest.param(lambda asked: answer(asked, camera="street"), id="of another camera"),
        pytest.param(lambda asked: answer(asked, image=undecodable()), id="whose tables decode nothing"),
        pytest.param(lambda _: jpeg(1920, 1080), id="that is a frame without a header"),
        pytest.param(lambda _: b"\x00" * 150_000, id="that is no picture"),
    ],
)
def test_a_picture_is_refused_and_its_bytes_are_not_kept(url: str, payload: Refused) -> None:
    asked = ask(url)
    assert deliver(url, payload(asked)).dead_letters == 1
    assert count(url, "setup_picture") == 0
    assert kept_bytes(url) == 0


def test_another_device_cannot_answer(url: str) -> None:
    enrolled_box(url, "side-box")
    asked = ask(url)
    assert deliver(url, answer(asked, device="side-box"), device="side-box").dead_letters == 1
    assert "nobody waits for it" in reason(url)
    assert deliver(url, answer(asked), device="side-box").dead_letters == 1
    assert count(url, "setup_picture") == 0
    assert kept_bytes(url) == 0


def test_a_request_is_answered_once(url: str, opened: Database) -> None:
    asked = ask(url)
    assert deliver(url, answer(asked)).dead_letters == 0
    before = view(opened, asked, by="ben", how="dashboard", now=ASKED_AT)
    assert deliver(url, answer(asked, image=jpeg(seed=9))).dead_letters == 1
    assert view(opened, asked, by="ben", how="dashboard", now=ASKED_AT) == before


def test_an_answer_that_was_deleted_cannot_come_again(url: str) -> None:
    asked = ask(url)
    deliver(url, answer(asked))
    rows(url, "DELETE FROM setup_picture RETURNING command_id")
    assert deliver(url, answer(asked)).dead_letters == 1


def test_an_answer_that_comes_too_late_is_refused(url: str, opened: Database) -> None:
    asked = ask(url)
    assert listed(opened, now=ASKED_AT + ANSWERED_WITHIN)[0].state == "unanswered"
    assert deliver(url, answer(asked), at=ASKED_AT + ANSWERED_WITHIN).dead_letters == 1
    assert deliver(url, answer(asked), at=ASKED_AT + ANSWERED_WITHIN - timedelta(seconds=1)).dead_letters == 0


def test_a_box_that_was_shut_out_cannot_answer(url: str) -> None:
    asked = ask(url)
    rows(url, "UPDATE enrolment SET ended_at = now(), ended_by = 'revoked' RETURNING name")
    assert deliver(url, answer(asked)).dead_letters == 1
    assert count(url, "setup_picture") == 0


def test_the_same_refusal_is_one_letter_that_cannot_be_replayed(url: str) -> None:
    for seed in range(3):
        deliver(url, answer(uuid4(), image=jpeg(seed=seed)))
    ((number, times),) = rows(url, "SELECT dead_letter_id, times FROM dead_letter")
    assert times == 3
    with Replay.opened(url) as replay:
        assert replay.replay(number).text == "its bytes were not kept: it cannot be replayed"


def test_a_picture_is_not_shown_when_its_day_is_over_and_then_deleted(url: str, opened: Database) -> None:
    asked = ask(url)
    deliver(url, answer(asked))
    over = ASKED_AT + DAY
    with pytest.raises(SetupPictureError, match="deleted after 24 hours"):
        view(opened, asked, by="ben", how="dashboard", now=over)
    assert listed(opened, now=over)[0].state == "deleted"
    assert [each.action for each in events(opened, asked)] == ["received"], "nobody saw it, nobody is written down"
    now = over - timedelta(seconds=1)
    keeping = Housekeeping(url, now=lambda: now, rng=random.Random(1))  # noqa: S311  # jitter, no secret
    assert keeping.delete_pictures() == 0
    now = over
    assert keeping.delete_pictures() == 1
    assert count(url, "setup_picture") == 0
    assert [each.action for each in events(opened, asked)] == ["received", "deleted"]
    assert listed(opened, now=over)[0].asked_by == "anna", "the log stays"


@pytest.mark.parametrize(("role", "sees"), [("head_office", 1), ("installer", 1), ("manager", 0), ("region", 0)])
def test_only_roles_that_set_up_cameras_see_a_picture(url: str, role: str, sees: int) -> None:
    asked = ask(url)
    deliver(url, answer(asked))
    ((account,),) = rows(
        url,
        "INSERT INTO account (login, role, password, created_at) VALUES ('ben', %s, 'x', now()) RETURNING account_id",
        role,
    )

    def seen() -> int:
        look = "SELECT image FROM view_setup_picture(%s::uuid, %s, 'somebody else', 'dashboard', %s)"
        return len(rows(url, look, str(asked), account, ASKED_AT))

    if sees:
        assert seen() == 1
    else:
        with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="for those who set up cameras"):
            seen()
    assert rows(url, "SELECT by_whom FROM setup_picture_event WHERE action = 'viewed'") == [("ben",)] * sees
    rows(url, "UPDATE account SET disabled_at = now() RETURNING login")
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        seen()


def test_what_is_asked_is_a_command_that_the_keeper_can_sign(url: str) -> None:
    asked = ask(url)
    ((body,),) = rows(url, "SELECT body::text FROM device_command")
    command = command_of(body)
    assert isinstance(command, TakePicture)
    assert (command.id, command.camera, command.issued_at) == (asked, "door", ASKED_AT)
    assert command.expires_at == ASKED_AT + timedelta(minutes=10)


def test_pictures_are_in_no_write_ahead_log(url: str) -> None:
    """What is not there is in no archive, no base backup and no replica."""
    assert one(url, "SELECT relpersistence FROM pg_class WHERE relname = 'setup_picture'") == ("u",)


@pytest.mark.parametrize(
    ("device", "camera", "said"),
    [("cellar-box", "door", "has no device 'cellar-box'"), ("door-box", "cellar", "it has door")],
)
def test_a_request_that_no_box_could_answer_is_refused(url: str, device: str, camera: str, said: str) -> None:
    rows(
        url,
        """
        INSERT INTO device_status (device_id, state, at, received_at, version, last_seq, queue_depth, cameras)
        SELECT device_id, 'online', now(), now(), '1', 0, 0, '[{"camera": "door"}]' FROM device RETURNING device_id
        """,
    )
    with pytest.raises(SetupPictureError, match=said):
        ask(url, device, camera)
    assert count(url, "device_command") == 0


def test_a_box_that_is_not_enrolled_is_not_asked(url: str) -> None:
    rows(url, "UPDATE enrolment SET ended_at = now(), ended_by = 'revoked' RETURNING name")
    with pytest.raises(SetupPictureError, match="is not enrolled, so it believes nobody"):
        ask(url)


def test_bytes_on_any_topic_are_not_kept_as_dead_letters() -> None:
    """Neither a frame on the ledger's topic, nor one in base64 within JSON; what is text is kept to be replayed."""
    for payload in (jpeg(), b'{"image": "' + b"QUJD" * 60 + b'"}', b'{"image": "' + b"QU\\/D" * 60 + b'"}'):
        letter = dead_letters.unreadable("footfall/v1/riverside/door-box/ledger", payload, "no")
        assert letter.payload == b""
        assert letter.reason == f"no; its {len(payload)} bytes cannot be a message and were thrown away"
    text = b'{"v": 2, "entries": [' + b"1234.5," * 500 + b"0]}"
    assert dead_letters.unreadable("footfall/v1/riverside/door-box/ledger", text, "no").payload == text


def test_a_picture_comes_through_the_broker(url: str, broker: RunningBroker) -> None:
    asked = ask_now(url)
    with running_ingest(url, broker.server_url), wire_device(broker) as device:
        device.raw(("footfall/v1/riverside/door-box/picture", answer(asked)))
        wait_until(lambda: count(url, "setup_picture") == 1, what="the picture")
        device.raw(("footfall/v1/riverside/door-box/picture", answer(uuid4())))
        wait_until(lambda: count(url, "dead_letter") == 1, what="the refusal")
    assert kept_bytes(url) == 0


def ask_now(url: str) -> UUID:
    asked = ask(url)
    rows(
        url,
        "UPDATE setup_picture_request SET answer_by = %s RETURNING camera",
        datetime.now(UTC) + timedelta(minutes=5),
    )
    return asked


def test_pixels_survive_being_encoded_anew() -> None:
    sent = jpeg()
    anew = Image.open(io.BytesIO(encoded_anew(sent, (HEADER.width, HEADER.height))))
    for place in ((10, 10), (150, 90), (310, 170)):
        before, after = Image.open(io.BytesIO(sent)).getpixel(place), anew.getpixel(place)
        assert isinstance(before, tuple)
        assert isinstance(after, tuple)
        assert max(abs(a - b) for a, b in zip(before, after, strict=True)) < 12
