"""Opening control: which parts and handlers a box has. Each new one is put in here."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from contract.topics import Leaf
from edge.cameras import Cameras
from edge.clock import Clock
from edge.config import SiteConfig
from edge.control.believing import Believing
from edge.control.control import Control, Say
from edge.control.memory import Memory
from edge.control.parts import Handlers, Part
from edge.publishing.outbox import Outbox
from edge.publishing.publisher import Listener

logger = logging.getLogger(__name__)

#: Beside the site file.
MEMORY: Final = "control.json"


@dataclass(frozen=True, slots=True)
class Box:
    """What parts and handlers work with."""

    site_file: Path
    site: SiteConfig
    cameras: Cameras
    outbox: Outbox
    memory: Memory
    say: Say
    clock: Clock


def open_control(
    site_file: Path | None, site: SiteConfig, *, cameras: Cameras, outbox: Outbox, say: Say, clock: Clock
) -> Control | None:
    """Return what takes head office's words for this box; None where it was not enrolled and so believes nobody.

    Raises:
        ConfigError: the authority's certificate cannot be used.
    """
    if site_file is None or site.broker.tls_ca is None:
        logger.info(
            "this box was not enrolled: it takes no configuration and no commands from head office",
            extra={"action": "not_controlled"},
        )
        return None
    believing = Believing(Path(site.broker.tls_ca), site.store, site.device)
    memory = Memory(site_file.with_name(MEMORY))
    box = Box(site_file, site, cameras, outbox, memory, say, clock)
    return Control(
        (site.store, site.device), site_file, believing, memory,
        parts=_parts(box), handlers=_handlers(box), say=say, clock=clock,
    )  # fmt: skip


def listeners_of(control: Control | None) -> Mapping[Leaf, Listener]:
    """Return what is to hear head office's words, by leaf."""
    return {"config": control.hand, "command": control.hand} if control is not None else {}


def _parts(_box: Box) -> list[Part]:
    return []


def _handlers(_box: Box) -> Handlers:
    return {}
