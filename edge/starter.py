"""A first site file for one camera: complete, commented, and to be adjusted by a person."""

import json
import tomllib
from pathlib import Path
from string import Template
from typing import Final

from edge.config import BrokerConfig, CameraConfig, parse_site
from edge.errors import ConfigError
from edge.identity import write_secret

#: Where the camera does not answer yet.
ASSUMED_SIZE: Final = (1280, 720)

_TEMPLATE: Final = Template("""\
# One camera box. Check it with:  footfall edge check-config --site $path
# All settings with their meaning: edge/site.example.toml
# Coordinates are pixels of the source picture ($width x $height): origin top left, x to the right, y down.

store = "$store"        # lower-case slug, the same on every box of the store
device = "$device"      # unique within the store

[broker]
$broker

[[cameras]]
name = "door"
source = $source
fps = 10                # frames analysed per second
model = "yolox-nano"    # once: footfall models fetch yolox-nano

  # Move this line to the threshold that people cross. "in" is towards the right-hand side of someone who walks
  # from the first point to the second: swap the points to swap "in" and "out".
  [[cameras.lines]]
  name = "front-door"
  role = "entrance"     # entrance | pass_by | internal
  points = [[$left, $middle], [$right, $middle]]

  # A zone measures how long people stay:
  # [[cameras.zones]]
  # name = "table"
  # role = "engagement"   # engagement | queue | staff
  # polygon = [[$left, $top], [$right, $top], [$right, $bottom], [$left, $bottom]]
""")

_NO_BROKER: Final = """\
host = "127.0.0.1"
port = 1883
# username = "device"
# password_env = "FOOTFALL_BROKER_PASSWORD"   # the password stands in this variable, never in this file"""


def write_starter(
    path: Path, source: str, *, store: str, device: str, size: tuple[int, int], broker: BrokerConfig | None = None
) -> None:
    """Write a site file for the camera at `source`, whose pictures are of `size` (width, height) pixels.

    Without a `broker` the file shows where to put one.

    Raises:
        ConfigError: a name is no slug, there is a file already, or it cannot be written.
    """
    width, height = size
    text = _TEMPLATE.substitute(
        path=path, store=store, device=device, source=_quoted(source), width=width, height=height,
        broker=broker_lines(broker) if broker else _NO_BROKER,
        left=width // 4, right=width - width // 4, top=height // 2, middle=height * 2 // 3, bottom=height - 1,
    )  # fmt: skip
    parse_site(tomllib.loads(text), where=str(path))
    if path.exists():
        advice = "Choose another name with --site, or move it away."
        raise ConfigError(str(path), "", expected="no file there yet", got="one", advice=advice)
    try:
        # A camera's address holds its password.
        write_secret(path, text.encode())
    except OSError as error:
        raise ConfigError(str(path), "", expected="a place to write to", got=str(error)) from error


def starter_camera(source: str) -> CameraConfig:
    """Return the camera of the starter file, to look at its source."""
    return CameraConfig(name="door", source=source)


def broker_lines(broker: BrokerConfig) -> str:
    """Return the lines of `[broker]` that say how to reach `broker`."""
    keys = ("username", "password_file", "tls_ca", "tls_cert", "tls_key", "renew_url")
    given = {key: value for key in keys if (value := getattr(broker, key))}
    lines = [f"host = {_quoted(broker.host)}", f"port = {broker.port}"]
    return "\n".join([*lines, *(f"{key} = {_quoted(value)}" for key, value in given.items())])


def _quoted(text: str) -> str:
    """Return `text` as a TOML basic string, which JSON's strings are."""
    return json.dumps(text, ensure_ascii=False)
