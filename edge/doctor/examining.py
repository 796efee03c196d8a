"""Examining a box: every check, in the order in which they are best mended."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from edge.clock import Clock
from edge.config import SiteConfig, load_site
from edge.doctor.cameras import Sight, camera_checks, see
from edge.doctor.checks import Check
from edge.doctor.machine import (
    clock_check,
    disk_check,
    model_checks,
    server_offset_s,
    starts_check,
    system_synchronised,
)
from edge.doctor.throughput import throughput_checks
from edge.errors import ConfigError, EdgeError
from edge.linting.site import lint_site
from edge.publishing.connection import said_of
from edge.publishing.probe import probe
from edge.starts import Starts

LOOK_S: Final = 5.0


def examine(path: Path, *, clock: Clock, look_s: float = LOOK_S, broker_timeout_s: float = 5.0) -> Iterator[Check]:
    """Yield each check of the box with the site file at `path`, as it is done.

    Watches every camera for `look_s` seconds, loads each model, logs in at the broker. Nothing is written.
    """
    try:
        site = load_site(path)
    except ConfigError as error:
        yield Check("site file", str(path), "error", str(error))
        return
    names = ", ".join(camera.name for camera in site.cameras)
    yield Check("site file", str(path), "good", f"{site.store}/{site.device}, cameras {names}")
    sights: dict[str, Sight] = {}
    for camera in site.cameras:
        try:
            sight: Sight | EdgeError = see(camera, seconds=look_s, monotonic=clock.monotonic)
        except EdgeError as error:
            sight = error
        if isinstance(sight, Sight):
            sights[camera.name] = sight
        yield from camera_checks(camera, sight)
    for problem in lint_site(site):
        yield Check("lines", problem.camera, problem.severity, problem.message, problem.advice)
    yield from model_checks(sorted({camera.model for camera in site.cameras}))
    seen = [(camera, sights[camera.name]) for camera in site.cameras if camera.name in sights]
    yield from throughput_checks(
        [(camera, sight.frame, sight.fps) for camera, sight in seen],
        monotonic=clock.monotonic,
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
    )
    yield disk_check(site.outbox)
    yield starts_check(Starts(site.outbox.path, clock))
    offset_s = server_offset_s(site.broker, clock.now)
    yield clock_check(offset_s, synchronised=system_synchronised() if offset_s is None else None)
    yield _broker(site, broker_timeout_s)


def _broker(site: SiteConfig, timeout_s: float) -> Check:
    name = f"{site.broker.host}:{site.broker.port}"
    try:
        probe(site.broker, site.store, site.device, timeout_s=timeout_s)
    except EdgeError as error:
        return Check("broker", name, "error", said_of(site.broker, error))
    return Check("broker", name, "good", f"accepts this box{' over TLS' if site.broker.tls_ca else ', without TLS'}")
