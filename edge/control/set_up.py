"""The set-up as a part of the desired state: a site text or a standard is checked, applied, watched, and taken back.

desired ─► checked ─no─► refused
              └─► applied on trial ─► watched ─blind─► rolled back
                                         └─► confirmed
"""

import logging
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from msgspec.structs import replace

from contract.control import Desired, Reported, State, reason_of
from edge.cameras import Cameras
from edge.clock import Clock
from edge.config import SiteConfig, check_geometry
from edge.control.memory import Memory
from edge.control.probation import Pace, Probation
from edge.control.site_files import SiteFiles, SiteTexts, digest, from_head_office
from edge.control.trial import STARTS_MAX, Note, Trial, texts_before
from edge.errors import ConfigError, ControlError, EdgeError
from edge.linting.site import lint_camera
from edge.site_check import require_models
from models.errors import ModelsError

logger = logging.getLogger(__name__)


class SetUp:
    """Keeps the set-up in `site_file` as it is desired. `changed` hears of each new one once its cameras have it."""

    def __init__(
        self,
        site_file: Path,
        cameras: Cameras,
        memory: Memory,
        clock: Clock,
        *,
        changed: Callable[[SiteConfig], None] = lambda _site: None,
        pace: Pace | None = None,
    ) -> None:
        self._files = SiteFiles(site_file)
        self._cameras = cameras
        self._memory = memory
        self._clock = clock
        self._changed = changed
        self._pace = pace or Pace()
        self._note = Note.of(memory)
        self._probation: Probation | None = None
        #: What waits until it is known which cameras are up: else nobody could tell whether it made them blind.
        self._waiting: Desired | None = None
        self._since = clock.monotonic()

    def want(self, desired: Desired) -> None:
        """Check and apply what is desired, once the cameras are up or had their time; see `Part.want`."""
        self._waiting = None if desired.version == self._note.version else desired
        self._go_on()

    def step(self) -> None:
        """Go on with what waits, or with the probation; see `Part.step`."""
        if self._waiting is not None:
            self._go_on()
            return
        trial = self._note.trial
        if trial is None:
            return
        if self._probation is None:
            self._roll_back(trial, "it could not be applied")
            return
        failed = self._probation.look(self._cameras.health(), self._clock.monotonic())
        if failed == "":
            self._confirm(trial)
        elif failed is not None:
            self._roll_back(trial, failed + self._fault(failed))

    def tell(self, report: Reported) -> Reported:
        """Say how far the set-up is; see `Part.tell`."""
        note = self._note
        edited = report.site_sha256 not in self._hers()
        under_way = self._waiting or note.trial
        if under_way is not None:
            return replace(report, state="pending", version=under_way.version, running=note.running, edited=edited)
        return replace(
            report, state=note.state, version=note.version, running=note.running, reason=note.reason, edited=edited
        )

    def stop(self) -> None:
        """Leave a trial that is under way: the next start takes it back, and tries it once more."""

    def _go_on(self) -> None:
        desired = self._waiting
        late = self._clock.monotonic() - self._since >= self._pace.patience_s
        if desired is None or not (late or len(self._well()) == len(self._cameras)):
            return
        self._waiting = None
        trial = self._note.trial
        if (
            trial is not None
            and trial.version == desired.version
            and trial.failed is None
            and trial.starts >= STARTS_MAX
        ):
            trial = replace(trial, failed=f"this box was started anew {trial.starts} times while it was on probation")
        if trial is not None and trial.version == desired.version and trial.failed is not None:
            self._conclude(desired.version, "rolled_back", trial.failed)
            return
        try:
            self._begin(desired)
        except (EdgeError, ModelsError) as error:
            self._refuse(desired, str(error))

    def _well(self) -> list[str]:
        """Return the cameras that are up and without trouble."""
        return [each.camera for each in self._cameras.health() if each.state == "up" and each.trouble is None]

    def _begin(self, desired: Desired) -> None:
        present = self._files.read()
        trial = self._note.trial
        brings = _key(desired) not in (None, self._note.site)
        new = SiteTexts(site=self._site_text(desired, present) if brings else present.site, standard=_laid(desired))
        if trial is None and new == present:
            if brings:
                self._note = replace(self._note, site=_key(desired), written=digest(present.site))
            self._conclude(desired.version, "current", running=desired.version)
            return
        self._check(new)
        # On probation already: what comes back, if it must, is what was confirmed last.
        old = texts_before(trial, present) if trial is not None else present
        was_up = sorted({*self._well(), *(trial.was_up if trial is not None else ())})
        starts = trial.starts if trial is not None and trial.version == desired.version else 0
        begun = Trial(
            version=desired.version,
            old=old,
            new=new,
            was_up=was_up,
            site=_key(desired) if brings else None,
            starts=starts,
        )
        self._remember(replace(self._note, trial=begun))
        self._apply(begun)

    def _apply(self, trial: Trial) -> None:
        try:
            self._files.write(trial.new)
            site = self._files.loaded()
        except EdgeError as error:
            self._roll_back(trial, str(error))
            return
        unchanged = site.cameras == self._cameras.configured
        begun = self._cameras.change(site.cameras)
        self._changed(site)
        logger.info(
            "version %d: begun anew on %s",
            trial.version,
            ", ".join(begun) or "no camera",
            extra={"action": "set_up_applied"},
        )
        if unchanged:
            self._confirm(trial)
        else:
            self._probation = Probation(trial.was_up, self._pace, self._clock.monotonic())

    def _hers(self) -> tuple[str, ...]:
        """Return the digests of the site files that are head office's: the confirmed one, and one on trial."""
        trial = self._note.trial
        on_trial = digest(trial.new.site) if trial is not None and trial.site is not None else None
        return tuple(each for each in (self._note.written, on_trial) if each is not None)

    def _site_text(self, desired: Desired, present: SiteTexts) -> str:
        whole = from_head_office(present.site, desired.site or "")
        if digest(present.site) not in (*self._hers(), digest(whole), desired.site_over):
            raise ControlError(
                "the site file was written or changed by hand here; head office's may replace it only if told to: "
                "--replace-local-edits"
            )
        return whole

    def _check(self, texts: SiteTexts) -> None:
        """Refuse what this box could not count with."""
        site = self._files.parsed(texts)
        require_models(site)
        sizes = {worker.camera.source: worker.frame_size for worker in self._cameras}
        for camera in site.cameras:
            size = sizes.get(camera.source)
            if size is None:
                continue
            check_geometry(camera, size)
            for problem in lint_camera(camera, size):
                if problem.severity == "error":
                    raise ControlError(f"camera {camera.name}, {problem}")

    def _confirm(self, trial: Trial) -> None:
        logger.info("version %d is confirmed", trial.version, extra={"action": "set_up_confirmed"})
        written = digest(trial.new.site) if trial.site is not None else self._note.written
        self._note = replace(self._note, site=trial.site or self._note.site, written=written)
        self._conclude(trial.version, "applied", running=trial.version)

    def _roll_back(self, trial: Trial, reason: str) -> None:
        if trial.failed is None:
            logger.error("version %d is taken back: %s", trial.version, reason, extra={"action": "set_up_rolled_back"})
        self._remember(replace(self._note, trial=replace(trial, failed=reason)))
        self._back(trial)
        self._conclude(trial.version, "rolled_back", reason)

    def _back(self, trial: Trial) -> None:
        """Put the set-up of before back, at the cameras and on disk: a disk that is full keeps no camera blind."""
        back = texts_before(trial, self._files.read())
        try:
            site = self._files.parsed(back)
        except ConfigError:
            # What a person was writing there in the meantime is not finished: it stays on disk, the cameras go on.
            site = self._files.parsed(trial.old)
        self._cameras.change(site.cameras)
        self._files.write(back)
        with suppress(ConfigError):
            self._changed(self._files.loaded())

    def _refuse(self, desired: Desired, reason: str) -> None:
        logger.error("version %d is refused: %s", desired.version, reason, extra={"action": "set_up_refused"})
        if self._note.trial is not None:
            # It was to take the place of one on probation, which is not wanted any more either.
            self._back(self._note.trial)
        self._conclude(desired.version, "refused", reason)

    def _conclude(self, version: int, state: State, reason: str | None = None, *, running: int | None = None) -> None:
        self._probation = None
        self._remember(replace(
            self._note, version=version, state=state, reason=None if reason is None else reason_of(reason),
            running=running or self._note.running, trial=None,
        ))  # fmt: skip

    def _remember(self, note: Note) -> None:
        note.keep(self._memory)
        self._note = note

    def _fault(self, failed: str) -> str:
        """Return why the camera that is named in `failed` cannot be counted on, where it says so itself."""
        named = (worker for worker in self._cameras if f"camera {worker.camera.name}," in failed)
        return next((f": {worker.fault}" for worker in named if worker.fault), "")


def _laid(desired: Desired) -> str | None:
    """Return what is to stand in the standard's file."""
    standard = desired.standard
    return None if standard is None else f"# {standard.name} {standard.number}, from head office\n{standard.settings}"


def _key(desired: Desired) -> str | None:
    """Return what tells one site text, and what it may replace, from another; None where there is none."""
    return None if desired.site is None else digest(f"{desired.site_over}\n{desired.site}")
