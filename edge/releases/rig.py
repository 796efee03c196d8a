"""The rig: what releases work with on a box, beside its cameras."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from edge.config import CameraConfig
from edge.detection.opening import Detectors
from edge.detection.protocol import Detector
from edge.releases.shelf import Shelf, open_for
from edge.shadow.shadow import Shadowing


@dataclass(frozen=True, slots=True)
class Rig:
    """`lacks(cameras)` says what keeps the box from being well with these cameras up; empty: nothing.

    `restart()` ends this process, to be started anew.
    """

    shelf: Shelf
    detectors: Detectors
    lacks: Callable[[Sequence[str]], str]
    restart: Callable[[], None]
    shadowing: Shadowing = field(default_factory=Shadowing)

    def counting(self, model: str) -> str | None:
        """Return the path of the release that counts in the place of `model`; None: the model itself does."""
        release = self.shelf(model)
        return None if release is None else release.path

    def open(self, camera: CameraConfig) -> Detector:
        """Return the detector of `camera`: a release in the place of its model, or that model itself.

        Raises:
            UnknownModelError, ModelMissingError, BackendMissingError, DetectorError: as `open_detector`.
        """
        return open_for(self.detectors, camera, self.shelf(camera.model))
