"""Networks on ONNX Runtime: .onnx, the lean default."""

import logging
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge.detection.decoders import yolox_cells
from edge.detection.onnx_sides import with_free_sides
from edge.errors import BackendMissingError, DetectorError

_LOGGER = logging.getLogger(__name__)
#: A picture of (width, height) on which a graph is tried whose sides were freed.
_TRIED: Final = (96, 64)


class OnnxNetwork:
    """A network on ONNX Runtime's CPU provider with a fixed number of threads.

    A YOLOX export states one input size, but nothing inside depends on it: it takes others as well.
    """

    family: str | None = None

    def __init__(self, path: Path, *, threads: int = 1, as_it_is: bool = False) -> None:
        """Load `path`. `as_it_is` leaves a YOLOX export its size.

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
        self._failures = (RuntimeError, ValueError, TypeError)
        try:
            self._session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
        except Exception as error:
            # ONNX Runtime raises a dozen unrelated classes here (one per status code) without a common public base.
            raise DetectorError(f"ONNX Runtime cannot load {path}: {error}. Fetch or export the model anew.") from error
        self._input = self._session.get_inputs()[0].name
        self._shape = tuple(self._session.get_inputs()[0].shape)
        self._output_shape = tuple(self._session.get_outputs()[0].shape)
        #: Height and width are free.
        self.flexible = not any(isinstance(side, int) for side in self._shape[2:4])
        if not (self.flexible or as_it_is) and self._is_yolox():
            try:
                freed = with_free_sides(path.read_bytes())
                session = onnxruntime.InferenceSession(freed, options, providers=["CPUExecutionProvider"])
                self._take_if_free(session)
            except Exception:
                # As above; what cannot be freed is run as it is.
                _LOGGER.debug("%s keeps its input size", path, exc_info=True)

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input; free sides are given as 1 for the batch and 640 for a picture's."""
        return tuple(
            side if isinstance(side, int) else (1 if axis == 0 else 640) for axis, side in enumerate(self._shape)
        )

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first output; free sides as 0."""
        return tuple(side if isinstance(side, int) else 0 for side in self._output_shape)

    def run(self, blob: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        """Return the outputs for `blob`.

        Raises:
            DetectorError: ONNX Runtime failed on this input.
        """
        try:
            return list(self._session.run(None, {self._input: blob}))
        except self._failures as error:
            raise DetectorError(f"ONNX Runtime failed on an input of {blob.shape}: {error}") from error

    def _is_yolox(self) -> bool:
        """Return whether the input is a picture, and the output has a row for each cell of YOLOX's grids over it."""
        if len(self._shape) != 4 or not all(isinstance(side, int) for side in self._shape):  # noqa: PLR2004 - NCHW
            return False
        return self._output_shape[1:2] == (yolox_cells((self._shape[3], self._shape[2])),)

    def _take_if_free(self, session: Any) -> None:
        width, height = _TRIED
        (rows, *_) = session.run(None, {self._input: np.zeros((1, 3, height, width), np.float32)})
        if rows.shape[1] == yolox_cells(_TRIED):
            self._session, self.flexible = session, True
