"""Small wheels, made here: a `footfall` of any version that behaves as a test wants."""

import base64
import hashlib
import zipfile
from pathlib import Path

#: What a fake version does: `check` is its look at the site file, `run` its running.
_PROGRAM = """
import pathlib, sys, time

def main():
    words = sys.argv[1:]
    if words[:2] == ["edge", "check-config"]:
        {check}
    elif words[:2] == ["edge", "run"]:
        {run}
    else:
        print("fake {version}")
"""


def footfall_wheel(
    folder: Path,
    version: str,
    *,
    run: str = "print('fake {version} runs')",
    check: str = "sys.exit(0)",
    needs: str = "",
) -> Path:
    """Write `footfall-VERSION-py3-none-any.whl` whose command does `run` and `check` (Python statements, one line)."""
    program = _PROGRAM.format(version=version, run=run.replace("{version}", version), check=check)
    more = f"Requires-Dist: {needs}\n" if needs else ""
    return wheel(folder, "footfall", version, {"fake_footfall.py": program}, metadata=more,
                 entry_points="[console_scripts]\nfootfall = fake_footfall:main\n")  # fmt: skip


def wheel(
    folder: Path, name: str, version: str, modules: dict[str, str], *, metadata: str = "", entry_points: str = ""
) -> Path:
    """Write a pure wheel with `modules` (path: text)."""
    info = f"{name}-{version}.dist-info"
    files = {
        **modules,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{metadata}",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    if entry_points:
        files[f"{info}/entry_points.txt"] = entry_points
    record = "".join(f"{path},sha256={_digest(text)},{len(text.encode())}\n" for path, text in files.items())
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for inside, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(inside, text)
    return path


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()
