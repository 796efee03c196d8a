"""The runner of Ultralytics' ObjectCounter solution with ByteTrack.

It knows only the centre of a box. To be fair, a line that is drawn for feet is moved up by half a person (`--lift`).
Several lines share one inference and one tracker: each further counter takes over what the first one tracked. See `job`
for the command line.
"""

import importlib
import os
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, Final

from deploy.bench.rivals.job import CannotError, Direction, Job, Line, Step, Tool, run_as_program
from edge.frames import Frame
from models.quiet import import_ultralytics
from models.registry import load_registry, locate

_PERSON: Final = 0
#: Weak boxes only continue a person already known, as ByteTrack wants it and as Ultralytics' own `track` sets it.
_LEAST_SCORE: Final = 0.1


class ObjectCounterTool(Tool):
    """One ObjectCounter per line."""

    distributions = ("ultralytics-opencv-headless", "torch")

    def __init__(self, job: Job) -> None:
        self._model = loadable(job.model)
        self._lines = job.lines
        self._lift = job.lift
        os.environ["YOLO_AUTOINSTALL"] = "false"
        import_ultralytics().utils.LOGGER.setLevel("ERROR")
        stand_in_for_torchvision()

    def begin(self, fps: float) -> Step:
        """Return fresh counters. The rate is not theirs to know: their tracker counts in frames."""
        del fps
        from ultralytics.solutions import ObjectCounter  # noqa: PLC0415 - only in the rival's own environment

        def counter(line: Line) -> Any:
            lift = self._lift if line.anchor == "foot" else 0.0
            region = [(x, y - lift) for x, y in (line.start, line.end)]
            options = {"classes": [_PERSON], "conf": _LEAST_SCORE, "tracker": "bytetrack.yaml"}
            return ObjectCounter(
                model=str(self._model), region=region, show=False, verbose=False, device="cpu", **options
            )

        counters = [(line, counter(line)) for line in self._lines]
        leader = counters[0][1]
        for _, follower in counters[1:]:
            follow(follower, leader)

        def step(frame: Frame) -> list[tuple[str, Direction]]:
            crossed: list[tuple[str, Direction]] = []
            for line, each in counters:
                before = each.in_count, each.out_count
                each(frame.image.copy())  # it draws into what it is given
                gained = each.in_count - before[0], each.out_count - before[1]
                for times, way in zip(gained, directions(line), strict=True):
                    crossed += [(line.name, way)] * times
            self.followed = list(leader.track_ids), [box.tolist() for box in leader.boxes]
            return crossed

        return step


def follow(follower: Any, leader: Any) -> None:
    """Make `follower` count what `leader` tracked in the same frame, instead of tracking anew."""

    def extract_tracks(image: object) -> None:
        del image
        with follower.profilers[0]:  # its summary asks how long tracking took
            pass
        for name in ("boxes", "clss", "track_ids", "confs", "tracks", "track_data"):
            setattr(follower, name, getattr(leader, name))
        removed = leader.model.predictor.trackers[0].removed_stracks_frame
        follower.forget_tracks([track.track_id for track in removed])

    follower.extract_tracks = extract_tracks


def stand_in_for_torchvision() -> None:
    """Let Ultralytics select boxes with its own code where torchvision cannot be imported.

    torchvision on the package index is linked with CUDA: beside a torch for the processor its import fails. Ultralytics
    imports it for its `nms` alone, and has an equivalent of its own.
    """
    try:
        importlib.import_module("torchvision")
    except (ImportError, RuntimeError, OSError):
        own = importlib.import_module("ultralytics.utils.nms").TorchNMS
        module: Any = ModuleType("torchvision")
        module.ops = SimpleNamespace(nms=own.nms)
        sys.modules["torchvision"] = module


def directions(line: Line) -> tuple[Direction, Direction]:
    """Return what its `in` and its `out` are to us.

    At a line that is higher than wide its `in` goes to the right, at another one down.
    """
    dx, dy = line.end[0] - line.start[0], line.end[1] - line.start[1]
    towards_in = -dy if abs(dx) < abs(dy) else dx
    return ("in", "out") if towards_in > 0 else ("out", "in")


def loadable(model: str) -> Path:
    """Return the file or folder of `model` that Ultralytics can load.

    Raises:
        CannotError: there is none: it reads its own exports and checkpoints only.
    """
    spec = load_registry().get(model)
    path = locate(spec) if spec else Path(model)
    if path is None or not path.exists():
        raise CannotError(f"no weights of {model} on this machine")
    own = path.name.endswith("_openvino_model") and (path / "metadata.yaml").is_file()
    if not own and not (path.suffix in {".onnx", ".pt"} and "yolox" not in path.name):
        raise CannotError(f"Ultralytics cannot load {path.name}: it reads its own exports and checkpoints only")
    return path


if __name__ == "__main__":
    run_as_program("object_counter", ObjectCounterTool)
