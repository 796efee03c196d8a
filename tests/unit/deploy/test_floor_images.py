"""Drawings that were uploaded: seen as they were, and nothing else in them."""

import io

import pytest
from PIL import Image

from deploy.errors import FloorPlanError
from deploy.floor_images import KEPT_MAX, clean

_DRAWING = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:ink="http://inkscape.example" viewBox="0 0 400 200" onload="alert(1)">
<title>Shop</title><ink:view zoom="1"/>
<rect x="10" y="10" width="380" height="180" style="fill:none;stroke:#333;behavior:url(x)" onclick="alert(2)"/>
<path d="M 0 0 L 10,10 z" fill="url(#paint)" transform="translate(1 2)"/>
<text x="20" y="40" font-size="12px">Till &amp; door</text>{}</svg>"""


def png(size: tuple[int, int], colour: tuple[int, int, int, int]) -> bytes:
    written = io.BytesIO()
    Image.new("RGBA", size, colour).save(written, "PNG")
    return written.getvalue()


def test_a_png_lies_on_white_paper_and_is_no_larger_than_it_must_be() -> None:
    kept = clean(png((3200, 1600), (0, 0, 0, 0)))
    assert (kept.media, kept.width, kept.height) == ("image/png", 1600.0, 800.0)
    seen = Image.open(io.BytesIO(kept.image)).convert("RGB")
    assert seen.getpixel((5, 5)) == (255, 255, 255)
    assert len(kept.image) < 50_000


def test_a_photograph_is_turned_upright_and_loses_what_it_told_of_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010E] = "Nanjing Road"
    written = io.BytesIO()
    Image.new("RGB", (60, 40), "green").save(written, "JPEG", exif=exif)
    kept = clean(written.getvalue())
    assert (kept.media, kept.width, kept.height) == ("image/jpeg", 40.0, 60.0)
    assert b"Nanjing" not in kept.image
    assert b"Exif" not in kept.image


def test_a_drawing_keeps_shapes_texts_and_colours_and_nothing_that_acts() -> None:
    kept = clean(_DRAWING.format("").encode())
    text = kept.image.decode()
    assert (kept.media, kept.width, kept.height) == ("image/svg+xml", 400.0, 200.0)
    assert "Till &amp; door" in text
    assert 'stroke="#333"' in text
    assert 'transform="translate(1 2)"' in text
    assert 'fill="none"' in text
    for what in ("onload", "onclick", "alert", "url(", "behavior", "inkscape", "<title"):
        assert what not in text


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        "<style>* { fill: red }</style>",
        '<image href="https://elsewhere.example/a.png"/>',
        '<use href="#a"/>',
        "<foreignObject><p>hello</p></foreignObject>",
        '<a href="javascript:alert(1)"><rect/></a>',
        "<g><animate/></g>",
    ],
)
def test_a_drawing_that_could_do_something_is_refused(inside: str) -> None:
    with pytest.raises(FloorPlanError, match="expected shapes and texts") as refused:
        clean(_DRAWING.format(inside).encode())
    assert refused.value.column == "plan_svg"


@pytest.mark.parametrize(
    ("image", "column"),
    [
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + _DRAWING.partition("?>")[2].encode(), "plan_svg"),
        (b"<svg>", "plan_svg"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "plan_svg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 0 1'/>", "plan_svg"),
        (b"GIF89a" + bytes(40), "plan"),
        (b"", "plan"),
        (png((4, 4), (1, 2, 3, 255))[:40], "plan"),
        (bytes(5_000_001), "plan_size"),
    ],
)  # fmt: skip
def test_what_is_no_drawing_is_refused_with_what_is_wrong(image: bytes, column: str) -> None:
    with pytest.raises(FloorPlanError) as refused:
        clean(image)
    assert refused.value.column == column


def test_a_drawing_of_too_many_pixels_is_not_even_opened() -> None:
    bomb = png((8000, 8000), (0, 0, 0, 255))
    assert len(bomb) < KEPT_MAX
    with pytest.raises(FloorPlanError) as refused:
        clean(bomb)
    assert refused.value.column == "plan_size"
