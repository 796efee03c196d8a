"""Building a release: a folder with its files and `release.json`, to be signed wherever the key is kept."""

import platform
import shutil
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from contract.releases import Manifest, ReleaseFile, ReleaseVersion, SignedManifest
from contract.types import Name
from deploy.errors import PublishError
from deploy.releases.keys import manifest_sha256
from edge.errors import ReleaseError
from edge.releases.fetching import digest_of
from edge.releases.signing import decoded, verified_manifest

DOCUMENT: Final = "release.json"
APPLICATION: Final = "footfall"
#: What a person types of a release: key, type, and how it is said to look.
_SAID: Final[tuple[tuple[str, Any, str], ...]] = (
    ("name", Name, "a lower-case slug such as yolox-nano"),
    ("version", ReleaseVersion, "two to four numbers such as 1.1 or 0.2.0"),
)


def build_model(
    name: str, version: str, files: Sequence[Path], folder: Path, *, now: datetime, **facts: Any
) -> Manifest:
    """Make a release of a model in `folder`; the first of `files` is the one that is loaded.

    Raises:
        PublishError: a file cannot be read, or a fact is outside the contract.
    """
    entry = files[0].name
    return _build("model", files, folder, name=name, version=version, created_at=now, entry=entry, **facts)


def build_application(
    wheels: Path, folder: Path, *, now: datetime, python: str | None = None, machine: str | None = None, **facts: Any
) -> Manifest:
    """Make a release of the application in `folder` from the wheels in `wheels`, of footfall and all that it needs.

    Its version is that of its footfall wheel; `python` and `machine` are those of the boxes (default: as here).

    Raises:
        PublishError: no such wheels, or a fact is outside the contract.
    """
    files = sorted(wheels.glob("*.whl"))
    own = [file for file in files if file.name.startswith(f"{APPLICATION}-")]
    if len(own) != 1:
        what = f"{len(own)} of footfall among {len(files)} wheels"
        raise PublishError(f"expected one wheel of footfall in {wheels} beside those that it needs, got {what}")
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    return _build(
        "application", files, folder, name=APPLICATION, version=own[0].name.split("-")[1], created_at=now,
        python=python or here, machine=machine or platform.machine().lower(), **facts,
    )  # fmt: skip


def load(folder: Path) -> SignedManifest:
    """Return the document of the release in `folder`.

    Raises:
        PublishError: there is none.
    """
    try:
        return decoded((folder / DOCUMENT).read_bytes(), SignedManifest)
    except (OSError, ReleaseError) as error:
        raise PublishError(f"expected a release in {folder}, got {error}: footfall release build") from error


def save(folder: Path, signed: SignedManifest) -> None:
    """Write the document of the release in `folder`."""
    (folder / DOCUMENT).write_bytes(msgspec.json.encode(signed))


def verify(folder: Path, keys: Sequence[bytes]) -> Manifest:
    """Return the manifest of the release in `folder`, if one of `keys` signed it and its files are as they were.

    Raises:
        PublishError: not signed so, or a file is missing or another.
    """
    signed = load(folder)
    try:
        manifest = verified_manifest(msgspec.json.encode(signed), manifest_sha256(signed), keys)
    except ReleaseError as error:
        raise PublishError(f"{folder}: {error}") from error
    for file in manifest.files:
        path = folder / file.name
        if not path.is_file() or path.stat().st_size != file.size or digest_of(path) != file.sha256:
            raise PublishError(f"{path} is missing, or not the file that was signed: build and sign the release anew")
    return manifest


def _build(kind: str, files: Sequence[Path], folder: Path, **facts: Any) -> Manifest:
    for key, type_, example in _SAID:
        try:
            msgspec.convert(facts[key], type_)
        except msgspec.ValidationError as error:
            raise PublishError(f"{key}: expected {example}, got {facts[key]!r}") from error
    try:
        listed = [ReleaseFile(name=f.name, sha256=digest_of(f), size=f.stat().st_size) for f in files]
        text = msgspec.json.encode(Manifest(kind=kind, files=listed, **facts)).decode()  # type: ignore[arg-type]  # read below
        manifest = decoded(text, Manifest)
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise PublishError(f"expected an empty folder to build in, got {folder} with files in it")
        for file in files:
            shutil.copyfile(file, folder / file.name)
        save(folder, SignedManifest(manifest=text))
    except (OSError, ValueError, ReleaseError) as error:
        raise PublishError(f"the release cannot be built: {error}") from error
    return manifest
