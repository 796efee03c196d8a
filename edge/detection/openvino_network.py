"""Networks on OpenVINO: .xml with .bin, .onnx, and TensorFlow's frozen .pb."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import BackendMissingError, DetectorError
from models.quiet import import_openvino


class OpenVinoNetwork:
    """A network compiled for the CPU with a fixed number of threads."""

    def __init__(self, path: Path, *, threads: int = 1, input_shape: tuple[int, ...] | None = None) -> None:
        """Read and compile `path`; `input_shape` fixes a model whose own input has free sides.

        Raises:
            BackendMissingError: OpenVINO is not installed.
            DetectorError: OpenVINO cannot read or compile the file.
        """
        try:
            openvino = import_openvino()
        except ImportError as error:
            raise BackendMissingError(
                f"{path} needs OpenVINO, which is not installed. In the Footfall checkout: "
                "pip install '.[edge-openvino]'"
            ) from error
        try:
            model = openvino.Core().read_model(path)
            if input_shape is not None:
                model.reshape({model.inputs[0].any_name: list(input_shape)})
            options = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
            self._compiled = openvino.Core().compile_model(model, "CPU", options)
            self._request = self._compiled.create_infer_request()
            self._shape = tuple(int(side) for side in self._compiled.inputs[0].shape)
        except RuntimeError as error:
            raise DetectorError(f"OpenVINO cannot load {path}: {error}. Fetch or export the model anew.") from error

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input."""
        return self._shape

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first output; free sides as 0."""
        shape = self._compiled.outputs[0].partial_shape
        return tuple(side.get_length() if side.is_static else 0 for side in shape)

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
