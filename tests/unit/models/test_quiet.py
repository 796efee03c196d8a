"""Nothing but the ledger leaves the box: libraries that call home when they are used are kept from it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.extras import need

LISTEN = """
import os, sys
NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
# Written, not collected: a report may go out from a forked process.
def hook(event, details):
    if event in NETWORK:
        os.write(1, f"CALL {{event}} {{details}}\\n".encode())
sys.addaudithook(hook)
{work}
import time
time.sleep(2)  # or from a thread that takes its time
"""


def network_calls(work: str, home: Path) -> str:
    """Return the network calls that `work` makes in a fresh process which nobody takes for a CI machine."""
    environment = {name: value for name, value in os.environ.items() if name not in ("CI", "TF_BUILD", "JENKINS_URL")}
    result = subprocess.run(  # noqa: S603 - our own interpreter, our own text
        [sys.executable, "-c", LISTEN.format(work=work)],
        capture_output=True,
        text=True,
        check=True,
        env={**environment, "HOME": str(home)},
    )
    return "".join(line for line in result.stdout.splitlines() if line.startswith("CALL"))


def test_the_listener_hears_a_call(tmp_path: Path) -> None:
    assert "localhost" in network_calls("import socket; socket.getaddrinfo('localhost', 9)", tmp_path)


def test_openvino_calls_nobody(tmp_path: Path) -> None:
    need("openvino", extra="edge-openvino")
    work = "from models.quiet import import_openvino\nimport_openvino()"
    assert network_calls(work, tmp_path) == ""


def test_ultralytics_calls_nobody(tmp_path: Path) -> None:
    need("ultralytics", extra="ultralytics")
    work = "from models.quiet import import_ultralytics\nimport_ultralytics().YOLO('yolo11n.yaml')"
    assert network_calls(work, tmp_path) == ""


def test_the_other_runtimes_call_nobody(tmp_path: Path) -> None:
    assert network_calls("import av, cv2, lap, onnxruntime", tmp_path) == ""


def test_the_servers_libraries_call_nobody(tmp_path: Path) -> None:
    assert network_calls("import dashboard.app, ingest.service, ingest.orders.app", tmp_path) == ""
