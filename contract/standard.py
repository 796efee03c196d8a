"""A standard: settings that head office lays over the stores' own set-ups, by name or for all.

    [cameras."*"]                    every camera
    model = "yolox-nano"
    [cameras."*".zones."*"]          every zone of every camera
    engaged_after_s = 8
    [cameras.door.zones.table]       the zone `table` of the camera `door`, over that
    engaged_after_s = 5
    [staff]                          how staff are told

What belongs to the store stays the store's: names, sources, points, polygons, roles and doors have no place here.
Which values are possible is the site file's business (edge/config.py): the box checks the two together.
"""

import tomllib
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from contract.errors import MalformedError

#: Every camera, line or zone.
EVERY = "*"

_Selector = Annotated[str, Meta(pattern=r"^(?:\*|[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?)(?!\n)$", max_length=40)]
_Anchor = Literal["foot", "centre"]


class _Settings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Values for a few keys of a site file; those that are not given stay the store's."""


class LineSettings(_Settings, frozen=True, kw_only=True):
    """For lines."""

    anchor: _Anchor | UnsetType = UNSET
    groups: bool | UnsetType = UNSET


class ZoneSettings(_Settings, frozen=True, kw_only=True):
    """For zones."""

    anchor: _Anchor | UnsetType = UNSET
    engaged_after_s: Annotated[float, Meta(ge=0, le=3_600)] | UnsetType = UNSET


class CameraSettings(_Settings, frozen=True, kw_only=True):
    """For cameras."""

    fps: Annotated[float, Meta(gt=0, le=120)] | UnsetType = UNSET
    model: Annotated[str, Meta(min_length=1, max_length=1_000)] | UnsetType = UNSET
    confidence: Annotated[float, Meta(gt=0, lt=1)] | UnsetType = UNSET
    threads: Annotated[int, Meta(ge=1, le=64)] | UnsetType = UNSET
    anchor: _Anchor | UnsetType = UNSET
    motion_gate: bool | UnsetType = UNSET
    whole_picture: bool | UnsetType = UNSET
    lines: dict[_Selector, LineSettings] = {}
    zones: dict[_Selector, ZoneSettings] = {}


class StaffSettings(_Settings, frozen=True, kw_only=True):
    """How staff are told, on every camera without rules of its own."""

    zone_after_s: float | UnsetType = UNSET
    stay_after_min: float | UnsetType = UNSET
    uniform: list[str] | UnsetType = UNSET
    uniform_share: float | UnsetType = UNSET
    marker: int | UnsetType = UNSET


class StandardSettings(_Settings, frozen=True, kw_only=True):
    """A whole standard."""

    cameras: dict[_Selector, CameraSettings] = {}
    staff: StaffSettings | None = None


def settings_of(text: str) -> StandardSettings:
    """Return the settings in TOML.

    Raises:
        MalformedError: not TOML, a key that is the store's or none at all, a value out of bounds; names the path.
    """
    try:
        return msgspec.convert(tomllib.loads(text), StandardSettings)
    except ValueError as error:
        raise MalformedError(f"standard: {error}") from error


def laid_over(settings: StandardSettings, site: dict[str, Any]) -> dict[str, Any]:
    """Return a decoded site file with `settings` in it: first those for all, then those by name. `site` stays as it is.

    Names that this store does not have are none of its business.
    """
    merged = dict(site)
    if settings.staff is not None:
        merged["staff"] = {**site.get("staff", {}), **_given(settings.staff)}
    cameras = site.get("cameras")
    if isinstance(cameras, list):
        merged["cameras"] = [_over_camera(settings, one) if isinstance(one, dict) else one for one in cameras]
    return merged


def _over_camera(settings: StandardSettings, camera: dict[str, Any]) -> dict[str, Any]:
    for chosen in _chosen(settings.cameras, camera):
        camera = {**camera, **_given(chosen)}
        for kind, those in (("lines", chosen.lines), ("zones", chosen.zones)):
            shapes = camera.get(kind)
            if isinstance(shapes, list):
                camera[kind] = [_over_shape(those, shape) if isinstance(shape, dict) else shape for shape in shapes]
    return camera


def _over_shape(settings: dict[str, Any], shape: dict[str, Any]) -> dict[str, Any]:
    for chosen in _chosen(settings, shape):
        given = _given(chosen)
        if shape.get("role", "entrance") != "entrance":
            given.pop("groups", None)  # only an entrance line tells groups, and `*` means those
        shape = {**shape, **given}
    return shape


def _chosen(settings: dict[str, Any], named: dict[str, Any]) -> list[Any]:
    return [settings[selector] for selector in (EVERY, named.get("name")) if selector in settings]


def _given(settings: _Settings) -> dict[str, Any]:
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    return {name: value for name, value in values.items() if value is not UNSET and not isinstance(value, dict)}
