"""MJPEG cameras over a real HTTP server: with their manners, and with each fault that a cheap one has."""

import itertools
import logging
import threading
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from contract.entries import CameraUptime
from deploy.cli.main import app
from edge.agent import Agent
from edge.clock import utc_now
from edge.config import BrokerConfig, CameraConfig, LineConfig, OutboxConfig, SiteConfig, load_site
from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.capture import Capture, CaptureRules
from edge.sources.mjpeg import MjpegSource
from edge.sources.multipart import PICTURE_BYTES_MAX
from edge.sources.opening import open_source
from tests.support.clocks import wait_until
from tests.support.mjpeg_server import PASSWORD, SIZE, USER, Camera, running_camera

RULES = CaptureRules(stale_s=0.5, open_s=3.0, retry_s=0.02, retry_max_s=0.1)
LOGIN = f"{USER}:{PASSWORD}@"


def frames_of(camera: Camera, count: int, *, login: str = "") -> list[Frame]:
    source = MjpegSource(camera.url(login), clock=utc_now)
    try:
        assert source.size == SIZE
        return list(itertools.islice(source, count))
    finally:
        source.close()


def grey(frame: Frame) -> int:
    return int(frame.image[10, 10, 0])


@pytest.mark.parametrize(
    "manners",
    [
        {},
        {"boundary": "--frame", "announced": "--frame"},
        {"boundary": "----frame", "announced": "--frame"},
        {"boundary": "frame"},
        {"boundary": "--a b:c", "announced": '"a b:c"'},
        {"kind": "multipart/x-mixed-replace"},
        {"length": False},
        {"part_kind": None},
        {"part_kind": None, "length": False},
        {"part_kind": "image/jpg"},
        {"chunked": True},
        {"chunked": True, "length": False},
        {"spoil": lambda _, data: data + bytes(64)},
    ],
)
def test_a_stream_is_read_whatever_a_cheap_camera_makes_of_the_standard(manners: dict[str, object]) -> None:
    before = utc_now()
    with running_camera(**manners) as camera:
        frames = frames_of(camera, 6)
    assert [grey(frame) for frame in frames] == pytest.approx([40, 41, 42, 43, 44, 45], abs=1)
    assert [frame.index for frame in frames] == list(range(6))
    assert all(a.time_s <= b.time_s and a.captured_at <= b.captured_at for a, b in itertools.pairwise(frames))
    assert before <= frames[0].captured_at <= utc_now(), "stamped by arrival"


@pytest.mark.parametrize("login", ["basic", "digest"])
def test_a_login_in_the_address_is_used_and_a_wrong_one_is_told_without_it(login: str) -> None:
    with running_camera(login=login) as camera:
        assert len(frames_of(camera, 2, login=LOGIN)) == 2
        for wrong in ("", f"{USER}:wr0ng-word@", "other:%40wr0ng@"):
            with pytest.raises(SourceError, match="answers 401: it refuses the user or the password") as told:
                MjpegSource(camera.url(wrong), clock=utc_now)
            assert "wr0ng" not in str(told.value)


@pytest.mark.parametrize(
    ("manners", "told"),
    [
        ({"status": 404}, "answers 404: it has nothing there"),
        ({"status": 503}, "answers 503"),
        ({"kind": "text/html"}, r"expected an MJPEG stream \(multipart/x-mixed-replace\), got text/html"),
        ({"kind": "image/jpeg"}, "That is a single picture"),
        ({"part_kind": "text/plain"}, "expected JPEG pictures, got a part of type 'text/plain'"),
        ({"last": 0}, "the camera ended the stream"),
        ({"moved_to": "ftp://127.0.0.1/secret-hunter2"}, "answers 302"),
        ({"spoil": lambda _, data: data[: len(data) // 2]}, "10 pictures in a row came cut short or broken"),
        ({"spoil": lambda _, data: data[:700] + data[900:]}, "cut short or broken"),
        ({"spoil": lambda _, data: data[:-2] + bytes(PICTURE_BYTES_MAX)}, "pictures of at most 8 MiB, got one of"),
    ],
)  # fmt: skip
def test_what_is_no_good_stream_is_told(manners: dict[str, object], told: str) -> None:
    with running_camera(fps=200, **manners) as camera, pytest.raises(SourceError, match=told) as error:
        MjpegSource(camera.url(LOGIN), clock=utc_now)
    assert PASSWORD not in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x", "http://user:p/w0rd@127.0.0.1/x", "https://127.0.0.1:1/"])
def test_an_address_that_leads_nowhere_is_told_without_a_piece_of_its_password(address: str) -> None:
    with pytest.raises(SourceError) as told:
        open_source(CameraConfig(name="door", source=address))
    assert "w0rd" not in str(told.value)
    assert "user:" not in str(told.value)


def test_half_a_picture_is_left_out_and_the_whole_ones_around_it_are_not() -> None:
    def spoil(number: int, data: bytes) -> bytes:
        return data[: len(data) // 2] if number % 3 == 1 else data

    with running_camera(spoil=spoil) as camera:
        frames = frames_of(camera, 6)
    assert [frame.index for frame in frames] == [0, 2, 3, 5, 6, 8]


def test_a_picture_without_an_end_is_given_up_in_bounded_memory() -> None:
    with running_camera(length=False, endless_from=2) as camera:
        source = MjpegSource(camera.url(), clock=utc_now)
        tracemalloc.start()
        before, _ = tracemalloc.get_traced_memory()
        with pytest.raises(SourceError, match="without its end"):
            list(source)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        source.close()
        assert camera.sent_bytes > PICTURE_BYTES_MAX
    assert peak - before < 3 * PICTURE_BYTES_MAX


def test_what_is_not_due_is_not_decoded() -> None:
    clock = itertools.count()
    start = datetime(2026, 11, 21, tzinfo=UTC)
    with running_camera(fps=500) as camera:
        source = MjpegSource(camera.url(), clock=lambda: start + timedelta(seconds=next(clock) / 10), fps=2)
        frames = list(itertools.islice(source, 4))
        source.close()
    assert [frame.index for frame in frames] == [0, 5, 10, 15]


def test_a_stalled_camera_is_down_at_once_and_comes_back_by_itself() -> None:
    with running_camera() as camera:
        capture = captured(camera)
        before = taken(capture)
        camera.manners.silent.set()
        wait_until(lambda: capture.fault is not None, what="it is down", within_s=3)
        assert capture.fault is not None
        assert capture.fault.startswith("no frame for")
        assert not capture.up
        camera.manners.silent.clear()
        after = taken(capture, until=lambda frame: frame.discontinuity)
        assert after.index > before.index
        seen = capture.watched()
        assert 0 < seen.up_s < seen.period_s
        capture.stop()


def test_a_camera_that_hangs_up_again_and_again_is_asked_with_growing_pauses() -> None:
    with running_camera(last=3) as camera:
        capture = captured(camera, rules=CaptureRules(stale_s=0.5, retry_s=0.02, retry_max_s=0.1))
        wait_until(lambda: len(camera.requests) >= 5, what="it was asked five times")
        capture.stop()
    with running_camera(status=503) as camera:
        capture = captured(camera, rules=CaptureRules(retry_s=0.05, retry_max_s=100))
        wait_until(lambda: len(camera.requests) >= 4, what="it was asked four times")
        waits = threading.Event()
        waits.wait(0.2)
        assert len(camera.requests) <= 5, "the next pause is half a second at least"
        capture.stop()


def test_an_agent_books_what_the_camera_was_down_and_logs_no_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with running_camera(login="basic") as camera:
        line = LineConfig(name="front-door", points=((100, 10), (100, 200)))
        source = camera.url(LOGIN, "/video?token=" + PASSWORD)
        door = CameraConfig(name="door", source=source, model="motion", lines=(line,))
        site = SiteConfig(
            store="riverside", device="door-box", broker=BrokerConfig(port=1), cameras=(door,),
            outbox=OutboxConfig(path=str(tmp_path / "outbox.sqlite")),
        )  # fmt: skip
        stop = threading.Event()
        agent = Agent(site)
        thread = threading.Thread(target=agent.run, args=(stop,))
        with caplog.at_level(logging.DEBUG):
            thread.start()
            (worker,) = agent.cameras
            wait_until(lambda: worker.health().state == "up", what="the camera is up")
            camera.manners.silent.set()
            wait_until(lambda: worker._capture.fault is not None, what="the camera is down", within_s=20)
            assert worker.health().state == "down"
            camera.manners.login = "digest"  # now it refuses what it took before
            camera.manners.silent.clear()
            wait_until(lambda: len(camera.requests) > 2, what="it is asked again")
            stop.set()
            thread.join(20)
    assert "camera door down" in caplog.text
    assert PASSWORD not in caplog.text
    booked = [entry for entry in open_outbox(tmp_path) if isinstance(entry, CameraUptime)]  # two over a full minute
    up_s, of_s = sum(entry.up_s for entry in booked), sum(entry.period_s for entry in booked)
    assert 0 < up_s < of_s - 1, "its downtime is booked"


def test_the_commands_take_such_a_camera(tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    with running_camera(login="digest") as camera:
        made = CliRunner().invoke(app, ["edge", "init", camera.url(LOGIN), "--site", str(site)])
        assert made.exit_code == 0, made.output
        assert load_site(site).cameras[0].source == camera.url(LOGIN)
        assert "320 x 240" in site.read_text(encoding="utf-8")
        site.write_text(site.read_text(encoding="utf-8").replace("yolox-nano", "motion"), encoding="utf-8")
        seen = CliRunner().invoke(app, ["doctor", "--site", str(site), "--seconds", "1"])
        assert "✓ camera door" in seen.output
        camera.manners.login = "basic"
        camera.manners.status = 404
        again = CliRunner().invoke(app, ["doctor", "--site", str(site), "--seconds", "1"])
    assert "✗ camera door" in again.output
    for said in (made.output, seen.output, again.output):
        assert PASSWORD not in said


def captured(camera: Camera, rules: CaptureRules = RULES) -> Capture:
    capture = Capture("door", lambda: MjpegSource(camera.url(), clock=utc_now), rules=rules)
    capture.start()
    return capture


def taken(capture: Capture, *, until: Callable[[Frame], bool] = lambda _: True) -> Frame:
    found: list[Frame] = []

    def look() -> bool:
        frame = capture.latest(0.2)
        if frame is not None and until(frame):
            found.append(frame)
        return bool(found)

    wait_until(look, what="such a frame")
    return found[0]


def open_outbox(folder: Path) -> list[object]:
    from edge.publishing.sqlite_outbox import SqliteOutbox  # noqa: PLC0415 - beside its only use

    outbox = SqliteOutbox(folder / "outbox.sqlite")
    run = outbox.pending()
    outbox.close()
    assert run is not None
    return list(run.entries)
