"""Skipping what needs an extra, without importing it: OpenVINO reports being imported (models/quiet.py)."""

from importlib.util import find_spec

import pytest


def need(module: str, *, extra: str) -> None:
    """Skip the test when `module` is not installed."""
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed: the `{extra}` extra brings it")
