"""The system's Chromium, driven by Playwright: for measuring, for pictures, for tests."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from deploy.errors import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def chromium() -> str | None:
    """Return the path of the system's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def chromium_arguments() -> list[str]:
    """Return how Chromium is started: nothing in the background, no sandbox for root (it has none)."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
    return [*quiet, "--no-sandbox"] if os.geteuid() == 0 else quiet


@contextmanager
def browser() -> Iterator["Browser"]:
    """Run the system's Chromium.

    Raises:
        BenchError: there is none, or Playwright is not installed.
    """
    path = chromium()
    if path is None:
        raise BenchError("no Chromium on PATH: install Debian's `chromium`")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415  # part of no server's install
    except ImportError as error:
        raise BenchError("Playwright drives the browser: pip install playwright (no browser of its own)") from error
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=path, args=chromium_arguments())
        try:
            yield running
        finally:
            running.close()
