"""Sizes of modules and functions, and words that do not belong in the project."""

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contract", "edge", "ingest", "analytics", "api", "dashboard", "models", "deploy")
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 50
#: Registry hosts and workplace paths tie the project to one machine; open ends belong in an issue.
FORBIDDEN = re.compile(
    r"/[w]ork/|/[f]arm/|pypi\.org/[s]imple|deb\.[d]ebian\.org|registry\.[n]pmjs|\b[T]ODO\b|\b[F]IXME\b|# ?[X]XX\b"
)


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(  # noqa: S603 - the argument list is ours
        ["git", "ls-files", "-z", "--", *patterns],  # noqa: S607 - whichever git there is
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the tracked files are unknown")
    return [path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file()]


def modules() -> list[Path]:
    return tracked(*(f"{package}/*.py" for package in PACKAGES))


def functions() -> Iterator[tuple[str, int]]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
                start = min(node.lineno, first[0].lineno)
                documented = first[0].lineno - node.body[0].lineno
                yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or start) - start + 1 - documented


def test_no_module_is_longer_than_anyone_reads() -> None:
    long = {str(path.relative_to(ROOT)): lines for path in [*modules(), *tracked("tests/*.py")]
            if (lines := len(path.read_text(encoding="utf-8").splitlines())) > MODULE_LINES_MAX}  # fmt: skip
    assert long == {}


def test_no_function_is_longer_than_a_screen() -> None:
    assert {name: lines for name, lines in functions() if lines > FUNCTION_LINES_MAX} == {}


def test_most_modules_and_functions_are_short() -> None:
    module_lines = sorted(len(path.read_text(encoding="utf-8").splitlines()) for path in modules())
    function_lines = sorted(lines for _, lines in functions())
    assert statistics.median(module_lines) <= 120
    assert statistics.quantiles(module_lines, n=10)[-1] <= 250
    assert statistics.median(function_lines) <= 6
    assert statistics.quantiles(function_lines, n=10)[-1] <= 22


def test_every_module_says_what_it_is() -> None:
    assert [str(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []


def test_the_project_speaks_of_itself_alone() -> None:
    found = []
    for path in tracked():
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        if path.name not in ("package-lock.json", "LICENSE"):
            found += [f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
                      for number, line in enumerate(lines, start=1) if FORBIDDEN.search(line)]  # fmt: skip
    assert found == []
