"""Drawings that were uploaded: seen as they were, and nothing else in them."""

import io
import subprocess
import sys
from contextlib import suppress

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


def _sized(size: str) -> bytes:
    return f"<svg xmlns='http://www.w3.org/2000/svg' {size}/>".encode()


@pytest.mark.parametrize(
    ("image", "column"),
    [
        (b"<!DOCTYPE svg [<!ENTITY a 'b'>]>" + _DRAWING.partition("?>")[2].encode(), "plan_svg"),
        (b"<svg>", "plan_svg"),
        (b"<html xmlns='http://www.w3.org/1999/xhtml'/>", "plan_svg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 0 1'/>", "plan_svg"),
        (_sized("viewBox='0 0 1e400 1'"), "plan_svg"),
        (_sized("viewBox='0 0 10 1e400'"), "plan_svg"),
        (_sized("viewBox='-1e400 0 10 10'"), "plan_svg"),
        (_sized("viewBox='0 0 2e6 2e6'"), "plan_svg"),
        (_sized("viewBox='0 0 101 1'"), "plan_svg"),
        (_sized("viewBox='0 0 0.5 0.5'"), "plan_svg"),
        (_sized("width='1e400' height='10'"), "plan_svg"),
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
    bomb = png((5000, 4500), (0, 0, 0, 255))
    assert len(bomb) < KEPT_MAX
    with pytest.raises(FloorPlanError) as refused:
        clean(bomb)
    assert refused.value.column == "plan_size"


@pytest.mark.parametrize("attribute", ["points", "d", "x", "transform", "stroke-dasharray", "fill", "font-family"])
@pytest.mark.parametrize("ends", ["!", "0" * 300_000])
def test_a_value_that_fits_no_pattern_is_told_at_once_however_long_it_is(attribute: str, ends: str) -> None:
    """With a pattern that fits in two ways this would not end in a lifetime."""
    for hostile in (
        "1" * 100_000,
        "1 " * 50_000,
        "translate(" * 10_000,
        "translate(1" + ", 1" * 30_000,
        "rgb(" + "1," * 50_000,
    ):
        with suppress(FloorPlanError):
            assert (
                hostile not in clean(_DRAWING.format(f'<rect {attribute}="{hostile}{ends}"/>').encode()).image.decode()
            )
    with pytest.raises(FloorPlanError):
        clean(_sized(f"viewBox='{'1' * 100_000}{ends}'"))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("points", "10,10 20,20-5.5 .5 1e3,-2E-2"),
        ("points", " 1 , 2 "),
        ("x", "-12.5px"),
        ("transform", "translate(10, -20) rotate(45 1,1),scale(2)"),
        ("transform", "matrix(1 0 0 1 10-5)"),
        ("viewBox", "0 0 10 10"),
    ],
)
def test_numbers_are_taken_as_drawing_programs_write_them(attribute: str, value: str) -> None:
    assert (
        f'{attribute}="{value}"' in clean(_DRAWING.format(f'<polygon {attribute}="{value}"/>').encode()).image.decode()
    )


def test_elements_within_elements_without_end_are_refused() -> None:
    deepest = 63
    clean(_DRAWING.format("<g>" * deepest + "<rect/>" + "</g>" * deepest).encode())
    with pytest.raises(FloorPlanError, match="at most 64 elements within each other") as refused:
        clean(_DRAWING.format("<g>" * 5_000 + "</g>" * 5_000).encode())
    assert refused.value.column == "plan_svg"


def test_a_drawing_with_a_palette_keeps_its_thin_lines_and_one_with_a_clear_colour_its_paper() -> None:
    wide, tall = 3200, 1600
    drawn = Image.new("P", (wide, tall), 0)
    drawn.putpalette([255, 255, 255, 0, 0, 0])
    for x in range(1, wide, 320):
        drawn.paste(1, (x, 0, x + 1, tall))
    written = io.BytesIO()
    drawn.save(written, "PNG")
    seen = Image.open(io.BytesIO(clean(written.getvalue()).image)).convert("L")
    assert sum(seen.getpixel((x, seen.height // 2)) < 200 for x in range(seen.width)) == 10  # type: ignore[operator]
    clear = Image.new("RGB", (40, 40), (9, 9, 9))
    written = io.BytesIO()
    clear.save(written, "PNG", transparency=(9, 9, 9))
    assert Image.open(io.BytesIO(clean(written.getvalue()).image)).convert("RGB").getpixel((5, 5)) == (255, 255, 255)


def test_a_large_photograph_takes_little_memory() -> None:
    """20 megapixels as they are would be 80 MB, and each copy of them as much again."""
    written = io.BytesIO()
    Image.new("RGB", (5000, 4000), "green").save(written, "JPEG")
    program = (
        "import resource, sys; from deploy.floor_images import clean; image = sys.stdin.buffer.read();"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss; kept = clean(image);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, kept.width, kept.height)"
    )
    done = subprocess.run(  # noqa: S603  # ourselves
        [sys.executable, "-c", program], input=written.getvalue(), capture_output=True, check=True
    )
    more_kb, width, height = map(float, done.stdout.split())
    assert (width, height) == (1600.0, 1280.0)
    assert more_kb < 60_000
