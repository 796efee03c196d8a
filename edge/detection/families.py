"""Families of networks: how each wants its input prepared and its output read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from edge.detection.decoders import (
    Decoder,
    decode_end_to_end,
    decode_ssd,
    decode_tf_ssd,
    decode_yolo,
    decode_yolo_heads,
    decode_yolox,
)
from edge.detection.letterbox import Fit
from edge.errors import DetectorError


@dataclass(frozen=True, slots=True)
class Family:
    """Input: how the frame is fitted, colour order, divisor, and layout. Output: its decoder.

    `parts`: whether a part of a picture shows it people as well as the whole one does. Small networks lean on what is
    around somebody.
    """

    decode: Decoder
    fit: Fit
    rgb: bool
    divisor: float
    #: True: uint8 (1, H, W, 3), as a picture lies in memory. False: float32 (1, 3, H, W).
    picture_input: bool = False
    parts: bool = True


FAMILIES: Final[dict[str, Family]] = {
    "yolo": Family(decode_yolo, "centre", rgb=True, divisor=255.0),
    "yolo_heads": Family(decode_yolo_heads, "centre", rgb=False, divisor=1.0, picture_input=True),
    "end_to_end": Family(decode_end_to_end, "centre", rgb=True, divisor=255.0),
    "yolox": Family(decode_yolox, "corner", rgb=False, divisor=1.0, parts=False),
    "ssd": Family(decode_ssd, "stretch", rgb=False, divisor=1.0),
    "tf_ssd": Family(decode_tf_ssd, "stretch", rgb=True, divisor=1.0, picture_input=True),
}

_Shape = Sequence[int]
#: What the first output's shape gives away, for a model that comes as a bare file.
_SIGNS: Final[tuple[tuple[str, Callable[[_Shape], bool]], ...]] = (
    ("ssd", lambda shape: len(shape) == 4 and shape[3] == 7),  # noqa: PLR2004
    ("end_to_end", lambda shape: len(shape) == 3 and shape[2] == 6),  # noqa: PLR2004
    ("yolox", lambda shape: len(shape) == 3 and shape[2] < shape[1] and shape[2] > 5),  # noqa: PLR2004
    ("yolo", lambda shape: len(shape) == 3 and 4 < shape[1] < shape[2]),  # noqa: PLR2004
)


def guess_family(shape: _Shape, origin: str) -> str:
    """Return the family whose first output has `shape`; `origin` names the model in the error.

    Raises:
        DetectorError: no family has such an output.
    """
    for name, fits in _SIGNS:
        if fits(shape):
            return name
    raise DetectorError(
        f"{origin}: expected an output like YOLO's (1, 84, 8400), YOLO26's (1, 300, 6), YOLOX's (1, 3549, 85) or an "
        f"SSD's (1, 1, 200, 7), got {tuple(shape)}. Export it as one of these (`footfall models export`)."
    )
