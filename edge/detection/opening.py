"""Opening a detector by name or path: the one place that knows all back ends."""

from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

import cv2

from edge.detection.families import FAMILIES, guess_family
from edge.detection.motion import MotionDetector
from edge.detection.neural import NeuralDetector
from edge.detection.onnx_network import OnnxNetwork
from edge.detection.openvino_network import OpenVinoNetwork
from edge.detection.protocol import Detector, Network
from edge.detection.torch_network import TorchNetwork
from edge.errors import DetectorError, ModelMissingError
from models.registry import ModelSpec, find_spec, load_registry, locate

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

#: For a model that comes as a bare file, and so states none.
DEFAULT_CONFIDENCE: Final = 0.4
_OPENVINO_SUFFIXES: Final = (".xml", ".pb")


def open_detector(model: str, *, confidence: float | None = None, threads: int = 1) -> Detector:
    """Return the detector for `model`: a name of the registry, an .onnx, .xml, .pb or .pt file, or an OpenVINO folder.

    `confidence` replaces the model's own; `threads` bounds what one inference may use.

    Raises:
        UnknownModelError: neither a name of the registry nor an existing path.
        ModelMissingError: a known name whose weights are not on this machine.
        BackendMissingError: the library that runs it is not installed.
        DetectorError: it cannot be loaded, or its output is of no known family.
    """
    return Detectors().open(model, confidence=confidence, threads=threads)


class Detectors:
    """The detectors of one process. Cameras that ask for the same weights share one loaded network."""

    def __init__(
        self, cameras: int = 1, load: Callable[[Path, ModelSpec | None, int, int], Network] | None = None
    ) -> None:
        """Expect `cameras` to ask. `load` replaces what loads a network: path, registered model, threads, cameras."""
        self._cameras = cameras
        self._load = load or _network
        self._opening = Lock()
        self._networks: dict[tuple[Path, int], tuple[Network, AbstractContextManager[object]]] = {}

    def open(self, model: str, *, confidence: float | None = None, threads: int = 1) -> Detector:
        """Return a detector of its own for one camera, as `open_detector`. A shared network takes turns.

        Raises:
            UnknownModelError, ModelMissingError, BackendMissingError, DetectorError: as `open_detector`.
        """
        # The box has few cores, and decoding, counting and publishing want theirs.
        cv2.setNumThreads(1)
        registered = load_registry().get(model)
        if registered is None and Path(model).exists():
            return self._from_path(Path(model), None, confidence or DEFAULT_CONFIDENCE, threads)
        if registered is None and ("/" in model or "\\" in model or Path(model).suffix):
            raise ModelMissingError(
                f"no model at {model}: give an existing file or folder, or a name (`footfall models list`)"
            )
        spec = registered or find_spec(model)
        if spec.backend == "motion":
            return MotionDetector(confidence=confidence or spec.confidence)
        path = locate(spec)
        if path is None:
            raise ModelMissingError(
                f"the weights of `{spec.name}` are not on this machine (looked for {', '.join(spec.entries)}). "
                f"Do `footfall models fetch {spec.name}`, or put them under $FOOTFALL_DATA/models."
            )
        return self._from_path(path, spec, confidence or spec.confidence, threads)

    def _from_path(self, path: Path, spec: ModelSpec | None, confidence: float, threads: int) -> Detector:
        name = spec.name if spec else path.name
        if path.is_dir():
            path = _file_in(path)
        with self._opening:
            key = (path.resolve(), threads)
            if key not in self._networks:
                self._networks[key] = (self._load(path, spec, threads, self._cameras), Lock())
            network, turn = self._networks[key]
        family = network.family or _family_of(network, path, spec)
        return NeuralDetector(network, FAMILIES[family], name=name, confidence=confidence, turn=turn)


def _family_of(network: Network, path: Path, spec: ModelSpec | None) -> str:
    # A checkpoint's output is not always its export's: YOLO26 selects its boxes only once exported.
    return spec.decoder if spec and path.suffix != ".pt" else guess_family(network.output_shape, str(path))


def _network(path: Path, spec: ModelSpec | None, threads: int, cameras: int) -> Network:
    if path.suffix == ".onnx":
        return OnnxNetwork(path, threads=threads)
    if path.suffix == ".pt":
        return TorchNetwork(path, threads=threads)
    if path.suffix not in _OPENVINO_SUFFIXES:
        raise DetectorError(f"{path}: expected an .onnx, .xml, .pb or .pt file, or an OpenVINO folder")
    picture = spec is not None and FAMILIES[spec.decoder].picture_input
    shape = (1, spec.input[1], spec.input[0], 3) if spec is not None and picture else None
    return OpenVinoNetwork(path, threads=threads, input_shape=shape, sizes=cameras)


def _file_in(folder: Path) -> Path:
    files = sorted(folder.glob("*.xml")) or sorted(folder.glob("*.onnx"))
    if len(files) != 1:
        raise ModelMissingError(f"{folder}: expected a folder with one .xml (and its .bin), got {len(files)} of them")
    return files[0]
