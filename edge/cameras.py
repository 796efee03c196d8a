"""The cameras of a box at work: one worker each, and changing some of them while the others go on counting."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from contract.messages import CameraHealth, LineInfo, ZoneInfo
from edge.camera import CameraWorker
from edge.config import CameraConfig
from edge.frames import Frame
from edge.publishing.outbox import LineTotal

#: A camera that is changed has so long to end in good order. A model that hangs must not keep the others.
_END_S: Final = 30.0


class Cameras:
    """Workers for `wanted`, made by `make`. Everything may be asked from any thread."""

    def __init__(self, wanted: Sequence[CameraConfig], make: Callable[[CameraConfig], CameraWorker]) -> None:
        self._make = make
        self._changing = threading.Lock()
        self._started = False
        #: Hear each camera's frames that can be counted on, by its name, in its own thread: they must not wait.
        self.onlookers: list[Callable[[str, Frame], None]] = []
        self._workers = tuple(make(camera) for camera in wanted)

    def __iter__(self) -> Iterator[CameraWorker]:
        return iter(self._workers)

    def __len__(self) -> int:
        return len(self._workers)

    @property
    def configured(self) -> tuple[CameraConfig, ...]:
        """How the cameras are set up now."""
        return tuple(worker.camera for worker in self._workers)

    @property
    def lines(self) -> list[LineInfo]:
        """The lines that are counted now."""
        return [
            LineInfo(line=line.name, role=line.role, camera=camera.name, door=line.door)
            for camera in self.configured
            for line in camera.lines
        ]

    @property
    def zones(self) -> list[ZoneInfo]:
        """The zones that are watched now."""
        return [
            ZoneInfo(zone=zone.name, role=zone.role, camera=camera.name, engaged_after_s=zone.engaged_after_s)
            for camera in self.configured
            for zone in camera.zones
        ]

    @property
    def started(self) -> bool:
        """Whether they were begun and not stopped."""
        return self._started

    @property
    def ended(self) -> bool:
        """Whether every source came to its own end; never while some are being changed."""
        return not self._changing.locked() and all(worker.ended for worker in self._workers)

    @property
    def up(self) -> int:
        """How many of them are up."""
        return sum(each.state == "up" for each in self.health())

    def health(self) -> list[CameraHealth]:
        """Return how each camera is doing."""
        return [worker.health() for worker in self._workers]

    def people(self) -> Mapping[str, int]:
        """Return how many people are in each watched zone."""
        return {zone: count for worker in self._workers for zone, count in worker.people().items()}

    def waiting(self) -> Mapping[str, LineTotal]:
        """Return the crossings of each line that wait for their group before they are written."""
        return {line: LineTotal(*counts) for worker in self._workers for line, counts in worker.waiting().items()}

    def is_up(self, camera: str) -> bool:
        """Return whether the camera of this name is up."""
        return any(each.camera == camera and each.state == "up" for each in self.health())

    def show(self, camera: str, frame: Frame) -> None:
        """Show a frame to the onlookers."""
        for onlooker in self.onlookers:
            onlooker(camera, frame)

    def start(self) -> None:
        """Begin to read and count."""
        with self._changing:
            self._started = True
            for worker in self._workers:
                worker.start()

    def change(self, wanted: Sequence[CameraConfig]) -> list[str]:
        """Count on `wanted` from now on; return the names of those that were begun anew.

        Whose settings are the same goes on. The others end in good order first: open stays are closed as censored, who
        waits for a group is written down, and the time is booked.
        """
        with self._changing:
            kept = [worker for worker in self._workers if worker.camera in wanted]
            for worker in self._workers:
                if worker not in kept:
                    worker.stop(_END_S)
            by_name = {worker.camera.name: worker for worker in kept}
            fresh = {camera.name: self._make(camera) for camera in wanted if camera.name not in by_name}
            self._workers = tuple({**by_name, **fresh}[camera.name] for camera in wanted)
            if self._started:
                for worker in fresh.values():
                    worker.start()
        return list(fresh)

    def stop(self, wait_s: float | None = None) -> None:
        """Stop them in good order; wait for each no longer than `wait_s`."""
        with self._changing:
            self._started = False
            for worker in self._workers:
                worker.stop(wait_s)
