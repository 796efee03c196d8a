"""Memory: what a box knows of head office's words over a power cut. One file, replaced as a whole."""

import logging
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import Struct

from contract.control import ANSWERS_MAX, COMMAND_LASTS_MAX, Answer
from edge.errors import ControlError
from edge.identity import write_secret

logger = logging.getLogger(__name__)

#: So many commands may be remembered at once: more within their quarter-hour are refused.
_SEEN_MAX: Final = 512


def memory_file(site_file: Path) -> Path:
    """Return where the box of this site file remembers: beside it."""
    return site_file.with_name(f"{site_file.stem}.control.json")


class _Known(Struct, kw_only=True):
    """What stands in the file.

    `taken` is the highest version that was taken, `desired` the body it came in; `seen` are commands with the end of
    their time; `notes` are the parts' own.
    """

    taken: int = 0
    desired: str | None = None
    seen: dict[UUID, datetime] = {}
    answers: list[Answer] = []
    notes: dict[str, dict[str, Any]] = {}


class Memory:
    """What is remembered in the file `path`. Not shared between threads.

    A file that cannot be read is set aside, with a word in the log: what is desired comes again, the broker keeps it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = self._read()

    @property
    def taken(self) -> int:
        """The highest version that was taken; 0: none yet."""
        return self._known.taken

    @property
    def desired(self) -> str | None:
        """The body in which it came."""
        return self._known.desired

    @property
    def answers(self) -> list[Answer]:
        """What became of the latest commands, the newest last."""
        return list(self._known.answers)

    def take(self, version: int, body: str) -> None:
        """Remember what is desired from now on.

        Raises:
            ControlError: the disk does not take it.
        """
        self._known.taken, self._known.desired = version, body
        self._write()

    def new(self, command: UUID, *, expires_at: datetime, now: datetime) -> bool:
        """Return whether this command was not seen before, and remember it.

        A clock that steps back within a command's time makes none new.

        Raises:
            ControlError: too many commands at once, or the disk does not take it.
        """
        if command in self._known.seen:
            return False
        self._known.seen = {each: end for each, end in self._known.seen.items() if end + COMMAND_LASTS_MAX > now}
        if len(self._known.seen) >= _SEEN_MAX:
            raise ControlError(f"more than {_SEEN_MAX} commands at once: this one is refused")
        self._known.seen[command] = expires_at
        self._write()
        return True

    def answer(self, answer: Answer) -> None:
        """Remember what became of a command, in place of what was said of it before.

        Raises:
            ControlError: the disk does not take it.
        """
        others = [each for each in self._known.answers if each.id != answer.id]
        self._known.answers = [*others, answer][-ANSWERS_MAX:]
        self._write()

    def note(self, part: str) -> dict[str, Any]:
        """Return what a part noted: a copy of plain JSON values; empty at first."""
        return dict(self._known.notes.get(part, {}))

    def keep(self, part: str, note: dict[str, Any]) -> None:
        """Replace a part's note.

        Raises:
            ControlError: the disk does not take it.
        """
        self._known.notes[part] = dict(note)
        self._write()

    def _read(self) -> _Known:
        try:
            return msgspec.json.decode(self._path.read_bytes(), type=_Known)
        except FileNotFoundError:
            return _Known()
        except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            logger.error(  # noqa: TRY400  # the reason is in the text
                "%s cannot be read (%s): it is begun anew", self._path, error, extra={"action": "control_forgotten"}
            )
            return _Known()

    def _write(self) -> None:
        try:
            write_secret(self._path, msgspec.json.encode(self._known))
        except OSError as error:
            raise ControlError(f"{self._path} cannot be written: {error}") from error
