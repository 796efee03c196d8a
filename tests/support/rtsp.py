"""A network camera: the RTSP server of aio-rtsp-toolkit on a clip, which can be killed and held still."""

import importlib.util
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import av

from deploy.process import free_port, listens
from tests.support.clocks import wait_until

#: Whether there is such a server here: pip install 'aio-rtsp-toolkit[server]'.
INSTALLED: Final = importlib.util.find_spec("aio_rtsp_toolkit") is not None


class RtspServer:
    """The RTSP server of aio-rtsp-toolkit as a child process, on a free port of this machine."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port, self._control_port = free_port(), free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._port}/clip.mp4"

    def start(self) -> None:
        words = ["-d", str(self._folder), "-H", "127.0.0.1", "-p", str(self._port), "-cp", str(self._control_port)]
        program = Path(sys.executable).with_name("rtsp-server")
        # The program is the one that this environment installed, its words are ours.
        self._process = subprocess.Popen(  # noqa: S603
            [str(program), *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        wait_until(lambda: listens(self._port), what="the RTSP server listens", within_s=20)

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None


def write_h264(path: Path, pictures: Iterable[av.VideoFrame], *, size: tuple[int, int], fps: int) -> None:
    """Write a clip that the server can play.

    Raises:
        av.error.FFmpegError: this PyAV has no H.264 encoder.
    """
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=fps, options={"g": str(fps), "bf": "0", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for picture in pictures:
            container.mux(stream.encode(picture))
        container.mux(stream.encode())
