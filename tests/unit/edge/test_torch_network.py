"""Checkpoints and their export, where the `ultralytics` extra is installed. Weights are random: shapes are checked."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from edge.detection.opening import open_detector
from models.export import Format, export
from models.registry import load_registry


@pytest.fixture(scope="module")
def checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an untrained checkpoint of each Ultralytics model of the registry."""
    ultralytics: Any = pytest.importorskip("ultralytics", reason="the `ultralytics` extra is not installed")
    folder = tmp_path_factory.mktemp("checkpoints")
    for name in ("yolo11n", "yolo26n"):
        ultralytics.YOLO(f"{name}.yaml").save(folder / f"{name}.pt")
    return folder


@pytest.mark.parametrize("name", ["yolo11n", "yolo26n"])
def test_a_checkpoint_answers_with_boxes_inside_the_frame(checkpoints: Path, name: str) -> None:
    image = np.random.default_rng(1).integers(0, 255, (240, 320, 3), np.uint8)
    found = open_detector(str(checkpoints / f"{name}.pt"), confidence=0.001).detect(image)
    assert found.xyxy.shape == (len(found.score), 4)
    assert (found.xyxy[:, [0, 2]] <= 320).all()
    assert (found.xyxy[:, [1, 3]] <= 240).all()


@pytest.mark.parametrize("to", ["onnx", "openvino"])
@pytest.mark.parametrize("name", ["yolo11n", "yolo26n"])
@pytest.mark.filterwarnings("default")  # torch warns about itself while it traces
def test_an_export_is_what_the_agent_loads(
    checkpoints: Path, name: str, to: Format, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FOOTFALL_DATA", str(checkpoints))
    exported = export(load_registry()[name], to=to, folder=checkpoints)
    assert capsys.readouterr().out == ""
    assert len(open_detector(str(exported)).detect(np.zeros((240, 320, 3), np.uint8)).score) == 0
