"""Control: takes what head office says, once, has its parts and handlers do it, and reports how far they are.

publisher ── config, command ─► queue ─► believed? new? ─► parts, handlers ─► reported ─► publisher

One thread owns everything here; the publisher's thread never waits for it.
"""

import hashlib
import logging
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeAlias

from msgspec.structs import replace

from contract.codec import encode
from contract.control import (
    Answer,
    CommandBase,
    ControlLeaf,
    Desired,
    Rejection,
    Reported,
    command_of,
    desired_of,
    expired,
    reason_of,
)
from contract.errors import ContractError
from contract.topics import Leaf
from edge.clock import Clock
from edge.control.believing import Believing
from edge.control.memory import Memory
from edge.control.parts import Handlers, Part
from edge.dating import PLAUSIBLE_FROM
from edge.errors import EdgeError, NotBelievedError

logger = logging.getLogger(__name__)

#: Says a message on a leaf, retained or not, whenever there is a connection; the newest of a leaf wins.
Say: TypeAlias = Callable[[Leaf, bytes, bool], None]

_STEP_S: Final = 1.0
#: A broker that floods us fills no memory: what does not fit is dropped, what is desired comes again.
_QUEUE_MAX: Final = 64


class Control:
    """Listens for the box `store`/`device` whose site file is `site_file`.

    `handlers` and `parts` do the work. `start()` runs it in a thread; a test calls `handle()` and `step()` itself.
    """

    def __init__(
        self,
        whom: tuple[str, str],
        site_file: Path,
        believing: Believing,
        memory: Memory,
        *,
        parts: Sequence[Part],
        handlers: Handlers,
        say: Say,
        clock: Clock,
    ) -> None:
        self._store, self._device = whom
        self._site_file = site_file
        self._believing = believing
        self._memory = memory
        self._parts = tuple(parts)
        self._handlers = handlers
        self._say = say
        self._clock = clock
        self._queue: queue.Queue[Callable[[], None]] = queue.Queue(_QUEUE_MAX)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None
        self._reported: Reported | None = None
        self._rejected: Rejection | None = None
        self._told: set[Rejection] = set()

    def start(self) -> None:
        """Run in a thread of its own until `stop`."""
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread; the parts leave things in order."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def hand(self, leaf: Leaf, payload: bytes) -> None:
        """Take what stands on `config` or `command`; from any thread, without waiting."""
        match leaf:
            case "config" | "command" if payload:  # empty: a retained message was cleared, it says nothing
                self._put(partial(self.handle, leaf, payload))

    def handle(self, leaf: ControlLeaf, payload: bytes) -> None:
        """Do what a message says, if it is head office's and new."""
        try:
            body = self._believing.body(leaf, payload)
            if leaf == "config":
                self._take(body)
            else:
                self._command(body)
        except NotBelievedError as error:
            self._reject(leaf, error)
        except EdgeError as error:
            logger.error("%s: %s", leaf, error, extra={"action": "control_failed"})  # noqa: TRY400  # it says it all
        self.report()

    def resume(self) -> None:
        """After a start: let the parts find where they were."""
        if self._memory.desired is not None:
            try:
                self._want(desired_of(self._memory.desired))
            except ContractError as error:
                # An older program than the one that took it.
                logger.error("what is desired cannot be read here: %s", error, extra={"action": "control_failed"})  # noqa: TRY400
        self.report()

    def step(self) -> None:
        """Let each part go on, then report what changed."""
        for part in self._parts:
            try:
                part.step()
            except EdgeError as error:
                logger.error("%s", error, extra={"action": "control_failed"})  # noqa: TRY400  # it says it all
        self.report()

    def report(self) -> None:
        """Publish how far everything is, if that changed."""
        report = Reported(
            store=self._store, device=self._device, at=self._clock.now(), state="current",
            version=self._memory.taken or None, site_sha256=sha256_of(self._site_file),
            rejected=self._rejected, answers=self._memory.answers,
        )  # fmt: skip
        for part in self._parts:
            report = part.tell(report)
        if self._reported is not None and replace(report, at=self._reported.at) == self._reported:
            return
        self._reported = report
        try:
            self._say("reported", encode(report), True)
        except ContractError as error:
            logger.error("not reported: %s", error, extra={"action": "control_failed"})  # noqa: TRY400  # it says it all

    def _take(self, body: str) -> None:
        try:
            desired = desired_of(body)
        except ContractError as error:
            raise NotBelievedError("malformed", str(error)) from error
        if desired.version == self._memory.taken and body == self._memory.desired:
            return  # the broker has kept it, and says it at each connection
        if desired.version <= self._memory.taken:
            raise NotBelievedError(
                "replayed", f"version {desired.version} comes after version {self._memory.taken} was taken"
            )
        self._memory.take(desired.version, body)
        self._rejected, self._told = None, set()
        logger.info("version %d is desired", desired.version, extra={"action": "desired"})
        self._want(desired)

    def _want(self, desired: Desired) -> None:
        for part in self._parts:
            try:
                part.want(desired)
            except EdgeError as error:
                logger.error("version %d: %s", desired.version, error, extra={"action": "control_failed"})  # noqa: TRY400

    def _command(self, body: str) -> None:
        try:
            command = command_of(body)
        except ContractError as error:
            raise NotBelievedError("malformed", str(error)) from error
        now = self._clock.now()
        if now < PLAUSIBLE_FROM or expired(command, now):
            raise NotBelievedError("expired", f"it was good until {command.expires_at}, and it is {now} here")
        if not self._memory.new(command.id, expires_at=command.expires_at, now=now):
            return  # the broker brings it twice, or head office says it again until it is answered
        handler = self._handlers.get(type(command))
        if handler is None:
            self._answer(command, done=False, reason="this box cannot do it as it is set up")
            return
        logger.info("command %s: %s", type(command).__name__, command.id, extra={"action": "command"})
        self._memory.answer(Answer(id=command.id, outcome="accepted"))
        try:
            handler(command, lambda *, done, reason=None: self._put(partial(self._answered, command, done, reason)))
        except EdgeError as error:
            self._answer(command, done=False, reason=str(error))

    def _answered(self, command: CommandBase, done: bool, reason: str | None) -> None:
        self._answer(command, done=done, reason=reason)
        self.report()

    def _answer(self, command: CommandBase, *, done: bool, reason: str | None = None) -> None:
        plain = None if reason is None else reason_of(reason)
        self._memory.answer(Answer(id=command.id, outcome="done" if done else "refused", reason=plain))

    def _reject(self, leaf: ControlLeaf, error: NotBelievedError) -> None:
        """Say once of what kind a message was that is not head office's: more of them change nothing."""
        if error.rejection not in self._told:
            self._told.add(error.rejection)
            self._rejected = error.rejection
            logger.warning("refused on %s: %s", leaf, error, extra={"action": f"control_{error.rejection}"})

    def _put(self, work: Callable[[], None]) -> None:
        try:
            self._queue.put_nowait(work)
        except queue.Full:
            logger.warning("more comes than can be dealt with: dropped", extra={"action": "control_flooded"})

    def _run(self) -> None:
        self._safely(self.resume)
        step_at = self._clock.monotonic() + _STEP_S
        while not self._stopping.is_set():
            with suppress(queue.Empty):
                self._safely(self._queue.get(timeout=_STEP_S / 4))
            if self._clock.monotonic() >= step_at:
                step_at = self._clock.monotonic() + _STEP_S
                self._safely(self.step)
        for part in self._parts:
            self._safely(part.stop)

    def _safely(self, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception:
            # The root of this thread: head office's words must not end the counting, nor their own hearing.
            logger.exception("control failed", extra={"action": "control_failed"})


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal; that of nothing where it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return hashlib.sha256(b"").hexdigest()
