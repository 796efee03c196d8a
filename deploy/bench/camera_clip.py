"""A clip like a shop camera's: 1080p, 25 frames a second, H.264. None is shipped, so one is made from what is here."""

import hashlib
from fractions import Fraction
from pathlib import Path
from typing import Final

import av

SIZE: Final = (1920, 1080)
RATE: Final = 25
_SECONDS: Final = 20
#: What such a camera sends, in bits per second.
_BIT_RATE: Final = 4_000_000


def camera_clip(origin: Path, folder: Path) -> Path:
    """Return `origin` scaled up to a camera's format, made in `folder` the first time."""
    name = hashlib.sha256(f"{origin.resolve()}{origin.stat().st_size}".encode()).hexdigest()[:12]
    path = folder / f"camera-1080p25-{name}.mp4"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = path.with_suffix(".part.mp4")
        _encode(origin, half)
        half.replace(path)
    return path


def _encode(origin: Path, target: Path) -> None:
    with av.open(str(origin)) as source, av.open(str(target), "w") as made:
        stream = made.add_stream("libx264", rate=RATE)
        stream.width, stream.height = SIZE
        stream.pix_fmt, stream.bit_rate = "yuv420p", _BIT_RATE
        stream.time_base = Fraction(1, RATE)
        stream.options = {"preset": "veryfast", "g": str(2 * RATE)}
        for number, frame in enumerate(source.decode(video=0)):
            if number == _SECONDS * RATE:
                break
            large = frame.reformat(*SIZE, format="yuv420p")
            large.pts, large.time_base = number, Fraction(1, RATE)
            made.mux(stream.encode(large))
        made.mux(stream.encode())
