"""A network that swallows what is said to the database is noticed soon, not when the kernel gives up."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

UNSHARE = shutil.which("unshare") or ""


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not UNSHARE or not shutil.which("ip"), reason="needs root, unshare and ip")
def test_a_question_into_the_void_is_given_up_after_half_a_minute(server_folder: Path) -> None:
    folder = Path(tempfile.mkdtemp(prefix="void-", dir=server_folder))
    folder.chmod(0o755)
    done = subprocess.run(  # noqa: S603  # ours
        [UNSHARE, "--net", sys.executable, "-m", "tests.support.silent_database", str(folder / "postgres")],
        capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    if "Operation not permitted" in done.stderr:
        pytest.skip(f"no network namespace can be made here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert 20 < float(done.stdout) < 40
