"""Networks on ONNX Runtime: .onnx, the lean default."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import BackendMissingError, DetectorError


class OnnxNetwork:
    """A network on ONNX Runtime's CPU provider with a fixed number of threads."""

    family: str | None = None

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """Load `path`.

        Raises:
            BackendMissingError: ONNX Runtime is not installed.
            DetectorError: the file is not a model it can run.
        """
        try:
            import onnxruntime  # noqa: PLC0415 - a server that recounts with OpenVINO alone need not have it
        except ImportError as error:
            raise BackendMissingError(
                f"{path} needs ONNX Runtime, which is not installed. In the Footfall checkout: pip install '.[edge]'"
            ) from error
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Waiting threads would otherwise burn the core that decoding and counting need.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # ONNX Runtime raises a dozen unrelated classes here (one per status code) without a common public base.
            raise DetectorError(f"ONNX Runtime cannot load {path}: {error}. Fetch or export the model anew.") from error
        self._input = self._session.get_inputs()[0]
        #: Exported with free height and width.
        self.flexible = not any(isinstance(side, int) for side in self._input.shape[2:4])
        self._failures = (RuntimeError, ValueError, TypeError)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input; free sides are given as 1 for the batch and 640 for a picture's."""
        sides = self._input.shape
        return tuple(side if isinstance(side, int) else (1 if axis == 0 else 640) for axis, side in enumerate(sides))

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first output; free sides as 0."""
        return tuple(side if isinstance(side, int) else 0 for side in self._session.get_outputs()[0].shape)

    def run(self, blob: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        """Return the outputs for `blob`.

        Raises:
            DetectorError: ONNX Runtime failed on this input.
        """
        try:
            return list(self._session.run(None, {self._input.name: blob}))
        except self._failures as error:
            raise DetectorError(f"ONNX Runtime failed on an input of {blob.shape}: {error}") from error
