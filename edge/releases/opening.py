"""Opening releases: the parts of the desired state that bring models and versions of the application about."""

import logging
import os
from pathlib import Path
from typing import Final

from edge.cameras import Cameras
from edge.clock import Clock
from edge.config import SiteConfig
from edge.control.parts import Part
from edge.errors import ConfigError
from edge.releases.application import Versions
from edge.releases.application_part import ApplicationPart
from edge.releases.fetching import Fetcher
from edge.releases.guard import FOLDER_VARIABLE
from edge.releases.model_part import ModelPart
from edge.releases.obtaining import Source
from edge.releases.rig import Rig
from edge.releases.signing import KeyRing

logger = logging.getLogger(__name__)

#: Beside the site file.
FOLDER: Final = "releases"
KEYS: Final = "release-keys.json"


def release_parts(site_file: Path, site: SiteConfig, rig: Rig, cameras: Cameras, clock: Clock) -> list[Part]:
    """Return the parts for an enrolled box; none where its site file does not say where releases come from.

    Raises:
        ConfigError: the authority's certificate cannot be read.
    """
    if site.broker.renew_url is None or site.broker.tls_ca is None:
        logger.info("[broker] names no `renew_url`: no releases are taken", extra={"action": "no_releases"})
        return []
    source = Source(Fetcher(site.broker, clock), key_ring(site_file, Path(site.broker.tls_ca)))
    guarded = os.environ.get(FOLDER_VARIABLE)
    application = ApplicationPart(
        source, Versions(Path(guarded)) if guarded else None, site_file,
        lacks=rig.lacks, up=lambda: [each.camera for each in cameras.health() if each.state == "up"],
        restart=rig.restart,
    )  # fmt: skip
    return [ModelPart(source, rig, cameras, clock=clock), application]


def key_ring(site_file: Path, authority: Path) -> KeyRing:
    """Return the release keys that the box of `site_file` trusts, by the authority in a file.

    Raises:
        ConfigError: that file cannot be read.
    """
    try:
        return KeyRing(site_file.with_name(KEYS), authority.read_bytes())
    except OSError as error:
        raise ConfigError("[broker]", "tls_ca", expected="the authority's certificate", got=str(error)) from error
