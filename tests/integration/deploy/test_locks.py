"""The locks: what pyproject asks for, in one version, with the hashes of every file; and the SBOMs made from them."""

import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[3]
LOCKS = ROOT / "deploy" / "locks"
EXTRAS = {
    "all": ("edge", "edge-openvino", "server", "api", "dashboard", "report", "oidc"),
    "edge": ("edge",),
    "edge-openvino": ("edge", "edge-openvino"),
    "server": ("server",),
    "api": ("api",),
    "dashboard": ("dashboard", "report"),
    "dashboard-oidc": ("dashboard", "report", "oidc"),
}
#: What stands in a shop and under a desk. OpenVINO's wheels for ARM want glibc 2.35: Debian 12, Ubuntu 22.04.
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_35")
PYTHONS = ("3.11", "3.12", "3.13")


@cache
def pins(lock: str) -> dict[str, list[Requirement]]:
    """The pinned requirements of a lock by name; one that differs by Python stands there several times."""
    text = (LOCKS / f"{lock}.txt").read_text(encoding="utf-8")
    found: dict[str, list[Requirement]] = {}
    for line in text.replace("\\\n", " ").splitlines():
        if not line.startswith("#") and line.strip():
            pin = Requirement(line.split(" --hash")[0])
            found.setdefault(canonical(pin.name), []).append(pin)
    return found


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted(lock: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    texts = [
        *project["dependencies"],
        *(each for one in EXTRAS[lock] for each in project["optional-dependencies"][one]),
    ]
    return [Requirement(text) for text in texts]


@pytest.mark.parametrize("lock", EXTRAS)
def test_a_lock_has_a_version_of_everything_that_its_install_asks_for(lock: str) -> None:
    for asked in wanted(lock):
        found = pins(lock).get(canonical(asked.name), [])
        assert found, f"{asked} is not in {lock}.txt: make lock"
        for pin in found:
            (version,) = (each.version for each in pin.specifier)
            assert asked.specifier.contains(version), f"{lock}.txt has {pin}, wanted is {asked}: make lock"


@pytest.mark.parametrize("lock", EXTRAS)
def test_everything_is_pinned_with_hashes_and_comes_from_wherever_the_operator_says(lock: str) -> None:
    text = (LOCKS / f"{lock}.txt").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines()[1:]:
        assert re.match(r"^[a-z0-9._-]+==\S+( ; .+?)?( +--hash=sha256:[0-9a-f]{64})+$", line), line[:100]
    assert "://" not in text
    assert "index" not in text


def test_installs_mix_because_all_locks_have_the_same_versions() -> None:
    for lock in EXTRAS:
        for name, found in pins(lock).items():
            assert {str(pin.specifier) for pin in found} <= {str(pin.specifier) for pin in pins("all")[name]}, name


@pytest.mark.slow
def test_an_sbom_names_all_that_its_lock_holds(tmp_path: Path) -> None:
    if importlib.util.find_spec("cyclonedx_py") is None:
        pytest.skip("cyclonedx-bom is not installed: make setup")
    made = subprocess.run(["make", "sbom", f"SBOM={tmp_path}", "BIN=" + str(Path(sys.executable).parent),  # noqa: S603, S607
                           "STAMP=pyproject.toml"], cwd=ROOT, capture_output=True, text=True, check=False)  # fmt: skip
    assert made.returncode == 0, made.stderr
    for lock in EXTRAS:
        bom = json.loads((tmp_path / f"{lock}.cdx.json").read_text(encoding="utf-8"))
        assert (bom["bomFormat"], bom["metadata"]["component"]["name"]) == ("CycloneDX", "footfall")
        assert {canonical(each["name"]) for each in bom["components"]} == set(pins(lock))
        assert all(each["purl"].startswith("pkg:pypi/") for each in bom["components"])


@pytest.mark.slow
@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.parametrize("lock", EXTRAS)
def test_every_platform_finds_a_wheel_with_one_of_the_hashes(
    lock: str, platform: str, python: str, tmp_path: Path
) -> None:
    uv = Path(sys.executable).with_name("uv")
    if not uv.exists():
        pytest.skip("uv is not installed: make setup")
    said = subprocess.run(  # noqa: S603 - the argument list is ours
        [str(uv), "pip", "install", "--dry-run", "--require-hashes", "--only-binary", ":all:", "--python-platform",
         platform, "--python-version", python, "--target", str(tmp_path), "-r", str(LOCKS / f"{lock}.txt")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "Failed to fetch" in said.stderr:
        pytest.skip("no package index can be reached from here")
    assert said.returncode == 0, said.stderr


@pytest.mark.slow
def test_pip_takes_a_lock_with_hashes(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    said = subprocess.run(  # noqa: S603 - the argument list is ours
        [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--require-hashes", "--no-deps",
         "--report", str(report), "-r", str(LOCKS / "server.txt")], capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No matching distribution" in said.stderr or "Connection" in said.stderr:
        pytest.skip("no package index can be reached from here")
    assert said.returncode == 0, said.stderr
    taken = {canonical(each["metadata"]["name"]) for each in json.loads(report.read_text(encoding="utf-8"))["install"]}
    assert taken >= {"msgspec", "fastapi", "psycopg2-binary"}
