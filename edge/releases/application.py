"""The application's versions on a box: installing one beside the one that runs, and starting its trial.

Installing takes nothing from the network: wheels whose digests were signed, into a virtual environment of their own.
"""

import os
import shutil
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from contract.releases import Manifest
from edge.errors import ReleaseError
from edge.releases import guard
from edge.releases.running import run_aside

#: How a process ends that wants to be started anew, as another version.
RESTART_CODE: Final = 75
_INSTALL_S: Final = 3600.0
_CHECK_S: Final = 600.0
#: Installing takes a few times what is downloaded.
ROOM: Final = 5


class Versions:
    """The versions in `folder`, beside the one that was installed by hand."""

    def __init__(self, folder: Path, *, prefix: Path | None = None) -> None:
        """Look after `folder`. `prefix` is the virtual environment that this process runs in (default: it knows)."""
        self.folder = folder
        self._prefix = prefix or Path(sys.prefix)

    @property
    def failed(self) -> dict[str, str]:
        """Why releases were taken back, by manifest."""
        return {key: str(why) for key, why in (guard.read(self.folder / "failed.json") or {}).items()}

    @property
    def running(self) -> str | None:
        """The manifest of the version that this process is, whatever runs next; None: the one installed by hand."""
        if self._prefix.parent.resolve() != (self.folder / "versions").resolve():
            return None
        found = guard.read(self._prefix / "complete.json")
        return str(found["manifest"]) if found else None

    @property
    def trial(self) -> dict[str, object] | None:
        """The trial that goes on."""
        return guard.read(self.folder / "trial.json")

    def install(self, manifest: Manifest, sha256: str, files: Path, given_up: threading.Event) -> str:
        """Install a release whose files lie in `files` by their names; return the version's name.

        Raises:
            ReleaseError: it cannot be installed here; says why.
            FetchingError: it was given up.
        """
        name = f"{manifest.version}-{sha256[:12]}"
        target = self.folder / "versions" / name
        if (target / "complete.json").exists():
            return name
        self._make_room(manifest, name)
        venv = [sys.executable, "-m", "venv", str(target)]
        run_aside(venv, "making a virtual environment", given_up, within_s=_INSTALL_S)
        listed = target / "wheels.txt"
        lines = [f"{(files / file.name).as_uri()} --hash=sha256:{file.sha256}\n" for file in manifest.files]
        listed.write_text("".join(lines), encoding="utf-8")
        pip = [str(target / "bin" / "python"), "-I", "-m", "pip", "--isolated", "install", "--quiet"]
        offline = ["--disable-pip-version-check", "--no-index", "--no-cache-dir", "--only-binary", ":all:"]
        install = [*pip, *offline, "--require-hashes", "-r", str(listed)]
        run_aside(install, "installing its wheels", given_up, within_s=_INSTALL_S)
        if not (target / "bin" / "footfall").exists():
            raise ReleaseError("the release brings no `footfall` command")
        # What it says is complete has to be on the disk before it says so.
        os.sync()
        guard.write(target / "complete.json", {"manifest": sha256, "version": manifest.version})
        return name

    def check(self, name: str, site: Path, given_up: threading.Event) -> None:
        """Have version `name` look at the box's own site file, beside the one that runs.

        Raises:
            ReleaseError: it finds an error, or cannot be run.
            FetchingError: it was given up.
        """
        program = str(self.folder / "versions" / name / "bin" / "footfall")
        look = [program, "edge", "check-config", "--site", str(site), "--beside"]
        run_aside(look, "its look at the site file", given_up, within_s=_CHECK_S)

    def begin_trial(self, name: str, manifest: str, *, cameras: Sequence[str], prove_s: float) -> None:
        """Let `name` run from the next start on, until it proves itself or is taken back."""
        guard.remove(self.folder / "lacks.json")
        trial = {"version": name, "manifest": manifest, "previous": guard.current(self.folder), "starts": 0}
        guard.write(self.folder / "trial.json", {**trial, "cameras": list(cameras), "prove_s": prove_s})
        guard.switch(self.folder, name)

    def leave(self) -> None:
        """Let the version that was installed by hand run from the next start on."""
        guard.switch(self.folder, None)
        guard.remove(self.folder / "trial.json")

    def note_lacks(self, lacks: str) -> None:
        """Leave a word on what the version on trial still lacks, for the guard to tell."""
        guard.write(self.folder / "lacks.json", {"lacks": lacks})

    def prove(self) -> None:
        """Keep the version on trial for good, and beside it only the one before."""
        trial = self.trial or {}
        guard.remove(self.folder / "trial.json")
        guard.prune(self.folder, {str(trial.get(key)) for key in ("version", "previous")})

    def _make_room(self, manifest: Manifest, name: str) -> None:
        """Remove versions that do not run, and what was half installed. Nothing is installed during a trial."""
        guard.prune(self.folder, {str(guard.current(self.folder))})
        shutil.rmtree(self.folder / "versions" / name, ignore_errors=True)
        (self.folder / "versions").mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(self.folder).free
        if free < ROOM * manifest.size:
            raise ReleaseError(f"expected {ROOM * manifest.size >> 20} MiB free to install it, got {free >> 20} MiB")
