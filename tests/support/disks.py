"""Small file systems that can be filled to the last byte."""

import os
import shutil
import subprocess
from pathlib import Path


def mount_small(folder: Path, *, megabytes: int) -> None:
    """Make `folder` a file system of its own, in memory.

    Raises:
        OSError: it cannot be done here; says why.
    """
    mount = shutil.which("mount")
    if mount is None or shutil.which("umount") is None or os.geteuid() != 0:
        raise OSError("a small file system needs root and mount")
    folder.mkdir()
    argv = [mount, "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if done.returncode:
        raise OSError(f"no file system can be mounted here: {done.stderr.strip()}")


def unmount(folder: Path) -> None:
    """Take the file system away, open files or not."""
    subprocess.run([shutil.which("umount") or "umount", "--lazy", str(folder)], check=True)  # noqa: S603  # ours


def fill(disk: Path) -> Path:
    """Take all room that is left; return the file that does."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096):
            try:
                while file.write(b"x" * size):
                    pass
            except OSError:
                continue
    return filler
