"""The depot: releases that are ready for boxes, in FOOTFALL_HOME/releases.

SHA256            a file, by its content             manifests/SHA256    a signed manifest, by its text's
keys.json         the list of release keys that boxes are to trust
"""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from contract.releases import Manifest, ReleaseKeys, SignedKeys, SignedManifest
from deploy.errors import PublishError
from deploy.releases.building import load, verify
from deploy.releases.keys import ReleaseKey, manifest_sha256
from edge.errors import ReleaseError
from edge.releases.signing import decoded, keys_of

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Published:
    """A release in the depot, and which keys (their SHA-256) signed it."""

    sha256: str
    manifest: Manifest
    signed_by: tuple[str, ...]


class Depot:
    """The releases in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def keys(self) -> list[bytes]:
        """The release keys that boxes are to trust; none until some were named.

        Raises:
            PublishError: the list cannot be read.
        """
        listed = self._listed()
        return keys_of(listed) if listed else []

    def key_list(self) -> SignedKeys | None:
        """Return the list of release keys as it was signed; None: there is none yet.

        Raises:
            PublishError: it cannot be read.
        """
        try:
            return decoded(self._keys_file.read_bytes(), SignedKeys)
        except FileNotFoundError:
            return None
        except (OSError, ReleaseError) as error:
            raise PublishError(f"the list of release keys in {self._keys_file} cannot be read: {error}") from error

    def trust(self, keys: Sequence[bytes], by: ReleaseKey) -> int:
        """Let boxes trust `keys` from now on, by the word of a key that they trust; return the list's version.

        Raises:
            PublishError: boxes do not trust `by`, or it cannot be kept.
        """
        listed = self._listed()
        if listed is not None and by.public not in keys_of(listed):
            raise PublishError("boxes do not trust the key that signs this list: sign with one that they trust")
        if listed is None and by.public not in keys:
            raise PublishError("expected the first list to hold the key that signs it")
        version = listed.version + 1 if listed else 1
        self._write(self._keys_file, msgspec.json.encode(by.sign_keys(version, keys)))
        return version

    def publish(self, release: Path) -> Published:
        """Take the signed release in the folder `release` in.

        Raises:
            PublishError: not signed by a key that boxes trust, or not as it was signed, or it cannot be kept.
        """
        if not self.keys:
            raise PublishError("boxes trust no release key yet: footfall release key trust --key KEY KEY.pub")
        manifest, signed = verify(release, self.keys), load(release)
        for file in manifest.files:
            target = self.folder / file.sha256
            if not target.exists():
                self._write(target, release / file.name)
        sha256 = manifest_sha256(signed)
        # Last: what is listed can be had.
        self._write(self.folder / "manifests" / sha256, msgspec.json.encode(signed))
        return _published(sha256, signed)

    def published(self) -> list[Published]:
        """Return the releases, the newest first."""
        found = [_published(path.name, decoded(path.read_bytes(), SignedManifest))
                 for path in (self.folder / "manifests").glob("*") if _SHA256.fullmatch(path.name)]  # fmt: skip
        return sorted(found, key=lambda each: each.manifest.created_at, reverse=True)

    def find(self, name: str, version: str) -> Published:
        """Return the newest release of this name and version.

        Raises:
            PublishError: there is none.
        """
        for each in self.published():
            if (each.manifest.name, each.manifest.version) == (name, version):
                return each
        raise PublishError(f"no release {name} {version} is published here: footfall release list")

    def manifest_file(self, sha256: str) -> Path | None:
        """Return where the signed manifest of this digest lies; None: there is none."""
        return _existing(self.folder / "manifests", sha256)

    def file(self, sha256: str) -> Path | None:
        """Return where the file of this digest lies; None: there is none."""
        return _existing(self.folder, sha256)

    @property
    def _keys_file(self) -> Path:
        return self.folder / "keys.json"

    def _listed(self) -> ReleaseKeys | None:
        signed = self.key_list()
        return decoded(signed.keys, ReleaseKeys) if signed else None

    def _write(self, target: Path, content: bytes | Path) -> None:
        """Put `content`, or a copy of the file that it names, at `target`, whole or not at all."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(f".{target.name}.new")
            if isinstance(content, Path):
                shutil.copyfile(content, part)
            else:
                part.write_bytes(content)
            part.replace(target)
        except OSError as error:
            raise PublishError(f"{target} cannot be written: {error}") from error


def _existing(folder: Path, sha256: str) -> Path | None:
    path = folder / sha256
    return path if _SHA256.fullmatch(sha256) and path.is_file() else None


def _published(sha256: str, signed: SignedManifest) -> Published:
    return Published(sha256, decoded(signed.manifest, Manifest), tuple(each.key for each in signed.signatures))
