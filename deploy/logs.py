"""Log files of bounded size, for children that write to a file of ours and know nothing of it."""

import shutil
from pathlib import Path

LIMIT_BYTES = 8 * 1024 * 1024
KEPT = 3


def rotate(path: Path, *, limit_bytes: int = LIMIT_BYTES, kept: int = KEPT) -> bool:
    """Move what `path` holds to `path`.1 (and .1 to .2 …) once it exceeds the limit; return whether it did.

    The writer keeps its file open in append mode, so the file is copied and emptied, not renamed.
    """
    if not path.exists() or path.stat().st_size <= limit_bytes:
        return False
    for number in range(kept, 1, -1):
        older, newer = path.with_name(f"{path.name}.{number}"), path.with_name(f"{path.name}.{number - 1}")
        if newer.exists():
            newer.replace(older)
    shutil.copyfile(path, path.with_name(f"{path.name}.1"))
    with path.open("r+b") as log:
        log.truncate(0)
    return True
