"""The shelf: which released model comes in the place of which model of the site file, kept over restarts.

    models.json    {"yolox-nano": {manifest, version, path, confidence, previous, starts, …}}

A model that took over is on probation until it has counted well for a while. A process that ends again and again
meanwhile, as native libraries do, is why each start counts.
"""

import logging
import shutil
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from contract.releases import Manifest
from edge.config import CameraConfig
from edge.detection.opening import Detectors
from edge.detection.protocol import Detector
from edge.releases import guard

logger = logging.getLogger(__name__)

#: A model on probation is taken back at the start after so many.
STARTS_MAX: Final = 3
_FAILED_MAX: Final = 50
#: So much of its digest names a release's folder.
_NAME: Final = 12


@dataclass(frozen=True, slots=True)
class Shelved:
    """A released model: where it lies, and from which score it may start a person (None: the default)."""

    manifest: str
    version: str
    path: str
    confidence: float | None

    @classmethod
    def of(cls, manifest: Manifest, sha256: str, folder: Path) -> "Shelved":
        """Return a release whose files lie in `folder`."""
        return cls(sha256, manifest.version, str(folder / (manifest.entry or "")), manifest.confidence)

    def as_dict(self) -> dict[str, Any]:
        """Return it for the file."""
        return {"manifest": self.manifest, "version": self.version, "path": self.path, "confidence": self.confidence}


class Shelf:
    """The models in `folder`. From any thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = folder / "models.json"
        self._failed_file = folder / "models-failed.json"
        self._lock = threading.Lock()
        self._places: dict[str, Any] = guard.read(self._file) or {}
        self._count_starts()

    def __call__(self, model: str) -> Shelved | None:
        """Return the release that counts in the place of `model`; None: the model itself."""
        place = self._places.get(model)
        if place is None or not Path(place["path"]).exists():
            return None
        return Shelved(place["manifest"], place["version"], place["path"], place["confidence"])

    def model_of(self, manifest: str) -> str | None:
        """Return the model in whose place this release counts; None: it does not."""
        return next(
            (model for model in self._places if (release := self(model)) and release.manifest == manifest), None
        )

    def on_probation(self, model: str) -> bool:
        """Return whether the release in the place of `model` may still be taken back."""
        return self._places.get(model, {}).get("starts") is not None

    @property
    def failed(self) -> dict[str, str]:
        """Why releases were taken back, by manifest."""
        return {key: str(why) for key, why in (guard.read(self._failed_file) or {}).items()}

    def take_over(self, model: str, release: Shelved) -> None:
        """Let `release` count in the place of `model`, on probation."""
        before = self(model)
        place = {**release.as_dict(), "previous": before.as_dict() if before else None, "starts": 1}
        self._keep({**self._places, model: place})

    def make_place(self, manifest: str) -> Path:
        """Return the folder for a release's files; those of releases that neither count nor did before are removed."""
        folder = self.folder / "models"
        places = [place for each in self._places.values() for place in (each, each["previous"]) if place]
        keep = {place["manifest"][:_NAME] for place in places} | {manifest[:_NAME]}
        for other in folder.glob("*"):
            if other.name not in keep:
                shutil.rmtree(other, ignore_errors=True)
        return folder / manifest[:_NAME]

    def clear(self) -> list[str]:
        """Let every model be that of the site file again; return which were not."""
        models = list(self._places)
        if models:
            self._keep({})
        return models

    def prove(self, model: str) -> None:
        """End the probation: the release stays."""
        self._keep({**self._places, model: {**self._places[model], "starts": None}})

    def take_back(self, model: str, reason: str) -> None:
        """Let what was before count in the place of `model`, and remember why."""
        place, places = self._places[model], dict(self._places)
        failed = {**self.failed, place["manifest"]: reason}
        guard.write(self._failed_file, dict(list(failed.items())[-_FAILED_MAX:]))
        del places[model]
        if place["previous"]:
            places[model] = {**place["previous"], "previous": None, "starts": None}
        self._keep(places)
        logger.warning("model %s taken back: %s", place["version"], reason, extra={"action": "model_taken_back"})

    def _count_starts(self) -> None:
        for model, place in list(self._places.items()):
            if place.get("starts") is None:
                continue
            if place["starts"] >= STARTS_MAX:
                self.take_back(model, f"the program ended {STARTS_MAX} times before it had proven itself")
            else:
                self._keep({**self._places, model: {**place, "starts": place["starts"] + 1}})

    def _keep(self, places: dict[str, Any]) -> None:
        with self._lock:
            self.folder.mkdir(parents=True, exist_ok=True)
            guard.write(self._file, places)
            self._places = places


def open_for(detectors: Detectors, camera: CameraConfig, release: Shelved | None) -> Detector:
    """Return the detector of `camera`: what `release` brings in the place of its model, or (None) the model itself.

    Raises:
        UnknownModelError, ModelMissingError, BackendMissingError, DetectorError: as `open_detector`.
    """
    if release is None:
        return detectors.open(camera.model, confidence=camera.confidence, threads=camera.threads)
    confidence = release.confidence or camera.confidence
    return detectors.open(release.path, confidence=confidence, threads=camera.threads)
