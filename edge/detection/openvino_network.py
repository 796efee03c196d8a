"""Networks on OpenVINO: .xml with .bin, .onnx, and TensorFlow's frozen .pb."""

import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.detection.openvino_graph import person_only, takes_pictures
from edge.errors import BackendMissingError, DetectorError
from models.quiet import import_openvino

#: The compiled kernels of one network for one input size take 45 MB. oneDNN keeps those of every size it ever saw
#: unless it is told before it is loaded; OpenVINO keeps as many again as its own setting says.
_KEEP_NO_KERNELS: Final = {"ONEDNN_PRIMITIVE_CACHE_CAPACITY": "0"}


class OpenVinoNetwork:
    """A network compiled for the CPU with a fixed number of threads."""

    def __init__(
        self,
        path: Path,
        *,
        threads: int = 1,
        input_shape: tuple[int, ...] | None = None,
        sizes: int = 1,
        as_it_is: bool = False,
    ) -> None:
        """Read and compile `path`; `input_shape` fixes a model whose own input has free sides.

        A YOLOv8/11 export is rewritten so that it takes any size and finds nothing but people; `as_it_is` leaves it.
        `sizes`: so many input sizes take turns (several cameras): their kernels are all kept.

        Raises:
            BackendMissingError: OpenVINO is not installed.
            DetectorError: OpenVINO cannot read or compile the file.
        """
        for name, value in _KEEP_NO_KERNELS.items():
            os.environ.setdefault(name, value)
        try:
            openvino = import_openvino()
        except ImportError as error:
            raise BackendMissingError(
                f"{path} needs OpenVINO, which is not installed. In the Footfall checkout: "
                "pip install '.[edge-openvino]'"
            ) from error
        try:
            model = self._read(openvino, path, input_shape, as_it_is=as_it_is)
            options = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
            options |= {"CPU_RUNTIME_CACHE_CAPACITY": 0} if self.flexible and sizes == 1 else {}
            self._compiled = openvino.Core().compile_model(model, "CPU", options)
            self._request = self._compiled.create_infer_request()
        except RuntimeError as error:
            raise DetectorError(f"OpenVINO cannot load {path}: {error}. Fetch or export the model anew.") from error

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input, the largest one where it is flexible."""
        return self._shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first output of the file; free sides as 0."""
        return self._output_shape

    def run(self, blob: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        """Return the outputs for `blob`. They are the network's own buffers: valid until the next call.

        Raises:
            DetectorError: OpenVINO failed on this input.
        """
        try:
            self._request.infer([blob], share_inputs=True, share_outputs=True)
        except RuntimeError as error:
            raise DetectorError(f"OpenVINO failed on an input of {blob.shape}: {error}") from error
        return [np.asarray(tensor.data) for tensor in self._request.output_tensors]

    def _read(self, openvino: Any, path: Path, input_shape: tuple[int, ...] | None, *, as_it_is: bool) -> Any:
        """Return the model to compile, and note its shapes."""
        core = openvino.Core()
        model = core.read_model(path)
        if input_shape is not None:
            model.reshape({model.inputs[0].any_name: list(input_shape)})
        output = model.outputs[0].partial_shape
        self._output_shape = tuple(side.get_length() if side.is_static else 0 for side in output)
        self._shape = tuple(int(side) for side in model.inputs[0].shape)
        rewritten = None if as_it_is or input_shape is not None else person_only(openvino, model)
        #: Takes pictures of any size in whole 32 pixels; `family` says how it is then spoken to.
        self.flexible, self.family = rewritten is not None, "yolo_heads" if rewritten is not None else None
        if rewritten is None:
            return model if as_it_is or input_shape is not None else core.read_model(path)
        self._shape = (1, *self._shape[2:4], 3)
        return takes_pictures(openvino, rewritten)
