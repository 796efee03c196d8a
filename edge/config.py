"""The site file: one store's cameras, lines and zones, and where the box sends its numbers.

TOML, read at start, and anew when head office changes it. Unknown keys are refused, every value is bounded.
`edge/site.example.toml` shows all of it.
"""

import ipaddress
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from contract.errors import MalformedError
from contract.standard import laid_over, settings_of
from contract.types import LineRole, Name, ZoneRole
from edge.config_messages import explained
from edge.errors import ConfigError
from edge.geometry import inside
from edge.staff.settings import StaffConfig, check_uniform

Anchor = Literal["foot", "centre"]

_Pixel = Annotated[float, Meta(ge=0, le=16_384, description="pixels of the source, origin top left")]
Point = tuple[_Pixel, _Pixel]
_Text = Annotated[str, Meta(min_length=1, max_length=1_000)]

#: A device's status message carries at most so many of each (contract.messages.Status).
LINES_MAX: Final = 64
ZONES_MAX: Final = 64
CAMERAS_MAX: Final = 16


class LineConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A line that people cross.

    `in` is towards the right-hand side of someone who walks from the first point to the second. `anchor` says which
    point of a person's box must cross; None takes the camera's. `door` is which of the store's doors an entrance line
    counts; None: one of the line's own name. A door is counted by one line only. `groups` says whether people who
    cross together are told as one buying unit; None: on an entrance line, and only there it can be.
    """

    name: Name
    points: tuple[Point, Point]
    role: LineRole = "entrance"
    anchor: Anchor | None = None
    door: Name | None = None
    groups: bool | None = None

    @property
    def tells_groups(self) -> bool:
        """Whether crossings of this line carry the size of their group."""
        return self.role == "entrance" if self.groups is None else self.groups


class ZoneConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An area in which people stay, as the corners of a simple polygon.

    `served_towards` is where the till of a queue is: who leaves the queue for it was served (edge/counting/queues.py).
    None: how a wait ended is not assessed.
    """

    name: Name
    polygon: Annotated[tuple[Point, ...], Meta(min_length=3, max_length=64)]
    role: ZoneRole = "engagement"
    served_towards: Point | None = None
    anchor: Anchor | None = None
    engaged_after_s: Annotated[float, Meta(ge=0, le=3_600)] = 5.0


class CameraConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One camera: where its frames come from, what finds people in them, and what is counted.

    A camera without zones is looked at only around its lines, and gives no heat, unless `whole_picture` is set,
    `staff` has a rule that needs people in sight (a stay, a uniform, a marker), or the model needs the whole (YOLOX).
    """

    name: Name
    source: Annotated[_Text, Meta(description="a video file, a folder of images, rtsp://…, http://… (MJPEG), or usb:N")]
    fps: Annotated[float, Meta(gt=0, le=120, description="frames analysed per second; None: all")] | None = None
    loop: bool = False
    model: Annotated[_Text, Meta(description="a name of models/registry.toml, or a path")] = "yolox-nano"
    confidence: Annotated[float, Meta(gt=0, lt=1)] | None = None
    threads: Annotated[int, Meta(ge=1, le=64, description="threads of the detector")] = 1
    anchor: Anchor = "foot"
    motion_gate: bool = True
    whole_picture: bool = False
    lines: Annotated[tuple[LineConfig, ...], Meta(max_length=LINES_MAX)] = ()
    zones: Annotated[tuple[ZoneConfig, ...], Meta(max_length=ZONES_MAX)] = ()
    staff: StaffConfig | None = None


class BrokerConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The MQTT broker. The password stands in an environment variable or a file, never in the site file.

    Relative paths of a site file are beside that file. `tls_ca` asks for TLS; an enrolled box has all of `tls_…`, and
    asks at `renew_url` for its next certificate.
    """

    host: _Text = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65_535)] = 1883
    username: _Text | None = None
    password_env: _Text | None = None
    password_file: _Text | None = None
    tls_ca: _Text | None = None
    tls_cert: _Text | None = None
    tls_key: _Text | None = None
    renew_url: _Text | None = None


class OutboxConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The ledger on the box's own disk, kept until ingest's receipt covers it and then as long as there is room.

    A relative `path` of a site file is beside that file.
    """

    path: _Text = "footfall-outbox.sqlite"
    keep_days: Annotated[int, Meta(ge=1, le=3_650)] = 30
    budget_mb: Annotated[int, Meta(ge=8, le=1_048_576)] = 512


class AuditConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The audit page: a person taps in and out on a phone in the shop's network, and learns how well the lines count.

    Off unless `enabled`. The PIN stands in an environment variable or a file; without either, a new one is made and
    printed at each start. A relative `pin_file` of a site file is beside that file.
    """

    enabled: bool = False
    listen: Annotated[_Text, Meta(description="address:port; 0.0.0.0 is every network of the box")] = "0.0.0.0:8090"
    pin_env: _Text | None = None
    pin_file: _Text | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port of `listen`.

        Raises:
            ValueError: it is not `address:port`.
        """
        return _address(self.listen)


class MetricsConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The page of metrics that Prometheus reads. Off unless `enabled`; it has no password."""

    enabled: bool = False
    listen: Annotated[_Text, Meta(description="address:port, of this box or a private network")] = "127.0.0.1:9470"

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port of `listen`.

        Raises:
            ValueError: it is not `address:port`, or the whole internet could reach it.
        """
        host, port = _address(self.listen)
        try:
            public = ipaddress.ip_address(host).is_global
        except ValueError as error:
            raise ValueError("an IP address and a port such as 127.0.0.1:9470") from error
        if public:
            raise ValueError("an address of this box or of a private network: the page has no password")
        return host, port


class SiteConfig(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Everything one camera box needs to know. `staff` holds on every camera that has none of its own."""

    store: Name
    device: Name
    broker: BrokerConfig = msgspec.field(default_factory=BrokerConfig)
    outbox: OutboxConfig = msgspec.field(default_factory=OutboxConfig)
    audit: AuditConfig = msgspec.field(default_factory=AuditConfig)
    metrics: MetricsConfig = msgspec.field(default_factory=MetricsConfig)
    staff: StaffConfig | None = None
    cameras: Annotated[tuple[CameraConfig, ...], Meta(min_length=1, max_length=CAMERAS_MAX)]


def load_site(path: Path | str) -> SiteConfig:
    """Return the site file at `path`, with the paths of its outbox, password, PIN and certificates made absolute.

    What head office laid beside it (`standard_file`) is laid over it.

    A relative one is beside the site file, wherever the agent is started: otherwise two agents on one site file would
    keep two outboxes and count everybody twice.

    Raises:
        ConfigError: not readable, not TOML, an unknown key, a value out of bounds, a name used twice, a line whose two
            points are one; names the file, the key, what was expected and what came.
    """
    where = str(path)
    try:
        raw = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        advice = f"Write a first one: footfall edge init SOURCE --site {where}"
        raise ConfigError(where, "", expected="a readable site file", got=str(error), advice=advice) from error
    except ValueError as error:
        raise ConfigError(where, "", expected="TOML in UTF-8", got=str(error)) from error
    standard = standard_file(Path(path))
    try:
        laid = standard.read_text(encoding="utf-8") if standard.exists() else ""
    except (OSError, ValueError) as error:
        raise ConfigError(str(standard), "", expected="head office's standard", got=str(error)) from error
    return _beside(Path(path).resolve().parent, parse_site(with_standard(raw, laid, standard), where=where))


def standard_file(site_file: Path) -> Path:
    """Return where the standard lies that is laid over a site file: beside it."""
    return site_file.with_name(f"{site_file.stem}.standard.toml")


def with_standard(raw: dict[str, Any], standard: str, where: Path) -> dict[str, Any]:
    """Return a decoded site file with a standard's settings in it.

    Raises:
        ConfigError: they are none; `where` is named.
    """
    try:
        return laid_over(settings_of(standard), raw)
    except MalformedError as error:
        advice = "Head office writes this file: ask for the standard again, or move it away to count without."
        raise ConfigError(str(where), "", expected="a standard", got=str(error), advice=advice) from error


def parse_site(raw: dict[str, Any], *, where: str) -> SiteConfig:
    """Return the site that `raw` (decoded TOML) describes; `where` names its origin in errors.

    Raises:
        ConfigError: as `load_site`.
    """
    try:
        site = msgspec.convert(raw, SiteConfig)
    except msgspec.ValidationError as error:
        raise explained(where, raw, str(error), SiteConfig) from error
    _check_names(where, site)
    _check_doors(where, site)
    for number, camera in enumerate(site.cameras):
        _check_shapes(f"{where}: cameras[{number}]", camera)
        check_uniform(f"{where}: cameras[{number}]", camera.staff.uniform if camera.staff else ())
    check_uniform(where, site.staff.uniform if site.staff else ())
    if site.broker.password_env and site.broker.password_file:
        raise ConfigError(where, "broker", expected="`password_env` or `password_file`", got="both")
    _check_audit(where, site.audit)
    _check_metrics(where, site.metrics)
    return replace(site, cameras=tuple(replace(one, staff=one.staff or site.staff) for one in site.cameras))


def check_geometry(camera: CameraConfig, frame_size: tuple[int, int]) -> None:
    """Check that every line and zone of `camera` lies in a frame of (width, height) pixels, borders included.

    Raises:
        ConfigError: names the line or zone, the point, the frame's size and what to do.
    """
    _check_shapes(f"camera {camera.name}", camera)
    for line in camera.lines:
        _check_inside(camera.name, f"line {line.name}", line.points, frame_size)
    for zone in camera.zones:
        _check_inside(camera.name, f"zone {zone.name}", zone.polygon, frame_size)


def _beside(folder: Path, site: SiteConfig) -> SiteConfig:
    keys = ("password_file", "tls_ca", "tls_cert", "tls_key")
    given = {key: value for key in keys if (value := getattr(site.broker, key)) is not None}
    return replace(
        site,
        broker=replace(site.broker, **{key: str(folder / value) for key, value in given.items()}),
        outbox=replace(site.outbox, path=str(folder / site.outbox.path)),
        audit=replace(site.audit, pin_file=str(folder / site.audit.pin_file) if site.audit.pin_file else None),
    )


def _check_audit(where: str, audit: AuditConfig) -> None:
    try:
        _ = audit.address
    except ValueError as error:
        raise ConfigError(where, "audit.listen", expected="address:port", got=repr(audit.listen)) from error
    if audit.pin_env and audit.pin_file:
        raise ConfigError(where, "audit", expected="`pin_env` or `pin_file`", got="both")


def _check_metrics(where: str, metrics: MetricsConfig) -> None:
    try:
        _ = metrics.address
    except ValueError as error:
        raise ConfigError(where, "metrics.listen", expected=str(error), got=repr(metrics.listen)) from error


def _address(listen: str) -> tuple[str, int]:
    host, colon, port = listen.rpartition(":")
    if not (colon and host and port.isascii() and port.isdigit() and 0 <= int(port) <= 65_535):  # noqa: PLR2004
        raise ValueError(f"expected address:port, got {listen!r}")
    return host.removeprefix("[").removesuffix("]"), int(port)


def _check_inside(camera: str, what: str, points: Iterable[Point], frame_size: tuple[int, int]) -> None:
    width, height = frame_size
    for number, (x, y) in enumerate(points, start=1):
        if not (0 <= x <= width and 0 <= y <= height):
            raise ConfigError(
                f"camera {camera}",
                what,
                expected=f"point {number} inside the frame of {width} x {height} pixels",
                got=f"({x:g}, {y:g})",
                advice=f"Draw it with 0 <= x <= {width} and 0 <= y <= {height}, in pixels of the source.",
            )


def _check_shapes(where: str, camera: CameraConfig) -> None:
    for line in camera.lines:
        if line.points[0] == line.points[1]:
            raise ConfigError(
                where, f"line {line.name}", expected="two different points", got=f"twice {line.points[0]}"
            )
    for zone in camera.zones:
        if len(set(zone.polygon)) < 3:  # noqa: PLR2004 - an area has three corners
            raise ConfigError(where, f"zone {zone.name}", expected="three different corners", got=str(zone.polygon))
        if zone.served_towards is not None:
            _check_till(where, zone, zone.served_towards)


def _check_till(where: str, zone: ZoneConfig, till: Point) -> None:
    what = f"zone {zone.name}"
    if zone.role != "queue":
        raise ConfigError(where, what, expected="`served_towards` on a queue zone only", got=f"role {zone.role}")
    if inside(zone.polygon, till):
        advice = "Draw the zone around those who wait, and leave out the till and who stands at it."
        raise ConfigError(where, what, expected="`served_towards` outside the zone", got=f"{till}", advice=advice)


def _check_names(where: str, site: SiteConfig) -> None:
    named: dict[str, list[str]] = {
        "cameras": [camera.name for camera in site.cameras],
        "lines": [line.name for camera in site.cameras for line in camera.lines],
        "zones": [zone.name for camera in site.cameras for zone in camera.zones],
    }
    for kind, names in named.items():
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            advice = "The ledger tells them apart by name alone: rename one."
            raise ConfigError(where, kind, expected="a name used once", got=f"`{twice[0]}` twice", advice=advice)
    for kind, limit in (("lines", LINES_MAX), ("zones", ZONES_MAX)):
        if len(named[kind]) > limit:
            raise ConfigError(where, kind, expected=f"at most {limit} on one device", got=str(len(named[kind])))


def _check_doors(where: str, site: SiteConfig) -> None:
    counted: dict[str, str] = {}
    for camera in site.cameras:
        for line in camera.lines:
            whose = f"line {line.name} of camera {camera.name}"
            if line.role != "entrance":
                if line.door is not None:
                    raise ConfigError(
                        where, whose, expected="`door` on an entrance line only", got=f"a {line.role} line"
                    )
                if line.groups:
                    got = f"a {line.role} line"
                    raise ConfigError(where, whose, expected="`groups` on an entrance line only", got=got)
                continue
            door = line.door or line.name
            if door in counted:
                advice = 'It would count everybody twice. Set role = "internal" on one, or another `door` if it is one.'
                expected, got = f"door `{door}` counted by one line", f"{counted[door]} and {whose}"
                raise ConfigError(where, "lines", expected=expected, got=got, advice=advice)
            counted[door] = whose
