"""Whether the box is fast enough for its cameras. Apart from what asks servers: pictures are looked at here."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from edge.config import CameraConfig
from edge.detection.opening import open_detector
from edge.detection.protocol import Detector
from edge.doctor.checks import Check
from edge.errors import EdgeError
from edge.frames import Frame
from models.errors import ModelsError

_ASSUMED_FPS: Final = 10.0
#: A camera that is looked at less often than this loses people who walk fast.
_LEAST_FPS: Final = 4.0
_ROUNDS: Final = 5


def throughput_checks(
    cameras: Sequence[tuple[CameraConfig, Frame, float | None]],
    *,
    monotonic: Callable[[], float],
    cores: int,
    open_: Callable[..., Detector] = open_detector,
) -> Iterator[Check]:
    """Yield whether each model loads, and whether this box can look at all (camera, frame, fps) at their rate.

    Each frame is timed as if the detector looked at it whole and every time: what is spared comes on top.
    """
    busy, least = 0.0, 0.0
    for camera, frame, fps in cameras:
        try:
            detector = open_(camera.model, confidence=camera.confidence, threads=camera.threads)
            detector.detect(frame.picture)
            started_s = monotonic()
            for _ in range(_ROUNDS):
                detector.detect(frame.picture)
        except (EdgeError, ModelsError) as error:
            yield Check("throughput", camera.name, "error", str(error))
            continue
        look_s = (monotonic() - started_s) / _ROUNDS * camera.threads
        wanted = camera.fps or fps or _ASSUMED_FPS
        busy, least = busy + look_s * wanted, least + look_s * min(wanted, _LEAST_FPS)
        yield Check("throughput", camera.name, "good", f"{1000 * look_s:.1f} ms a look with {camera.model}")
    if busy:
        yield _load(busy, least, cores)


def _load(busy: float, least: float, cores: int) -> Check:
    shown = f"all cameras at their rate keep {busy:.2f} of {cores} cores busy, if every frame is looked at whole"
    advice = "Set a lower `fps`, choose a smaller model, or give cameras to another box"
    if least > cores:
        return Check("throughput", "", "error", f"{shown}: not even {_LEAST_FPS:g} frames per second fit", advice)
    return Check("throughput", "", "good", shown) if busy <= cores else Check(
        "throughput", "", "warning", f"{shown}: frames will be left out", advice
    )  # fmt: skip
