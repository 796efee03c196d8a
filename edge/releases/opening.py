"""Opening releases: the parts of the desired state that bring models and versions of the application about."""

import logging
import os
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from edge.cameras import Cameras
from edge.clock import Clock
from edge.config import BrokerConfig, SiteConfig
from edge.control.parts import Part
from edge.errors import ConfigError, ReleaseError
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


def learn_keys(site_file: Path, broker: BrokerConfig, clock: Clock) -> int:
    """Have a box that was enrolled just now ask whose releases it is to trust; return how many keys it trusts.

    Where the server names none yet, or does not answer, it asks again when it needs them.
    """
    folder = site_file.resolve().parent
    given = {key: str(folder / value) for key in ("tls_ca", "tls_cert", "tls_key") if (value := getattr(broker, key))}
    broker = replace(broker, **given)
    ring = key_ring(site_file.resolve(), Path(broker.tls_ca or ""))
    try:
        Source(Fetcher(broker, clock), ring).refresh_keys()
    except ReleaseError as error:
        logger.info("no release keys yet: %s", error, extra={"action": "no_release_keys"})
    return len(ring.keys)


def key_ring(site_file: Path, authority: Path) -> KeyRing:
    """Return the release keys that the box of `site_file` trusts, by the authority in a file.

    Raises:
        ConfigError: that file cannot be read.
    """
    try:
        return KeyRing(site_file.with_name(KEYS), authority.read_bytes())
    except OSError as error:
        raise ConfigError("[broker]", "tls_ca", expected="the authority's certificate", got=str(error)) from error
