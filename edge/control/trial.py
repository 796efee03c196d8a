"""The trial of a new set-up, as it is noted before anything is changed: a power cut leaves the old one or the new one.

noted ─► files written ─► cameras changed ─► watched ─┬─► confirmed: the note is gone
                                                      └─► failed: noted, files back, cameras back, the note is gone
A start that finds a note puts the old files back first, and tries once more.
"""

import logging
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from contract.control import State
from edge.control.memory import Memory, memory_file
from edge.control.site_files import SiteFiles, SiteTexts, digest
from edge.errors import EdgeError
from edge.publishing.outbox_file import is_held

logger = logging.getLogger(__name__)

PART: Final = "set-up"
#: So many starts may interrupt a trial before it counts as failed.
STARTS_MAX: Final = 2


class Trial(Struct, frozen=True, kw_only=True):
    """`version` replaces `old` by `new`. `was_up`: the cameras that were up and without trouble before.

    `site` is the digest of head office's site text where it brought one; `failed` is why it is to be taken back.
    """

    version: int
    old: SiteTexts
    new: SiteTexts
    was_up: list[str]
    site: str | None = None
    starts: int = 0
    failed: str | None = None


class Note(Struct, frozen=True, kw_only=True):
    """What the set-up part remembers.

    `version`, `state` and `reason` are of the last version that was decided, `running` is the last confirmed one.
    `written` is the digest of the site file as head office, or the enrolment, wrote it; `site` that of head office's
    site text that was applied last.
    """

    version: int | None = None
    state: State = "current"
    reason: str | None = None
    running: int | None = None
    written: str | None = None
    site: str | None = None
    trial: Trial | None = None

    @classmethod
    def of(cls, memory: Memory) -> "Note":
        """Return what is remembered; nothing, where it is of another make."""
        try:
            return msgspec.convert(memory.note(PART), cls)
        except msgspec.ValidationError:
            logger.exception("what was noted of the set-up cannot be read", extra={"action": "control_forgotten"})
            return cls()

    def keep(self, memory: Memory) -> None:
        """Remember it.

        Raises:
            ControlError: the disk does not take it.
        """
        memory.keep(PART, msgspec.to_builtins(self))


def note_written(site_file: Path) -> None:
    """Remember that the site file is as the enrolment wrote it: head office may replace it.

    Raises:
        ControlError: it cannot be read, or the disk does not take it.
    """
    memory = Memory(memory_file(site_file))
    replace(Note.of(memory), written=digest(SiteFiles(site_file).read().site)).keep(memory)


def settle(site_file: Path) -> None:
    """Before a start: take back a set-up that was on probation when the box stopped. It is tried again afterwards.

    Raises:
        ControlError: the disk does not take it.
    """
    if not memory_file(site_file).exists():
        return
    memory, files = Memory(memory_file(site_file)), SiteFiles(site_file)
    note = Note.of(memory)
    if note.trial is None or _runs(files):
        return
    trial = replace(note.trial, starts=note.trial.starts + 1)
    replace(note, trial=trial).keep(memory)
    logger.warning(
        "version %d was on probation when this box stopped: the set-up of before is back", trial.version,
        extra={"action": "set_up_settled"},
    )  # fmt: skip
    files.write(texts_before(trial, files.read()))


def texts_before(trial: Trial, present: SiteTexts) -> SiteTexts:
    """Return what stood there before the trial; what a person has changed at the site file since then stays."""
    touched = present.site not in (trial.new.site, trial.old.site)
    return replace(trial.old, site=present.site) if touched else trial.old


def _runs(files: SiteFiles) -> bool:
    """Return whether an agent runs on this set-up: then nothing of it is ours to touch."""
    try:
        return is_held(Path(files.loaded().outbox.path))
    except EdgeError:
        return False
