"""Sources: every kind yields frames in order, with honest numbers and times."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge.config import CameraConfig
from edge.errors import SourceError
from edge.frames import Frame
from edge.sources.addresses import shown
from edge.sources.file import FileSource, LoopedFileSource
from edge.sources.opening import open_source
from edge.sources.pacing import Pace
from edge.sources.protocol import VideoSource
from edge.sources.rtsp import RtspSource
from edge.sources.sampling import Sampler
from tests.support.scenes import START, write_clip


def write_folder(folder: Path, *, frames: int = 20) -> Path:
    folder.mkdir()
    for number in range(frames):
        cv2.imwrite(str(folder / f"image{number}.png"), np.full((120, 160, 3), number, np.uint8))
    return folder


def file_source(tmp_path: Path) -> VideoSource:
    return FileSource(write_clip(tmp_path / "clip.mp4"), started_at=START)


def folder_source(tmp_path: Path) -> VideoSource:
    folder = write_folder(tmp_path / "images")
    return open_source(CameraConfig(name="a", source=str(folder), fps=10), clock=lambda: START)


SOURCES: dict[str, Callable[[Path], VideoSource]] = {"file": file_source, "folder": folder_source}


@pytest.fixture(params=sorted(SOURCES))
def source(request: pytest.FixtureRequest, tmp_path: Path) -> VideoSource:
    return SOURCES[request.param](tmp_path)


def test_every_source_yields_all_frames_in_order(source: VideoSource) -> None:
    frames = list(source)
    assert [frame.index for frame in frames] == list(range(20))
    assert [frame.time_s for frame in frames] == pytest.approx([number / 10 for number in range(20)])
    assert [frame.captured_at for frame in frames] == [START + timedelta(seconds=frame.time_s) for frame in frames]
    assert not any(frame.discontinuity for frame in frames)


def test_every_source_tells_its_size_rate_and_length(source: VideoSource) -> None:
    assert source.size == (160, 120)
    assert source.fps == 10
    assert source.frame_count == 20
    assert all(frame.size == (160, 120) and frame.image.dtype == np.uint8 for frame in source)


def test_every_source_can_be_closed_twice(source: VideoSource) -> None:
    source.close()
    source.close()


@pytest.mark.parametrize("suffix", ["mp4", "avi"])
def test_containers_people_use_are_read(tmp_path: Path, suffix: str) -> None:
    assert len(list(FileSource(write_clip(tmp_path / f"clip.{suffix}"), started_at=START))) == 20


def test_fewer_frames_per_second_keep_their_numbers_and_times(tmp_path: Path) -> None:
    frames = list(FileSource(write_clip(tmp_path / "clip.mp4"), started_at=START, fps=4))
    assert [frame.index for frame in frames] == [0, 3, 5, 8, 10, 13, 15, 18]
    assert frames[1].time_s == pytest.approx(0.3)


@pytest.mark.parametrize(("own", "wanted", "expected"), [(10, 5, 50), (25, 10, 100), (10, 30, 100), (30, 7, 70)])
def test_the_sampler_keeps_its_rate_without_drift(own: int, wanted: float, expected: int) -> None:
    sampler = Sampler(wanted)
    due = sum(sampler.due(number / own) for number in range(own * 10))
    assert due == expected


def test_a_sampler_without_a_rate_takes_everything() -> None:
    assert all(Sampler(None).due(0.0) for _ in range(5))


def looped(path: Path, *, stop_after: int, now: list[datetime], fps: float | None = None) -> list[Frame]:
    def wait(seconds: float) -> bool:
        now[0] += timedelta(seconds=seconds)
        return False

    source = LoopedFileSource(path, clock=lambda: now[0], wait=wait, fps=fps)
    frames = []
    for frame in source:
        frames.append(frame)
        if len(frames) == stop_after:
            source.close()
            break
    return frames


def test_a_looped_file_plays_at_its_own_pace_and_marks_where_it_begins_again(tmp_path: Path) -> None:
    now = [START]
    frames = looped(write_clip(tmp_path / "clip.mp4"), stop_after=50, now=now)
    assert [frame.index for frame in frames] == list(range(50)), "numbers go on"
    assert [frame.time_s for frame in frames] == pytest.approx([number / 10 for number in range(50)])
    assert [frame.index for frame in frames if frame.discontinuity] == [20, 40]
    assert frames[-1].captured_at == START + timedelta(seconds=4.9)
    assert now[0] == START + timedelta(seconds=4.9)


def test_a_looped_file_at_a_lower_rate_still_marks_its_beginning(tmp_path: Path) -> None:
    frames = looped(write_clip(tmp_path / "clip.mp4"), stop_after=25, now=[START], fps=5)
    assert [number for number, frame in enumerate(frames) if frame.discontinuity] == [10, 20]


def test_a_paced_file_gives_every_frame_and_none_before_its_moment(tmp_path: Path) -> None:
    now, waited = [START], []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        now[0] += timedelta(seconds=seconds)
        return False

    source = FileSource(write_clip(tmp_path / "clip.mp4"), started_at=START, pace=Pace(lambda: now[0], wait))
    frames = []
    for frame in source:
        assert frame.captured_at <= now[0]
        frames.append(frame)
        if frame.index == 4:
            now[0] += timedelta(seconds=1)  # whoever counts is slow for a while
    assert [frame.index for frame in frames] == list(range(20))
    assert waited[5:14] == [0.0] * 9, "it makes up for it"
    assert now[0] == START + timedelta(seconds=1.9)


def test_a_paced_file_that_is_closed_stops_waiting(tmp_path: Path) -> None:
    pace = Pace(lambda: START)
    pace.close()
    assert [frame.index for frame in FileSource(write_clip(tmp_path / "clip.mp4"), started_at=START, pace=pace)] == []


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("absent.mp4", "no such video file"),
        ("gopher://10.0.0.1/x", "expected rtsp://"),
        ("usb:97", "Is it plugged in"),
        ("rtsp://user:secret@127.0.0.1:1/none", "cannot be opened"),
    ],
)
def test_a_source_that_is_not_there_says_what_to_check(address: str, said: str) -> None:
    with pytest.raises(SourceError, match=said) as refused:
        open_source(CameraConfig(name="a", source=address))
    assert "secret" not in str(refused.value)


def test_a_file_that_is_no_video_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video")
    with pytest.raises(
        SourceError, match=r"notes\.mp4: cannot be opened as video: .*\. Give a video that FFmpeg reads .* or a folder"
    ):
        FileSource(tmp_path / "notes.mp4", started_at=START)


def test_a_folder_without_images_or_with_odd_ones_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match="expected images"):
        open_source(CameraConfig(name="a", source=str(tmp_path / "empty")))
    odd = write_folder(tmp_path / "odd", frames=2)
    cv2.imwrite(str(odd / "image1.png"), np.zeros((10, 10, 3), np.uint8))
    with pytest.raises(SourceError, match=r"image1\.png: expected \(160, 120\)"):
        list(open_source(CameraConfig(name="a", source=str(odd))))


def test_images_are_read_in_the_order_people_number_them(tmp_path: Path) -> None:
    source = open_source(CameraConfig(name="a", source=str(write_folder(tmp_path / "images", frames=12))))
    assert [int(frame.image[0, 0, 0]) for frame in source] == list(range(12))


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("rtsp://user:p@ss@10.0.0.20:554/s?x=1", "rtsp://…@10.0.0.20:554/s?…"),
        ("http://user:p/a?s#s@10.0.0.20/s", "http://…@10.0.0.20/s"),
        ("http://10.0.0.20/video.cgi?user=admin&pwd=hunter2", "http://10.0.0.20/video.cgi?…"),
        ("rtsp://10.0.0.20/user=admin_password=hunter2_channel=1.sdp", "rtsp://10.0.0.20/user=…"),
        ("rtsp://10.0.0.20/s", "rtsp://10.0.0.20/s"),
        ("clips/user=me/a@b.mp4", "clips/user=me/a@b.mp4"),
        ("usb:0", "usb:0"),
    ],
)
def test_a_password_never_stands_in_a_message(address: str, said: str) -> None:
    assert shown(address) == said


def test_an_address_of_an_unknown_kind_is_refused_without_its_password() -> None:
    with pytest.raises(SourceError, match=r"ftp://…@10\.0\.0\.20/a: expected rtsp"):
        open_source(CameraConfig(name="a", source="ftp://user:hunter2@10.0.0.20/a"))


class Unstamped:
    """A container whose first pictures carry no time stamp, as RTSP cameras begin."""

    def __init__(self, container: Any) -> None:
        self._container = container

    def decode(self, stream: Any) -> Iterator[Any]:
        for number, raw in enumerate(self._container.decode(stream)):
            if number < 3:
                raw.pts = None
            yield raw

    def close(self) -> None:
        self._container.close()


def test_frames_of_a_network_camera_are_stamped_by_arrival_whether_they_carry_a_stamp_or_not(tmp_path: Path) -> None:
    ticks = count()
    path = write_clip(tmp_path / "clip.mp4", frames=12)
    source = RtspSource(str(path), clock=lambda: START + timedelta(seconds=next(ticks) / 4))
    source._container._container = Unstamped(source._container._container)  # type: ignore[assignment]
    frames = list(islice(source, 6))
    source.close()
    assert [frame.time_s for frame in frames] == [0.0, 0.25, 0.5, 0.75, 1.0, 1.25]
    assert [frame.captured_at for frame in frames] == [START + timedelta(seconds=frame.time_s) for frame in frames]
