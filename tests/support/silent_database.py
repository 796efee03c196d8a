"""A database whose network swallows everything from one moment on; prints after how many seconds that was noticed.

    unshare --net python -m tests.support.silent_database FOLDER

In a network namespace of its own, because it takes the loopback away from whoever uses it.
"""

import shutil
import subprocess
import sys
import time
from pathlib import Path

from deploy.postgres import EmbeddedPostgres
from deploy.process import Process
from ingest.database import Database
from ingest.errors import UnavailableError


def loopback(state: str) -> None:
    program = shutil.which("ip") or "ip"
    subprocess.run([program, "link", "set", "lo", state], check=True)  # noqa: S603  # ours


def noticed_after_s(folder: Path) -> float:
    loopback("up")
    postgres = EmbeddedPostgres(folder, durable=False)
    process = Process(postgres.service())
    process.start()
    try:
        database = Database(postgres.url("postgres"))
        with database.transaction() as cursor:
            cursor.execute("SELECT 1")
        loopback("down")
        began_s = time.monotonic()
        try:
            with database.transaction() as cursor:
                cursor.execute("SELECT 2")
        except UnavailableError:
            return time.monotonic() - began_s
        raise AssertionError("a database without a network has answered")
    finally:
        loopback("up")
        process.stop()


if __name__ == "__main__":
    sys.stdout.write(f"{noticed_after_s(Path(sys.argv[1]))}\n")
