"""The model as a part of the desired state: compared in the shadow of the present one, taken over, kept or taken back.

fetch ► try in a process of its own ► shadow: within bounds? ► take over between two frames ► probation ► it stays
                                        └─ no: it waits for a word        blind or slower ──► taken back
"""

import threading
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from contract.control import Desired, Reported
from contract.releases import Manifest, ModelRelease, ShadowRules
from edge.cameras import Cameras
from edge.clock import Clock
from edge.config import CameraConfig
from edge.detection.opening import Detectors
from edge.errors import EdgeError, ReleaseError
from edge.releases.following import Follower, Progress
from edge.releases.obtaining import Source, check_not_older
from edge.releases.rig import Rig
from edge.releases.shelf import Shelved, open_for
from edge.releases.trying import try_model
from edge.shadow.shadow import Pace, Shadow
from models.errors import ModelsError

#: A model that took over has so long to show that it counts.
PROBATION_S: Final = 600.0
#: How often a camera's rate is measured, and how often in a row it may be too low …
_LOOK_S: Final = 15.0
_LOW_MAX: Final = 3
#: … which is less than this share of what it was.
_RATE_LEAST: Final = 0.7
_SHADOW_LOOK_S: Final = 1.0
_REPORT_EVERY_S: Final = 300.0
_TRIED_SIZE: Final = (640, 480)


class ModelPart:
    """Brings the asked model about on the cameras whose site file names it."""

    def __init__(
        self,
        source: Source,
        rig: Rig,
        cameras: Cameras,
        *,
        clock: Clock,
        pace: Pace | None = None,
        probation_s: float = PROBATION_S,
        look_s: float = _LOOK_S,
    ) -> None:
        self._source = source
        self._rig = rig
        self._shelf = rig.shelf
        self._cameras = cameras
        self._clock = clock
        self._pace = pace or Pace()
        self._probation_s = probation_s
        self._look_s = look_s
        self._follower: Follower[ModelRelease] = Follower("model-release", self._bring, lambda wish: wish.manifest)

    def want(self, desired: Desired) -> None:
        """Begin to move towards the asked model; None asks for nothing."""
        if desired.model is not None:
            self._follower.want(desired.model)

    def step(self) -> None:
        """Nothing is due here: a thread of its own goes on."""

    def tell(self, report: Reported) -> Reported:
        """Return `report` with how far the model is."""
        return replace(report, model=self._follower.report)

    def stop(self) -> None:
        """Give up what goes on; a comparison begins anew at the next start."""
        self._follower.stop()

    def _bring(self, wish: ModelRelease, progress: Progress, given_up: threading.Event) -> None:
        if wish.manifest is None:
            self._look_as_before(self._shelf.clear())
            progress.say("applied")
            return
        if wish.manifest in self._shelf.failed:
            progress.say("rolled_back", self._shelf.failed[wish.manifest])
            return
        model = self._shelf.model_of(wish.manifest)
        rates: dict[str, float] = {}
        if model is None:
            manifest = self._source.manifest(wish.manifest, "model")
            model = manifest.name
            progress.say("fetching", name=model, version=manifest.version)
            release = self._fetched(manifest, wish.manifest, progress, given_up, rollback=wish.rollback)
            if wish.shadow is not None and not self._compare(model, release, wish.shadow, progress, given_up):
                return
            rates = {each.camera: each.fps for each in self._cameras.health() if each.state == "up"}
            self._take_over(model, release)
        self._watch_probation(model, rates, progress, given_up)

    def _fetched(
        self, manifest: Manifest, sha256: str, progress: Progress, given_up: threading.Event, *, rollback: bool
    ) -> Shelved:
        """Return the release once its files are here and it was seen to run."""
        if not self._configured(manifest.name):
            raise ReleaseError(f"no camera of this box has `model = {manifest.name}`")
        present = self._shelf(manifest.name)
        check_not_older(manifest.version, present.version if present else "0", rollback=rollback)
        folder = self._shelf.make_place(sha256)
        self._source.fetch(manifest, folder, given_up)
        release = Shelved.of(manifest, sha256, folder)
        progress.say("installing")
        try_model(release.path, _TRIED_SIZE, given_up)
        return release

    def _configured(self, model: str) -> list[CameraConfig]:
        return [camera for camera in self._cameras.configured if camera.model == model]

    def _compare(
        self, model: str, release: Shelved, rules: ShadowRules, progress: Progress, given_up: threading.Event
    ) -> bool:
        """Return whether the release may take over by itself, after it was compared for as long as was asked."""
        while not given_up.is_set() and (configured := self._configured(model)):
            # Loaded for the comparison alone: what its library starts is last in line for the processor.
            detectors = Detectors(len(configured))
            shadow = Shadow(
                configured, lambda camera: open_for(detectors, camera, release), pace=self._pace  # noqa: B023
            )  # fmt: skip
            self._rig.shadowing.shadow = shadow
            shadow.start()
            try:
                verdict = self._await_verdict(shadow, configured, rules, progress, given_up)
            finally:
                self._rig.shadowing.shadow = None
                shadow.stop()
            if verdict is not None:
                return verdict
        return False

    def _await_verdict(
        self,
        shadow: Shadow,
        configured: list[CameraConfig],
        rules: ShadowRules,
        progress: Progress,
        given_up: threading.Event,
    ) -> bool | None:
        """Return what comes of the comparison; None: the cameras were set up anew, or it was given up."""
        model, told_s = configured[0].model, float("-inf")
        while not given_up.wait(_SHADOW_LOOK_S) and self._configured(model) == configured:
            if shadow.fault is not None:
                raise ReleaseError(f"it cannot count here: {shadow.fault}")
            known = {"watched_s": round(shadow.watched_s, 1), "lines": shadow.report()}
            if shadow.watched_s >= 60 * rules.minutes and shadow.crossings >= rules.crossings:
                within = rules.difference_max is not None and shadow.difference <= rules.difference_max
                bound = "none is set" if rules.difference_max is None else f"{rules.difference_max:.1%}"
                reason = f"counts differ by {shadow.difference:.1%}; the bound: {bound}"
                progress.say("shadow" if within else "differs", reason, **known)
                return within
            now_s = self._clock.monotonic()
            if now_s - told_s >= _REPORT_EVERY_S:
                told_s = now_s
                late = f"{shadow.overruns} windows thrown away: it did not keep up" if shadow.overruns else None
                progress.say("shadow", late, **known)
        return None

    def _take_over(self, model: str, release: Shelved) -> None:
        """Let `release` find people from each camera's next frame on."""
        workers = [worker for worker in self._cameras if worker.camera.model == model]
        try:
            ready = [(worker, open_for(self._rig.detectors, worker.camera, release)) for worker in workers]
        except (EdgeError, ModelsError) as error:
            raise ReleaseError(f"the model cannot be loaded: {error}") from error
        self._shelf.take_over(model, release)
        for worker, detector in ready:
            worker.look_with(detector)

    def _watch_probation(
        self, model: str, rates: dict[str, float], progress: Progress, given_up: threading.Event
    ) -> None:
        """Take the model back if cameras go blind by it, or fall behind their rate (frames per second) of before."""
        known = self._shelf(model)
        about = {"name": model, "version": known.version if known else None}
        if self._shelf.on_probation(model):
            progress.say("trial", **about)
        until_s, low = self._clock.monotonic() + self._probation_s, Counter[str]()
        while self._shelf.on_probation(model):
            if given_up.wait(self._look_s):
                return
            trouble = self._trouble(model, rates, low)
            if trouble:
                self._take_back(model, trouble)
                progress.say("rolled_back", trouble)
                return
            if self._clock.monotonic() >= until_s:
                self._shelf.prove(model)
        progress.say("applied", **about)

    def _trouble(self, model: str, rates: dict[str, float], low: Counter[str]) -> str:
        for worker in self._cameras:
            if worker.camera.model != model:
                continue
            name, health = worker.camera.name, worker.health()
            if worker.failing:
                return f"camera {name} was blind with it: the model could not count its frames"
            before = rates.get(name, 0.0)
            slow = health.state == "up" and health.fps < _RATE_LEAST * before
            low[name] = low[name] + 1 if slow else 0
            if low[name] >= _LOW_MAX:
                return f"camera {name} fell from {before:g} to {health.fps:g} frames per second with it"
        return ""

    def _take_back(self, model: str, reason: str) -> None:
        self._shelf.take_back(model, reason)
        self._look_as_before([model])

    def _look_as_before(self, models: Sequence[str]) -> None:
        for worker in self._cameras:
            if worker.camera.model in models:
                worker.look_with(self._rig.open(worker.camera))
