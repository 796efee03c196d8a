"""The machine that a figure was measured on, as it is said beside it."""

import os
import platform
from pathlib import Path
from typing import Any


def machine() -> dict[str, Any]:
    """Return processors, their vector instructions where known, architecture and Python."""
    return {
        "cpus": os.cpu_count(),
        "arch": platform.machine(),
        "vectors": _vectors(),
        "python": platform.python_version(),
    }


def in_words() -> str:
    """Return the same as one would say it: `2 x86 cores with AVX-512`."""
    arch = {"x86_64": "x86", "aarch64": "ARM"}.get(platform.machine(), platform.machine())
    vectors = _vectors()
    return f"{os.cpu_count()} {arch} cores" + (f" with {vectors}" if vectors else "")


def _vectors() -> str | None:
    known = Path("/proc/cpuinfo")
    flags = known.read_text(encoding="utf-8", errors="replace") if known.exists() else ""
    names = {"avx512f": "AVX-512", "avx2": "AVX2", "asimd": "NEON"}
    return next((name for flag, name in names.items() if flag in flags), None)
