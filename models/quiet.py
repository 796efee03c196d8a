"""Importing libraries that would otherwise report their use to their makers: nothing leaves the box but the ledger."""

import os
import sys
from types import ModuleType


def import_openvino() -> ModuleType:
    """Return `openvino`, imported without its telemetry, which otherwise calls Google Analytics when it is imported.

    Raises:
        ImportError: it is not installed.
    """
    _block_openvino_telemetry()
    import openvino  # noqa: PLC0415 - an extra; imported where it is used

    return openvino  # type: ignore[no-any-return]  # no types are published


def import_ultralytics() -> ModuleType:
    """Return `ultralytics`, imported offline, which turns its usage events and update checks off.

    Raises:
        ImportError: it is not installed.
    """
    os.environ["YOLO_OFFLINE"] = "true"
    _block_openvino_telemetry()  # an export imports OpenVINO
    import ultralytics  # noqa: PLC0415 - an AGPL extra of 1.5 GB, imported only when asked for

    return ultralytics  # type: ignore[no-any-return]  # no types are published


def _block_openvino_telemetry() -> None:
    # OpenVINO has a stub of its own for where the telemetry package is not installed: make it seem so.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None is how Python says "blocked"
