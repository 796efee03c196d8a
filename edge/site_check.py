"""Checking a site before it counts: each thing that would not work, with what to do about it."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from edge.config import CameraConfig, SiteConfig, check_geometry, load_site
from edge.detection.opening import open_detector
from edge.errors import ConfigError, EdgeError, ModelMissingError, SourceError
from edge.publishing.outbox_file import is_held
from edge.publishing.probe import probe
from edge.sources.opening import open_source
from models.errors import ModelsError
from models.registry import find_spec, locate

About = Literal["site file", "camera", "model", "outbox", "broker"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would not work; `problem` ends with what to do."""

    about: About
    name: str
    problem: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and what was looked at and is fine."""

    findings: tuple[Finding, ...]
    passed: tuple[str, ...]


def check_site(path: Path | str, *, broker_timeout_s: float = 5.0) -> Report:
    """Return what is wrong with the site file at `path`: settings, cameras, lines and zones, models, outbox, broker.

    Opens each source for one frame, loads each model once, and logs in at the broker.
    """
    try:
        site = load_site(path)
    except ConfigError as error:
        return Report((Finding("site file", str(path), str(error)),), ())
    findings: list[Finding] = []
    passed = [f"{path}: {site.store}/{site.device}, {len(site.cameras)} cameras"]
    for outcome in _outcomes(site, broker_timeout_s):
        if isinstance(outcome, Finding):
            findings.append(outcome)
        else:
            passed.append(outcome)
    return Report(tuple(findings), tuple(passed))


def _outcomes(site: SiteConfig, broker_timeout_s: float) -> Iterator[Finding | str]:
    for camera in site.cameras:
        yield _camera(camera)
    for model in sorted({camera.model for camera in site.cameras}):
        yield _model(model)
    yield _outbox(Path(site.outbox.path))
    try:
        probe(site.broker, site.store, site.device, timeout_s=broker_timeout_s)
        yield f"broker {site.broker.host}:{site.broker.port}: accepts this box"
    except EdgeError as error:
        yield Finding("broker", f"{site.broker.host}:{site.broker.port}", str(error))


def require_models(site: SiteConfig) -> None:
    """Check that each camera's model is known and its weights are on this machine, without loading it.

    Raises:
        ModelMissingError: the weights are missing; says how to get them.
        UnknownModelError: no model of that name.
    """
    for camera in site.cameras:
        if Path(camera.model).exists():
            continue
        spec = find_spec(camera.model)
        if spec.entries and locate(spec) is None:
            raise ModelMissingError(
                f"camera {camera.name}: the weights of `{spec.name}` are not on this machine. "
                f'Do `footfall models fetch {spec.name}`, or choose `model = "motion"`, which needs none'
            )


def _camera(camera: CameraConfig) -> Finding | str:
    if not camera.lines and not camera.zones:
        return Finding(
            "camera", camera.name, "has neither a line nor a zone and counts nothing. Add one to the site file"
        )
    try:
        size = frame_size(camera)
        check_geometry(camera, size)
    except EdgeError as error:
        return Finding("camera", camera.name, str(error))
    return f"camera {camera.name}: {size[0]} x {size[1]}, {len(camera.lines)} lines, {len(camera.zones)} zones in frame"


def frame_size(camera: CameraConfig) -> tuple[int, int]:
    """Return (width, height) of the camera's first frame, in pixels.

    Raises:
        SourceError: it cannot be opened, or gives no frame.
    """
    source = open_source(camera, clock=lambda: datetime.now(UTC))
    try:
        for frame in source:
            return frame.size
    finally:
        source.close()
    raise SourceError(f"{camera.source} was opened but gives no frame. Check that the camera streams video")


def _model(model: str) -> Finding | str:
    try:
        open_detector(model)
    except (EdgeError, ModelsError) as error:
        return Finding("model", model, str(error))
    return f"model {model}: loads"


def _outbox(path: Path) -> Finding | str:
    try:
        if is_held(path):
            return f"outbox {path}: an agent is running on it; a second one would not start before that one stops"
    except EdgeError as error:
        return Finding("outbox", str(path), str(error))
    folder = path.absolute().parent
    while not folder.exists():
        folder = folder.parent
    if folder.is_dir() and os.access(folder, os.W_OK):
        return f"outbox {path}: can be written"
    return Finding("outbox", str(path), f"{folder} cannot be written. Choose another `path` in [outbox], or allow it")
