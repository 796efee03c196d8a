"""Opening control: which parts and handlers a box has. Each new one is put in here."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contract.control import Resend, TakePicture
from contract.topics import Leaf
from edge.cameras import Cameras
from edge.clock import Clock
from edge.config import SiteConfig
from edge.control.believing import Believing
from edge.control.control import Control, Say
from edge.control.memory import Memory, memory_file
from edge.control.parts import Handlers, Part
from edge.control.probation import Pace
from edge.control.resending import Resending
from edge.control.set_up import SetUp
from edge.publishing.outbox import Outbox
from edge.publishing.publisher import Listener
from edge.releases.opening import release_parts
from edge.releases.rig import Rig
from edge.setup_picture.pictures import open_pictures

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Controlled:
    """Where the site file stands that head office may change, and how long a new set-up is watched."""

    site_file: Path
    pace: Pace = field(default_factory=Pace)


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
    pace: Pace
    #: Hears of each new set-up once its cameras have it.
    changed: Callable[[SiteConfig], None]
    rig: Rig
    #: Tells the publisher that the outbox takes something for not received.
    again: Callable[[], None]


def open_control(
    controlled: Controlled | None,
    site: SiteConfig,
    *,
    cameras: Cameras,
    outbox: Outbox,
    say: Say,
    clock: Clock,
    again: Callable[[], None],
    changed: Callable[[SiteConfig], None],
    rig: Rig,
) -> Control | None:
    """Return what takes head office's words for this box; None where it was not enrolled and so believes nobody.

    Raises:
        ConfigError: the authority's certificate cannot be used.
    """
    if controlled is None or site.broker.tls_ca is None:
        logger.info(
            "this box was not enrolled: it takes no configuration and no commands from head office",
            extra={"action": "not_controlled"},
        )
        return None
    site_file = controlled.site_file
    believing = Believing(Path(site.broker.tls_ca), site.store, site.device)
    memory = Memory(memory_file(site_file))
    box = Box(site_file, site, cameras, outbox, memory, say, clock, controlled.pace, changed, rig, again)
    return Control(
        (site.store, site.device), site_file, believing, memory,
        parts=_parts(box), handlers=_handlers(box), say=say, clock=clock,
    )  # fmt: skip


def listeners_of(control: Control | None) -> Mapping[Leaf, Listener]:
    """Return what is to hear head office's words, by leaf."""
    return {"config": control.hand, "command": control.hand} if control is not None else {}


def _parts(box: Box) -> list[Part]:
    return [
        SetUp(box.site_file, box.cameras, box.memory, box.clock, changed=box.changed, pace=box.pace),
        *release_parts(box.site_file, box.site, box.rig, box.cameras, box.clock),
    ]


def _handlers(box: Box) -> Handlers:
    whom = (box.site.store, box.site.device)
    return {
        TakePicture: open_pictures(whom, box.cameras, say=box.say, clock=box.clock, instead=box.rig.counting),
        Resend: Resending(box.outbox, box.again, box.clock),
    }
