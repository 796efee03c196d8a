"""A camera, looked at for a few seconds: does it answer, how fast, is there light, do its lines make sense."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from edge.clock import utc_now
from edge.config import CameraConfig
from edge.doctor.checks import Check
from edge.errors import EdgeError, SourceError
from edge.frames import Frame
from edge.linting.site import lint_camera
from edge.picture.looks import FINE, is_dark, is_overexposed
from edge.picture.watch import WORDS
from edge.sources.addresses import shown
from edge.sources.opening import open_source
from edge.sources.protocol import VideoSource

#: A camera that gives less than this share of the frames that it should is slow.
_SLOW_SHARE: Final = 0.7
#: Fewer frames a second than this lose people who walk fast.
_LEAST_FPS: Final = 4.0
_FRAMES_MIN: Final = 2


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen of a camera: its last frame, and its frames per second as far as they are known."""

    frame: Frame
    fps: float | None


def see(
    camera: CameraConfig,
    *,
    seconds: float,
    monotonic: Callable[[], float],
    open_: Callable[..., VideoSource] = open_source,
) -> Sight:
    """Return what `camera` shows within `seconds`. Of a file, which is as fast as it is read, the stated rate is taken.

    Raises:
        SourceError: it cannot be opened, or gives no frame.
    """
    source = open_(camera, clock=utc_now)
    try:
        newest: Frame | None = None
        first_s, last_s, count = 0.0, 0.0, 0
        for frame in source:
            last_s = monotonic()
            first_s, count = (first_s, count + 1) if count else (last_s, 1)
            newest = frame
            if last_s - first_s >= seconds:
                break
        if newest is None:
            raise SourceError(
                f"{shown(camera.source)} was opened but gives no frame. Check that the camera streams video"
            )
        live = source.frame_count is None and not camera.loop
        measured = (count - 1) / (last_s - first_s) if count >= _FRAMES_MIN and last_s > first_s else 0.0
        return Sight(newest, measured if live else camera.fps or source.fps)
    finally:
        source.close()


def camera_checks(camera: CameraConfig, sight: Sight | EdgeError) -> Iterator[Check]:
    """Yield what is to be said about `camera`, of which `sight` was had."""
    if isinstance(sight, EdgeError):
        advice = "Is it powered and in this network? Does an agent use it? Compare `source` with the camera's own page"
        yield Check("camera", camera.name, "error", str(sight), advice)
        return
    size = sight.frame.size
    yield Check("camera", camera.name, "good", f"answers with {size[0]} x {size[1]} pixels")
    yield _rate(camera, sight.fps)
    yield _light(camera, sight.frame)
    yield from _lines(camera, size)


def _rate(camera: CameraConfig, fps: float | None) -> Check:
    if fps is None:
        return Check("frames", camera.name, "good", "as fast as they are read")
    shown = f"{fps:.1f} frames per second"
    advice = "Raise the camera's frame rate, or mend the way to it: cable, Wi-Fi, bit rate"
    if camera.fps is not None and fps < _SLOW_SHARE * camera.fps:
        return Check("frames", camera.name, "warning", f"{shown}, `fps` asks for {camera.fps:g}", advice)
    if fps < _LEAST_FPS:
        return Check("frames", camera.name, "warning", f"{shown}: who walks fast may be missed", advice)
    return Check("frames", camera.name, "good", shown)


def _light(camera: CameraConfig, frame: Frame) -> Check:
    fine = frame.picture.luma(FINE)
    level = f"mean brightness {100 * float(fine.mean()) / 255:.0f} %"
    if is_dark(fine):
        return Check("light", camera.name, "error", f"{level}: {WORDS['dark']}")
    if is_overexposed(fine):
        return Check("light", camera.name, "warning", f"{level}: {WORDS['overexposed']}")
    return Check("light", camera.name, "good", level)


def _lines(camera: CameraConfig, size: tuple[int, int]) -> Iterator[Check]:
    if not camera.lines and not camera.zones:
        advice = "Add one to the site file; `footfall edge propose` draws lines"
        yield Check("lines", camera.name, "error", "has neither a line nor a zone and counts nothing", advice)
        return
    problems = lint_camera(camera, size)
    for problem in problems:
        where = f"{problem.where}: " if problem.where else ""
        yield Check("lines", camera.name, problem.severity, f"{where}{problem.message}", problem.advice)
    if not problems:
        names = ", ".join([*(line.name for line in camera.lines), *(zone.name for zone in camera.zones)])
        yield Check("lines", camera.name, "good", f"{names} can count")
