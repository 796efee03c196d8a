"""Deque's axe-core run inside of a page, as the browser draws it: what of it somebody cannot read or use."""

from functools import cache
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Page

from tests.support.npm import npm_ci

_FOLDER: Final = Path(__file__).resolve().parents[1] / "axe"
#: What stops somebody, or makes it hard; the milder ones are matters of style.
_WORSE: Final = ("serious", "critical")
_RUN: Final = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


@cache
def script() -> str:
    """Return axe-core's script.

    Raises:
        NpmUnavailableError: it cannot be had here.
    """
    npm_ci(_FOLDER)
    return (_FOLDER / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe finds serious or critical, a line for each element: rule, what is the matter, and which."""
    if not page.evaluate("() => typeof axe === 'object'"):
        page.evaluate(script())
    found: list[dict[str, Any]] = page.evaluate(_RUN)
    return [
        f"{one['id']}: {_why(node)} in {node['html'][:160]}"
        for one in found
        if one["impact"] in _WORSE
        for node in one["nodes"]
    ]


def _why(node: dict[str, Any]) -> str:
    return str(node.get("failureSummary", "")).replace("\n", " ")[:240]
