"""Checking a site before it counts: each thing that would not work, with what to do about it."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any, Literal

from edge.audit.errors import AuditServerError
from edge.audit.service import configured_pin, listen
from edge.bounded_server import BoundedServer
from edge.clock import utc_now
from edge.config import AuditConfig, CameraConfig, MetricsConfig, SiteConfig, load_site
from edge.detection.opening import open_detector
from edge.errors import ConfigError, EdgeError, ListenError, ModelMissingError, SourceError
from edge.linting.problems import Problem, Severity
from edge.linting.scene import given_people
from edge.linting.site import lint_camera, lint_site
from edge.publishing.connection import said_of
from edge.publishing.outbox_file import is_held
from edge.publishing.probe import probe
from edge.sources.addresses import shown
from edge.sources.opening import open_source
from models.errors import ModelsError
from models.registry import find_spec, locate

About = Literal["site file", "camera", "model", "outbox", "audit", "metrics", "broker"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that would not work, or not as meant.

    Attributes:
        about, name: what it is about.
        message: what is wrong; with `advice` empty it ends with what to do.
        code: a linter's rule (edge.linting.problems), or `unusable`.
        severity: only an `error` keeps the box from counting right.
        camera, line: where, for a camera's lines and zones.
    """

    about: About
    name: str
    message: str
    code: str = "unusable"
    severity: Severity = "error"
    camera: str | None = None
    line: str | None = None
    advice: str = ""

    @property
    def problem(self) -> str:
        """What is wrong, and what to do."""
        return f"{self.message}. {self.advice}" if self.advice else self.message


@dataclass(frozen=True, slots=True)
class Report:
    """What was found, and what was looked at and is fine."""

    findings: tuple[Finding, ...]
    passed: tuple[str, ...]

    @property
    def works(self) -> bool:
        """Whether nothing but warnings was found."""
        return all(finding.severity == "warning" for finding in self.findings)

    def as_plain_data(self) -> dict[str, Any]:
        """Return it ready for JSON."""
        findings = [{**asdict(finding), "problem": finding.problem} for finding in self.findings]
        return {"findings": findings, "passed": list(self.passed)}


def check_site(
    path: Path | str, *, broker_timeout_s: float = 5.0, person_px: float | None = None, beside: bool = False
) -> Report:
    """Return what is wrong with the site file `path`: settings, cameras, lines, zones, models, outbox, audit, broker.

    Opens each source for one frame, loads each model once, listens where the audit page would, and logs in at the
    broker. `person_px` is how tall people are in the pictures; None: the linter assumes it. `beside` a running agent
    neither its cameras nor the broker are asked.
    """
    try:
        site = load_site(path)
    except ConfigError as error:
        return Report((Finding("site file", str(path), str(error).removeprefix(f"{path}: ")),), ())
    findings: list[Finding] = []
    passed = [f"{path}: {site.store}/{site.device}, {_count_of(len(site.cameras), 'camera')}"]
    for outcome in _outcomes(site, None if beside else broker_timeout_s, person_px):
        if isinstance(outcome, Finding):
            findings.append(outcome)
        else:
            passed.append(outcome)
    return Report(tuple(findings), tuple(passed))


def _outcomes(site: SiteConfig, broker_timeout_s: float | None, person_px: float | None) -> Iterator[Finding | str]:
    for camera in site.cameras if broker_timeout_s is not None else ():
        yield from _camera(camera, person_px)
    yield from map(as_finding, lint_site(site))
    for model in sorted({camera.model for camera in site.cameras}):
        yield _model(model)
    outbox = Path(site.outbox.path)
    yield _outbox(outbox)
    if site.audit.enabled:
        yield from _audit(site.audit, running=_runs(outbox))
    if site.metrics.enabled:
        yield _metrics(site.metrics, running=_runs(outbox))
    if broker_timeout_s is None:
        return
    try:
        probe(site.broker, site.store, site.device, timeout_s=broker_timeout_s)
        yield f"broker {site.broker.host}:{site.broker.port}: accepts this box"
    except EdgeError as error:
        yield Finding("broker", f"{site.broker.host}:{site.broker.port}", said_of(site.broker, error))


def as_finding(problem: Problem) -> Finding:
    """Return what the linter says as a finding about its camera."""
    message = f"{problem.where}: {problem.message}" if problem.where else problem.message
    return Finding(
        "camera", problem.camera, message, code=problem.code, severity=problem.severity, camera=problem.camera,
        line=problem.where or None, advice=problem.advice,
    )  # fmt: skip


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


def _camera(camera: CameraConfig, person_px: float | None) -> Iterator[Finding | str]:
    if not camera.lines and not camera.zones:
        message = "has neither a line nor a zone and counts nothing"
        yield Finding("camera", camera.name, message, camera=camera.name, advice="Add one to the site file")
        return
    try:
        size = frame_size(camera)
    except EdgeError as error:
        yield Finding("camera", camera.name, str(error), camera=camera.name)
        return
    people = given_people(person_px) if person_px else None
    problems = lint_camera(camera, size, people=people)
    yield from map(as_finding, problems)
    if not problems:
        shapes = f"{_count_of(len(camera.lines), 'line')}, {_count_of(len(camera.zones), 'zone')} in frame"
        yield f"camera {camera.name}: {size[0]} x {size[1]}, {shapes}"


def _count_of(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def frame_size(camera: CameraConfig) -> tuple[int, int]:
    """Return (width, height) of the camera's first frame, in pixels.

    Raises:
        SourceError: it cannot be opened, or gives no frame.
    """
    source = open_source(camera, clock=utc_now)
    try:
        for frame in source:
            return frame.size
    finally:
        source.close()
    raise SourceError(f"{shown(camera.source)} was opened but gives no frame. Check that the camera streams video")


def _model(model: str) -> Finding | str:
    try:
        open_detector(model)
    except (EdgeError, ModelsError) as error:
        return Finding("model", model, str(error))
    return f"model {model}: loads"


def _audit(audit: AuditConfig, *, running: bool) -> Iterator[Finding | str]:
    """Yield what keeps the audit page from being served. An agent that runs listens there itself."""
    found = []
    try:
        configured_pin(audit)
    except AuditServerError as error:
        found.append(Finding("audit", audit.listen, str(error)))
    try:
        if not running:
            listen(audit, BaseHTTPRequestHandler).server_close()
    except AuditServerError as error:
        found.append(Finding("audit", audit.listen, str(error)))
    yield from found
    if not found:
        yield f"audit {audit.listen}: " + ("the agent that runs listens there" if running else "can be served")


def _metrics(metrics: MetricsConfig, *, running: bool) -> Finding | str:
    """Return whether the metrics can be shown. An agent that runs listens there itself."""
    try:
        if not running:
            BoundedServer(metrics.address, BaseHTTPRequestHandler).server_close()
    except ListenError as error:
        advice = "Choose another `listen` in [metrics]."
        return Finding("metrics", metrics.listen, f"cannot be listened on: {error.__cause__}. {advice}")
    return f"metrics {metrics.listen}: " + ("the agent that runs listens there" if running else "can be shown")


def _runs(outbox: Path) -> bool:
    try:
        return is_held(outbox)
    except EdgeError:
        return False


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
