"""Which clip a truth file is about: folders of clips and truth, brought together by name."""

from dataclasses import dataclass
from itertools import chain
from pathlib import Path, PurePosixPath
from typing import Final

from deploy.errors import TruthError
from deploy.evaluation.truth import Truth, load_truth

_VIDEOS: Final = frozenset({".avi", ".gif", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg", ".ts", ".webm", ".wmv"})


@dataclass(frozen=True, slots=True)
class Clip:
    """A video and what is known of it; `truth` None: nothing."""

    name: str
    path: Path
    truth: Truth | None


@dataclass(frozen=True, slots=True)
class Collection:
    """The clips to count, and the truth files whose clip is not there."""

    clips: tuple[Clip, ...]
    without_clip: tuple[Path, ...]


def collect(clips: Path, truth: Path) -> Collection:
    """Return the clips in the folder `clips` with their truth from the folder `truth`, in the order of their names.

    A truth file belongs to the clip whose file name its `video` ends with, else to the clip that has its own stem.

    Raises:
        TruthError: a folder is missing, holds nothing, or no truth file has a clip; a truth file cannot be understood;
            two truth files are about one clip.
    """
    videos = sorted(path for path in _folder(clips, "clips").rglob("*") if path.suffix.lower() in _VIDEOS)
    if not videos:
        raise TruthError(f"{clips}: expected videos ({', '.join(sorted(_VIDEOS))}), found none")
    truths = [load_truth(path) for path in sorted(_folder(truth, "truth").glob("*.json"))]
    if not truths:
        raise TruthError(f"{truth}: expected truth files (*.json), found none")
    owned: dict[Path, Truth] = {}
    without_clip = []
    for each in truths:
        video = _video_of(each, videos)
        if video is None:
            without_clip.append(each.path)
        elif video in owned:
            raise TruthError(
                f"{each.path}: expected truth about a clip of its own, got {video}, as {owned[video].path}"
            )
        else:
            owned[video] = each
    if not owned:
        raise TruthError(
            f"none of the {len(truths)} truth files in {truth} is about a clip in {clips}: a truth file must name its "
            "clip in `video`, or have its stem"
        )
    stems = [video.stem for video in videos]
    named = ((video.stem if stems.count(video.stem) == 1 else video.name, video) for video in videos)
    return Collection(tuple(Clip(name, path, owned.get(path)) for name, path in named), tuple(without_clip))


def _video_of(truth: Truth, videos: list[Path]) -> Path | None:
    names = [PurePosixPath(truth.video.replace("\\", "/")).name] if truth.video else []
    stems = [truth.path.stem, *(PurePosixPath(name).stem for name in names)]
    by_name = (video for name in names for video in videos if video.name == name)
    by_stem = (video for stem in stems for video in videos if video.stem == stem)
    return next(chain(by_name, by_stem), None)


def _folder(path: Path, what: str) -> Path:
    if not path.is_dir():
        raise TruthError(f"{path}: no such folder of {what}")
    return path
