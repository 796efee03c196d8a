"""Nothing but the ledger leaves the box: libraries that call home when they are used are kept from it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

LISTEN = """
import sys
calls = []
sys.addaudithook(lambda event, details: calls.append((event, details)) if event in
    ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto") else None)
{work}
import time
until = time.monotonic() + 2  # a report goes out from a thread
while not calls and time.monotonic() < until:
    time.sleep(0.05)
print(calls)
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
    return result.stdout.splitlines()[-1]


def test_the_listener_hears_a_call(tmp_path: Path) -> None:
    assert "localhost" in network_calls("import socket; socket.getaddrinfo('localhost', 9)", tmp_path)


def test_openvino_calls_nobody(tmp_path: Path) -> None:
    pytest.importorskip("openvino", reason="the `edge-openvino` extra is not installed")
    work = "from models.quiet import import_openvino\nimport_openvino().Core()"
    assert network_calls(work, tmp_path) == "[]"


def test_ultralytics_calls_nobody(tmp_path: Path) -> None:
    pytest.importorskip("ultralytics", reason="the `ultralytics` extra is not installed")
    work = "from models.quiet import import_ultralytics\nimport_ultralytics().YOLO('yolo11n.yaml')"
    assert network_calls(work, tmp_path) == "[]"


def test_the_other_runtimes_call_nobody(tmp_path: Path) -> None:
    assert network_calls("import av, cv2, lap, onnxruntime", tmp_path) == "[]"


def test_the_servers_libraries_call_nobody(tmp_path: Path) -> None:
    assert network_calls("import dashboard.app, ingest.service, ingest.orders.app", tmp_path) == "[]"
