"""The model registry: what registry.toml says, and where a model lies on this machine.

Standard library only, so that a camera box, a server and a set-up script can all read it.
"""

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from models.errors import RegistryError, UnknownModelError


@dataclass(frozen=True, slots=True)
class ModelFile:
    """One file to download: `path` in a model folder, and the digests (hex) of which one must match."""

    path: str
    url: str
    sha256: str | None = None
    sha384: str | None = None


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model of the registry. `input` is (width, height) in pixels, `classes` those that are read."""

    name: str
    task: str
    input: tuple[int, int]
    classes: tuple[str, ...]
    licence: str
    backend: str
    decoder: str
    confidence: float
    entries: tuple[str, ...]
    files: tuple[ModelFile, ...]
    note: str


def load_registry(path: Path | None = None) -> dict[str, ModelSpec]:
    """Return the models of `path` (default: the one beside this module) by name.

    Raises:
        RegistryError: not readable, a key missing or unknown, a file without a digest.
    """
    return dict(_load(path or Path(__file__).with_name("registry.toml")))


def find_spec(name: str) -> ModelSpec:
    """Return the model called `name`.

    Raises:
        UnknownModelError: the registry has no such model; names those it has.
    """
    registry = load_registry()
    if name not in registry:
        raise UnknownModelError(f"no model `{name}`: expected one of {', '.join(registry)}, or a path to a model file")
    return registry[name]


def model_folders() -> Iterator[Path]:
    """Yield the folders where models are looked for, in order; downloads go to the last."""
    data = os.environ.get("FOOTFALL_DATA")
    if data:
        yield Path(data) / "models"
        yield Path(data)
    for root in (Path(__file__).resolve().parents[1], Path.cwd()):
        yield root.parent / "shared" / "data" / "models"
    yield cache_folder()


def cache_folder() -> Path:
    """Return the folder that downloads go to: ~/.cache/footfall/models, or under XDG_CACHE_HOME."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "footfall" / "models"


def locate(spec: ModelSpec) -> Path | None:
    """Return where the model lies on this machine, or None: its first entry that some model folder has."""
    folders = list(model_folders())
    found = (folder / entry for entry in spec.entries for folder in folders if (folder / entry).exists())
    return next(found, None)


@cache
def _load(path: Path) -> tuple[tuple[str, ModelSpec], ...]:
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RegistryError(f"{path}: expected a registry in TOML, got {error}") from error
    return tuple((spec.name, spec) for spec in (_spec(path, table) for table in raw.get("models", [])))


def _spec(path: Path, table: dict[str, Any]) -> ModelSpec:
    name = table.get("name", "a model without a name")
    try:
        files = tuple(ModelFile(**entry) for entry in table.pop("files", []))
        lists: dict[str, Any] = {key: tuple(table.pop(key)) for key in ("input", "classes", "entries")}
        spec = ModelSpec(**table, **lists, files=files)
    except (KeyError, TypeError) as error:
        raise RegistryError(f"{path}: {name}: a key is missing or unknown: {error}") from error
    for file in files:
        if not (file.sha256 or file.sha384):
            raise RegistryError(f"{path}: {name}: {file.path} has no digest: pin its sha256")
    return spec
