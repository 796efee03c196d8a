"""Exporting Ultralytics checkpoints into what the agent loads. Needs the `ultralytics` extra (AGPL-3.0)."""

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any, Final, Literal

from models.errors import ExportError
from models.fetch import Progress, fetch_file
from models.quiet import import_ultralytics
from models.registry import ModelSpec, cache_folder, model_folders

Format = Literal["onnx", "openvino"]

#: End-to-end models carry their own selection of boxes: exporting them with NMS would give the raw anchors again.
_OPTIONS: Final[dict[str, dict[str, Any]]] = {"end_to_end": {"nms": False}}


def export(
    spec: ModelSpec,
    *,
    to: Format = "onnx",
    image_size: int | None = None,
    folder: Path | None = None,
    on_progress: Progress = lambda *_: None,
) -> Path:
    """Return the file or folder that Ultralytics exports `spec`'s checkpoint to, in `folder` (default: the cache).

    Raises:
        ExportError: not an Ultralytics model, the extra is not installed, or the export failed.
        FetchError: the checkpoint cannot be had.
    """
    checkpoints = [file for file in spec.files if file.path.endswith(".pt")]
    if not checkpoints:
        raise ExportError(f"`{spec.name}` needs no export: `footfall models fetch {spec.name}` brings what is loaded")
    try:
        # Ultralytics reports on what is standard output when it is imported, and that is the caller's own.
        with redirect_stdout(sys.stderr):
            ultralytics = import_ultralytics()
    except ImportError as error:
        raise ExportError(
            f"exporting `{spec.name}` needs Ultralytics (AGPL-3.0), which is not installed. In the Footfall "
            "checkout: pip install '.[ultralytics]', on this machine or another, and copy the result"
        ) from error
    target = folder or cache_folder()
    checkpoint = _checkpoint(spec, target)
    if checkpoint is None:
        checkpoint = target / checkpoints[0].path
        fetch_file(checkpoints[0], checkpoint, on_progress=on_progress)
    options = _OPTIONS.get(spec.decoder, {})
    try:
        with redirect_stdout(sys.stderr):
            exported = ultralytics.YOLO(str(checkpoint)).export(format=to, imgsz=image_size or spec.input[0], **options)
    except Exception as error:
        # Exporters of four libraries run in there, and each raises what it likes.
        raise ExportError(f"Ultralytics could not export {checkpoint} to {to}: {error}") from error
    return Path(exported)


def _checkpoint(spec: ModelSpec, target: Path) -> Path | None:
    names = [file.path for file in spec.files if file.path.endswith(".pt")]
    paths = (folder / name for folder in (*model_folders(), target) for name in names)
    return next((path for path in paths if path.is_file()), None)
