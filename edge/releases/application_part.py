"""The application as a part of the desired state: installed beside the one that runs, tried, kept or taken back.

fetch ► install ► check ► wait until all is well ► trial: end this process, the guard starts the new version
                                                     └─ proven: it stays; not in time, or ends again and again: back
"""

import logging
import shutil
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from contract.control import Desired, Reported
from contract.releases import ApplicationRelease
from edge.errors import ReleaseError
from edge.releases.application import Versions
from edge.releases.following import Follower, Progress
from edge.releases.obtaining import Source, check_not_older

logger = logging.getLogger(__name__)

#: What an application release is called.
NAME: Final = "footfall"
_LOOK_S: Final = 1.0
_WELL_EVERY_S: Final = 5.0


class ApplicationPart:
    """Brings the asked version about. `versions` None: this process was not started by the guard.

    `lacks(cameras)` says what this box lacks to be well, with these cameras up; empty: nothing. `up()` names those that
    are. `restart()` ends this process, to be started anew.
    """

    def __init__(
        self,
        source: Source,
        versions: Versions | None,
        site_file: Path,
        *,
        lacks: Callable[[Sequence[str]], str],
        up: Callable[[], Sequence[str]],
        restart: Callable[[], None],
    ) -> None:
        self._source = source
        self._versions = versions
        self._site_file = site_file
        self._lacks = lacks
        self._up = up
        self._restart = restart
        self._noted = ""
        self._follower: Follower[ApplicationRelease] = Follower(
            "application-release", self._bring, lambda wish: wish.manifest
        )

    def want(self, desired: Desired) -> None:
        """Begin to move towards the asked version; None asks for nothing."""
        if desired.application is not None:
            self._follower.want(desired.application)

    def step(self) -> None:
        """Where this very version is on trial: let it stay once nothing is lacking."""
        trial = self._versions.trial if self._versions else None
        if self._versions is None or trial is None or trial.get("manifest") != self._versions.running:
            return
        cameras = trial.get("cameras")
        lacks = self._lacks([str(name) for name in cameras] if isinstance(cameras, list) else [])
        if not lacks:
            self._versions.prove()
            logger.warning("version %s has proven itself", self._source.version, extra={"action": "release_proven"})
        elif lacks != self._noted:
            self._noted = lacks
            self._versions.note_lacks(lacks)

    def tell(self, report: Reported) -> Reported:
        """Return `report` with how far the application is."""
        return replace(report, application=self._follower.report)

    def stop(self) -> None:
        """Give up what goes on; what was fetched stays for the next start."""
        self._follower.stop()

    def _bring(self, wish: ApplicationRelease, progress: Progress, given_up: threading.Event) -> None:
        versions = self._versions
        if versions is None:
            raise ReleaseError("this box is not started by the guard, so nothing could take a bad version back")
        if wish.manifest is None:
            if versions.running is not None:
                versions.leave()
                self._restart()
            progress.say("applied")
            return
        if wish.manifest in versions.failed:
            progress.say("rolled_back", versions.failed[wish.manifest])
            return
        if wish.manifest == versions.running:
            self._follow_trial(versions, progress, given_up)
            return
        manifest = self._source.manifest(wish.manifest, "application")
        progress.say("fetching", name=manifest.name, version=manifest.version)
        if manifest.name != NAME:
            raise ReleaseError(f"expected the application `{NAME}`, got `{manifest.name}`")
        check_not_older(manifest.version, self._source.version, rollback=wish.rollback)
        fetched = versions.folder / "fetched" / wish.manifest[:12]
        for other in set(fetched.parent.glob("*")) - {fetched}:
            shutil.rmtree(other, ignore_errors=True)
        self._source.fetch(manifest, fetched, given_up)
        progress.say("installing")
        name = versions.install(manifest, wish.manifest, fetched, given_up)
        versions.check(name, self._site_file, given_up)
        shutil.rmtree(fetched, ignore_errors=True)
        if self._is_well(progress, given_up):
            versions.begin_trial(name, wish.manifest, cameras=self._up(), prove_s=60 * wish.prove_minutes)
            progress.say("trial", "this box starts anew as that version")
            self._restart()

    def _is_well(self, progress: Progress, given_up: threading.Event) -> bool:
        """Wait until this version has what the next one will have to prove, so that the blame is the next one's."""
        said = ""
        while lacks := self._lacks([]):
            if lacks != said:
                progress.say("installing", f"installed; begins once this box is well: {lacks}")
                said = lacks
            if given_up.wait(_WELL_EVERY_S):
                return False
        return not given_up.is_set()

    def _follow_trial(self, versions: Versions, progress: Progress, given_up: threading.Event) -> None:
        known = {"name": NAME, "version": self._source.version}
        if versions.trial is not None:
            progress.say("trial", **known)
        while versions.trial is not None:
            if given_up.wait(_LOOK_S):
                return
        progress.say("applied", **known)
