"""Networks on torch through Ultralytics (AGPL-3.0): the `ultralytics` extra, for checkpoints that were not exported.

Only the network is taken from there. Its own post-processing calls `torchvision::nms`, which does not exist beside a
CPU build of torch; ours needs neither.
"""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import BackendMissingError, DetectorError
from models.quiet import import_ultralytics

#: What Ultralytics trains its detectors on, where a checkpoint does not say.
_SIDE_PX = 640


class TorchNetwork:
    """An Ultralytics checkpoint (.pt) on torch's CPU device."""

    flexible = False
    family: str | None = None

    def __init__(self, path: Path, *, threads: int = 1) -> None:
        """Load `path`.

        Raises:
            BackendMissingError: the extra is not installed.
            DetectorError: not a checkpoint.
        """
        try:
            import torch  # noqa: PLC0415 - an AGPL extra of 1.5 GB, imported only when asked for

            ultralytics = import_ultralytics()
        except ImportError as error:
            raise BackendMissingError(
                f"{path} is a checkpoint and needs Ultralytics, which is not installed. In the Footfall "
                "checkout: pip install '.[ultralytics]'. Or export it once elsewhere (`footfall models export`)."
            ) from error
        torch.set_num_threads(threads)
        self._torch = torch
        try:
            self._model = ultralytics.YOLO(str(path), task="detect").model.float().eval()
        except Exception as error:
            # Unpickling a file that is no checkpoint raises whatever its bytes happen to mean.
            raise DetectorError(f"Ultralytics cannot load {path}: {error}") from error
        self._side = int(getattr(self._model, "args", {}).get("imgsz") or _SIDE_PX)
        self.output_shape: tuple[int, ...] = self.run(np.zeros(self.input_shape, np.float32))[0].shape

    @property
    def input_shape(self) -> tuple[int, ...]:
        """Shape of the input: (1, 3, H, W)."""
        return (1, 3, self._side, self._side)

    def run(self, blob: NDArray[np.generic]) -> list[NDArray[np.float32]]:
        """Return the first output for `blob`.

        Raises:
            DetectorError: torch failed on this input.
        """
        try:
            with self._torch.inference_mode():
                output = self._model(self._torch.from_numpy(blob))
        except RuntimeError as error:
            raise DetectorError(f"torch failed on an input of {blob.shape}: {error}") from error
        return [(output[0] if isinstance(output, tuple) else output).numpy()]
