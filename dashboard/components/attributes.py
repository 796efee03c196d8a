"""HTML attributes whose names are no Python names."""

from typing import Any


def data(**values: str) -> Any:
    """Return `data-…` attributes: the handles of tests and of scripts."""
    return {f"data-{name}": value for name, value in values.items()}


def aria(**values: str) -> Any:
    """Return `aria-…` attributes."""
    return {f"aria-{name}": value for name, value in values.items()}
