"""Network cameras against a real RTSP server: frames over TCP, and coming back after the server was killed."""

import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from deploy.process import free_port
from edge.config import CameraConfig
from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.capture import Capture, CaptureRules
from edge.sources.opening import open_source
from tests.support.rtsp import INSTALLED, RtspServer, write_h264

pytestmark = pytest.mark.skipif(
    not INSTALLED,
    reason="no RTSP server: pip install 'aio-rtsp-toolkit[server]'",
)

SIZE = (320, 240)


def eventually(condition: Callable[[], bool], *, within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        threading.Event().wait(0.02)


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with thirty seconds of H.264, 10 frames per second."""
    folder = tmp_path_factory.mktemp("clips")
    images = (np.full((SIZE[1], SIZE[0], 3), 40 + number % 100, np.uint8) for number in range(300))
    try:
        pictures = (av.VideoFrame.from_ndarray(image, format="bgr24") for image in images)
        write_h264(folder / "clip.mp4", pictures, size=SIZE, fps=10)
    except av.error.FFmpegError as error:
        pytest.skip(f"this PyAV has no H.264 encoder: {error}")
    return folder


@pytest.fixture
def server(clips: Path) -> Iterator[RtspServer]:
    running = RtspServer(clips)
    running.start()
    yield running
    running.kill()


def test_frames_come_over_the_network_with_rising_numbers_and_times(server: RtspServer) -> None:
    source = open_source(CameraConfig(name="door", source=server.url))
    assert source.size == SIZE
    frames = [frame for frame, _ in zip(source, range(12), strict=False)]
    source.close()
    assert [frame.index for frame in frames] == list(range(12))
    assert all(a.time_s <= b.time_s and a.captured_at <= b.captured_at for a, b in itertools.pairwise(frames))
    assert frames[0].size == SIZE


def test_a_camera_that_is_killed_is_down_and_comes_back_by_itself(server: RtspServer) -> None:
    camera = CameraConfig(name="door", source=server.url)
    rules = CaptureRules(stale_s=1.0, retry_s=0.05, retry_max_s=0.2)
    capture = Capture("door", lambda: open_source(camera), rules=rules)
    capture.start()
    before = taken(capture)
    server.kill()
    eventually(lambda: capture.fault is not None)
    eventually(lambda: not capture.up)
    server.start()
    after = taken(capture, until=lambda frame: frame.discontinuity)
    assert after.index > before.index
    assert after.time_s >= before.time_s
    seen = capture.watched()
    assert 0 < seen.up_s < seen.period_s
    capture.stop()


def test_a_camera_that_falls_silent_is_down_at_once_and_opened_anew_when_it_speaks_again(server: RtspServer) -> None:
    camera = CameraConfig(name="door", source=server.url)
    rules = CaptureRules(stale_s=1.0, open_s=15.0, retry_s=0.05, retry_max_s=0.2)
    capture = Capture("door", lambda: open_source(camera), rules=rules)
    capture.start()
    before = taken(capture)
    # The connection stays: the library would wait for two or three of its time-outs of five seconds.
    server.signal(signal.SIGSTOP)
    silent_since_s = time.monotonic()
    eventually(lambda: capture.fault is not None)
    assert time.monotonic() - silent_since_s < 3.0
    assert capture.fault is not None
    assert capture.fault.startswith("no frame for")
    assert not capture.up
    server.signal(signal.SIGCONT)
    after = taken(capture, until=lambda frame: frame.discontinuity)
    assert after.index > before.index
    assert capture.up
    seen = capture.watched()
    assert 0 < seen.up_s < seen.period_s
    capture.stop()


def test_a_stream_that_is_not_there_is_told() -> None:
    with pytest.raises(SourceError, match=r"rtsp://127\.0\.0\.1"):
        open_source(CameraConfig(name="door", source=f"rtsp://127.0.0.1:{free_port()}/absent"))


def taken(capture: Capture, *, until: Callable[[Frame], bool] = lambda _: True) -> Frame:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        frame = capture.latest(0.5)
        if frame is not None and until(frame):
            return frame
    raise AssertionError(f"no such frame came; fault: {capture.fault}")
