"""An ONNX file whose input is freed: it computes what it did, and takes other sizes as well."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detection.decoders import yolox_cells
from edge.detection.onnx_network import OnnxNetwork
from edge.detection.onnx_sides import with_free_sides

#: ModelProto { graph { input { name: "x", type: tensor of dim 1, 3, 416, 416 }, value_info { name: "v" } } }
SIDES = (
    b"".join(b"\x0a\x02\x08\x01" if side == 1 else b"\x0a\x02\x08\x03" for side in (1, 3)) + 2 * b"\x0a\x03\x08\xa0\x03"
)
TENSOR = b"\x08\x01\x12" + bytes([len(SIDES)]) + SIDES
TYPE = b"\x0a" + bytes([len(TENSOR)]) + TENSOR
INPUT = b"\x0a\x01x\x12" + bytes([len(TYPE)]) + TYPE
GRAPH = b"\x5a" + bytes([len(INPUT)]) + INPUT + b"\x6a\x03\x0a\x01v"
MODEL = b"\x08\x08\x3a" + bytes([len(GRAPH)]) + GRAPH


@pytest.fixture
def weights(data_folder: Path) -> Path:
    path = data_folder / "models" / "yolox_nano.onnx"
    if not path.exists():
        pytest.skip(f"not here: {path}")
    return path


def test_height_and_width_get_a_name_and_the_rest_stays() -> None:
    freed = with_free_sides(MODEL)
    assert freed.startswith(b"\x08\x08\x3a")
    assert b"side_2" in freed
    assert b"side_3" in freed
    assert SIDES[:8] in freed, "batch and channels"
    assert b"\xa0\x03" not in freed
    assert b"\x0a\x01v" not in freed, "what lies between is worked out anew"


def test_at_its_own_size_it_computes_the_same_and_at_others_too(weights: Path) -> None:
    freed, fixed = OnnxNetwork(weights), OnnxNetwork(weights, as_it_is=True)
    assert (freed.flexible, fixed.flexible) == (True, False)
    assert freed.input_shape == fixed.input_shape == (1, 3, 416, 416)
    assert freed.output_shape == fixed.output_shape
    picture = np.random.default_rng(1).uniform(0, 255, (1, 3, 416, 416)).astype(np.float32)
    assert np.array_equal(freed.run(picture)[0], fixed.run(picture)[0])
    assert freed.run(picture[:, :, :256])[0].shape == (1, yolox_cells((416, 256)), 85)


@pytest.mark.parametrize("broken", [MODEL[:-1], MODEL[:9], b"\x0b", b"\x80", b"\x3a\xff\xff\xff\xff\x0f"])
def test_what_breaks_off_is_refused(broken: bytes) -> None:
    with pytest.raises(ValueError, match="expected an ONNX file"):
        with_free_sides(broken)


@given(st.binary(max_size=200))
def test_whatever_comes_is_passed_on_or_refused(anything: bytes) -> None:
    try:
        assert isinstance(with_free_sides(anything), bytes)
    except ValueError as error:
        assert "expected an ONNX file" in str(error)  # noqa: PT017 - refused is as good as passed on
