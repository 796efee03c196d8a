"""The import arrows that pyproject.toml draws."""

import subprocess
import sys
from pathlib import Path


def test_every_import_follows_the_arrows() -> None:
    # In a process of its own: import-linter sets logging up anew and thereby silences every logger of this one.
    program = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([str(program)], capture_output=True, text=True, check=False)  # noqa: S603  # ours, no shell
    assert done.returncode == 0, done.stdout + done.stderr
