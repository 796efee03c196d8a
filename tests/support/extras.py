"""Skipping what needs an extra, without importing it: OpenVINO reports being imported (models/quiet.py)."""

from importlib.util import find_spec
from pathlib import Path

import pytest


def need(module: str, *, extra: str) -> None:
    """Skip the test when `module` is not installed."""
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed: the `{extra}` extra brings it")


def model_path(data_folder: Path, name: str) -> str:
    """The path of real weights; skips the test where they, or what runs them, are not here."""
    path = data_folder / "models" / name
    if not path.exists():
        pytest.skip(f"no such weights here: {path}")
    if path.is_dir():
        need("openvino", extra="edge-openvino")
    return str(path)
