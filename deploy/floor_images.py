"""Images of floor plans: whatever was uploaded is decoded and encoded anew, so that nothing else comes in with it."""

import io
from dataclasses import dataclass
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from deploy.errors import FloorPlanError
from deploy.floor_svg import clean_svg

#: Of what is uploaded, and of what is kept.
BYTES_MAX: Final = 5_000_000
KEPT_MAX: Final = 2_000_000
_PIXELS_MAX: Final = 20_000_000
#: Pixels along the longer side of what is kept.
_SIDE: Final = 1600
#: Kinds of pixels that lie between two others; of the rest, palettes above all, lines would get lost.
_SMOOTH: Final = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})
_COLOURS: Final = 64
_QUALITY: Final = 80


@dataclass(frozen=True, slots=True)
class PlanImage:
    """An image that may be shown, its media type and size."""

    media: str
    image: bytes
    width: float
    height: float


def clean(image: bytes) -> PlanImage:
    """Return what can be seen in a PNG, JPEG or SVG, on white paper.

    Raises:
        FloorPlanError: it is none of them, too large, or cannot be decoded.
    """
    if len(image) > BYTES_MAX:
        raise FloorPlanError(f"plan: expected at most {BYTES_MAX:,} bytes, got {len(image):,}", column="plan_size")
    if image.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        written, width, height = clean_svg(image.removeprefix(b"\xef\xbb\xbf"))
        kept = PlanImage("image/svg+xml", written, width, height)
    else:
        kept = _pixels(image)
    if len(kept.image) > KEPT_MAX:
        raise FloorPlanError(f"plan: {len(kept.image):,} bytes are left, expected {KEPT_MAX:,}", column="plan_size")
    return kept


def _pixels(image: bytes) -> PlanImage:
    try:
        with Image.open(io.BytesIO(image), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > _PIXELS_MAX:
                raise FloorPlanError(f"plan: expected at most {_PIXELS_MAX:,} pixels", column="plan_size")
            photograph = opened.format == "JPEG"
            small: Image.Image = opened
            if opened.mode not in _SMOOTH or "transparency" in opened.info:
                small = opened.convert("RGBA")
            # Made small before anything is copied: of a photograph no more is decoded than that takes.
            small.thumbnail((_SIDE, _SIDE))
            upright = ImageOps.exif_transpose(small).convert("RGBA")
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, ValueError, SyntaxError) as error:
        raise FloorPlanError(
            f"plan: expected a PNG, JPEG or SVG, it cannot be decoded: {type(error).__name__}", column="plan"
        ) from error
    paper = Image.new("RGB", upright.size, "white")
    paper.paste(upright, mask=upright.getchannel("A"))
    written = io.BytesIO()
    if photograph:
        paper.save(written, "JPEG", quality=_QUALITY)
        return PlanImage("image/jpeg", written.getvalue(), *map(float, paper.size))
    paper.quantize(_COLOURS).save(written, "PNG", optimize=True)
    return PlanImage("image/png", written.getvalue(), *map(float, paper.size))
