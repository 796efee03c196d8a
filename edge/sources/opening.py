"""Opening a source by its address: the one place that knows all kinds."""

import re
from pathlib import Path

from edge.clock import utc_now
from edge.config import CameraConfig
from edge.errors import SourceError
from edge.sources.addresses import shown
from edge.sources.file import FileSource, LoopedFileSource
from edge.sources.folder import FolderSource
from edge.sources.mjpeg import MjpegSource
from edge.sources.pacing import Pace
from edge.sources.protocol import Clock, VideoSource
from edge.sources.rtsp import RtspSource
from edge.sources.usb import UsbSource


def open_paced(camera: CameraConfig, *, clock: Clock = utc_now) -> VideoSource:
    """Return the opened source of `camera`: nothing of it lies ahead of the clock, as nothing of a camera does.

    Raises:
        SourceError: as `open_source`.
    """
    return open_source(camera, clock=clock, paced=True)


def open_source(camera: CameraConfig, *, clock: Clock = utc_now, paced: bool = False) -> VideoSource:
    """Return the opened source of `camera`: rtsp[s]://…, http[s]://… (MJPEG), usb:N, a folder of images, a video file.

    A file is read once as fast as it is asked for (`paced`: not ahead of the clock), or, with `loop`, played for ever
    at its own pace. Only frames due at `camera.fps` are yielded.

    Raises:
        SourceError: it cannot be opened; says what to check.
    """
    address = camera.source
    usb = re.fullmatch(r"usb:(\d+)", address)
    if usb:
        return UsbSource(int(usb[1]), clock=clock, fps=camera.fps)
    if address.startswith(("rtsp://", "rtsps://")):
        return RtspSource(address, clock=clock, fps=camera.fps)
    if address.startswith(("http://", "https://")):
        return MjpegSource(address, clock=clock, fps=camera.fps)
    if "://" in address:
        raise SourceError(f"{shown(address)}: expected rtsp://…, http://…, usb:N, a folder of images or a video file")
    path = Path(address).expanduser()
    if path.is_dir():
        return FolderSource(path, started_at=clock(), fps=camera.fps)
    if camera.loop:
        return LoopedFileSource(path, clock=clock, fps=camera.fps)
    return FileSource(path, started_at=clock(), fps=camera.fps, pace=Pace(clock) if paced else None)
