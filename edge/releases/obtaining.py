"""Obtaining a release: its manifest, believed or refused, and its files, whole and as they were signed."""

import logging
import platform
import shutil
import sys
import threading
from pathlib import Path
from typing import Final

from contract.releases import Manifest, ReleaseKind, version_key
from edge.errors import ReleaseError, UnknownKeyError
from edge.publishing.presence import software_version
from edge.releases.fetching import Fetcher
from edge.releases.signing import KeyRing, verified_manifest

logger = logging.getLogger(__name__)

_SPARE_BYTES: Final = 100 * 2**20


class Source:
    """Where releases come from, and whose are taken."""

    def __init__(self, fetcher: Fetcher, ring: KeyRing, *, version: str | None = None) -> None:
        """Take releases for the `version` of this software (default: the one that runs)."""
        self._fetcher = fetcher
        self._ring = ring
        self.version = version or software_version()

    def refresh_keys(self) -> bool:
        """Ask for the list of release keys; return whether there was a new one that is believed.

        Raises:
            FetchingError: not now.
            ReleaseError: there is none, or it is not signed as it has to be.
        """
        news = self._ring.offer(self._fetcher.document("/v1/release-keys"))
        if news:
            logger.warning("a new list of release keys is trusted", extra={"action": "release_keys"})
        return news

    def manifest(self, sha256: str, kind: ReleaseKind) -> Manifest:
        """Return the manifest of a release that may be taken here.

        Raises:
            FetchingError: not now.
            ReleaseError: nobody whom we trust signed it, it was tampered with, or it is not for this box.
        """
        content = self._fetcher.document(f"/v1/releases/{sha256}")
        try:
            manifest = verified_manifest(content, sha256, self._ring.keys)
        except UnknownKeyError:
            if not self.refresh_keys():
                raise
            manifest = verified_manifest(content, sha256, self._ring.keys)
        self._check_fits(manifest, kind)
        return manifest

    def fetch(self, manifest: Manifest, folder: Path, stopping: threading.Event) -> None:
        """Put the files of `manifest` into `folder`, by their names.

        Raises:
            FetchingError: cut off, or not now.
            ReleaseError: one is not as it was signed, or there is no room.
        """
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < manifest.size + _SPARE_BYTES:
            raise ReleaseError(f"expected {(manifest.size + _SPARE_BYTES) >> 20} MiB free, got {free >> 20} MiB")
        for file in manifest.files:
            self._fetcher.file(file, folder / file.name, stopping)

    def _check_fits(self, manifest: Manifest, kind: ReleaseKind) -> None:
        if manifest.kind != kind:
            raise ReleaseError(f"expected a release of kind {kind}, got {manifest.kind}")
        least = manifest.footfall_min
        if least is not None and version_key(self.version) < version_key(least):
            raise ReleaseError(f"it needs footfall {least} or newer, this box runs {self.version}")
        if kind == "application":
            here = (f"{sys.version_info.major}.{sys.version_info.minor}", platform.machine().lower())
            if (manifest.python, manifest.machine) != here:
                wanted = f"Python {manifest.python} on {manifest.machine}"
                raise ReleaseError(f"it is for {wanted}, this box has Python {here[0]} on {here[1]}")


def check_not_older(version: str, present: str, *, rollback: bool) -> None:
    """Refuse a version that is lower than the present one, unless that is meant.

    Raises:
        ReleaseError: it is.
    """
    if not rollback and version_key(version) < version_key(present):
        raise ReleaseError(f"version {version} is older than {present}, and it is no rollback")
