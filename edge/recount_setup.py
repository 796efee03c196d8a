"""What to count in a clip, from a site file and from command-line words."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from edge.config import Anchor, CameraConfig, LineConfig, Point, ZoneConfig, load_site
from edge.errors import ConfigError

_NUMBERS_OF_LINE: Final = 4
_LEAST_NUMBERS_OF_ZONE: Final = 6


def camera_for(
    video: str,
    site: Path | None,
    camera: str | None,
    *,
    lines: Sequence[str],
    zones: Sequence[str],
    anchor: Anchor | None,
    model: str | None,
    fps: float | None,
) -> CameraConfig:
    """Return the camera that counts `video`: that of the site file, with the words of the command line on top.

    Lines and zones given as words (`NAME=x1,y1,…`) are added to the site's; one of the same name replaces it. Other
    than in a site file their names are free text: a recount names nothing in a ledger.

    Raises:
        ConfigError: an unusable site file or word, no or several cameras to choose from, nothing to count.
    """
    base = camera_of(site, camera) if site is not None else CameraConfig(name="clip", source=video)
    named_lines = {line.name: line for line in base.lines} | {line.name: line for line in map(parse_line, lines)}
    named_zones = {zone.name: zone for zone in base.zones} | {zone.name: zone for zone in map(parse_zone, zones)}
    if not named_lines and not named_zones:
        raise ConfigError(video, "", expected="something to count", got="none", advice="Give --line, --zone or --site.")
    if anchor is not None:
        named_lines = {name: replace(line, anchor=anchor) for name, line in named_lines.items()}
        named_zones = {name: replace(zone, anchor=anchor) for name, zone in named_zones.items()}
    return replace(
        base,
        source=video,
        loop=False,
        anchor=anchor or base.anchor,
        model=model or base.model,
        fps=fps or base.fps,
        lines=tuple(named_lines.values()),
        zones=tuple(named_zones.values()),
    )


def parse_line(text: str) -> LineConfig:
    """Return the line that `NAME=x1,y1,x2,y2` describes.

    Raises:
        ConfigError: not of that form.
    """
    name, points = _parsed("--line", text, "NAME=x1,y1,x2,y2")
    if len(points) * 2 != _NUMBERS_OF_LINE:
        raise ConfigError("--line", name, expected="NAME=x1,y1,x2,y2", got=text)
    return LineConfig(name=name, points=(points[0], points[1]))


def parse_zone(text: str) -> ZoneConfig:
    """Return the zone that `NAME=x,y,x,y,x,y,…` describes.

    Raises:
        ConfigError: not of that form.
    """
    name, points = _parsed("--zone", text, "NAME=x,y,x,y,x,y,…")
    if len(points) * 2 < _LEAST_NUMBERS_OF_ZONE:
        raise ConfigError("--zone", name, expected="at least three corners: NAME=x,y,x,y,x,y,…", got=text)
    return ZoneConfig(name=name, polygon=points)


def _parsed(option: str, text: str, form: str) -> tuple[str, tuple[Point, ...]]:
    name, equals, rest = text.rpartition("=")
    try:
        numbers = [float(word) for word in rest.split(",")]
    except ValueError:
        numbers = []
    if not name or not equals or not numbers or len(numbers) % 2:
        raise ConfigError(option, name, expected=form, got=text)
    return name, tuple(zip(numbers[::2], numbers[1::2], strict=True))


def camera_of(path: Path, wanted: str | None) -> CameraConfig:
    """Return the camera named `wanted` of the site file at `path`, or its only one.

    Raises:
        ConfigError: the file cannot be used, or has no such camera, or several to choose from.
    """
    cameras = {camera.name: camera for camera in load_site(path).cameras}
    if wanted is None and len(cameras) == 1:
        return next(iter(cameras.values()))
    if wanted not in cameras:
        raise ConfigError(
            str(path),
            "cameras",
            expected=f"one of {', '.join(cameras)}",
            got=wanted or "none chosen",
            advice="Give --camera.",
        )
    return cameras[wanted]
