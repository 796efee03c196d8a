"""Set-up pictures on request: one at a time, made in a thread of its own, and nothing of it on the disk.

command ─► begin ─► thread: samples … ─► picture ─► publisher, topic `picture`
camera's thread ─► see (only while one is being taken, every few seconds) ─┘
"""

import logging
import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from contract.control import TakePicture
from contract.topics import Leaf
from edge.cameras import Cameras
from edge.clock import Clock
from edge.control.parts import Answering, Handler
from edge.errors import EdgeError, SetupPictureError
from edge.frames import Frame, Image
from edge.setup_picture.examining import Examiner, open_examiner
from edge.setup_picture.rules import PictureRules
from edge.setup_picture.taking import Request, Taking

if TYPE_CHECKING:
    from datetime import datetime

logger = logging.getLogger(__name__)

_WAIT_S: Final = 0.25


class _Active:
    """The picture that is being taken: what its camera's thread and its own both know."""

    def __init__(self, request: Request, answering: Answering) -> None:
        self.request = request
        self.answering = answering
        self.last_s = float("-inf")
        self.seen: queue.Queue[tuple[Image, datetime]] = queue.Queue(1)


class SetupPictures:
    """Takes the pictures that head office asks for, of the `cameras` of a (store, device)."""

    def __init__(
        self,
        whom: tuple[str, str],
        cameras: Cameras,
        *,
        send: Callable[[bytes], None],
        clock: Clock,
        instead: Callable[[str], str | None] = lambda _model: None,
        rules: PictureRules | None = None,
        examiner: Callable[[str], Examiner | None] = open_examiner,
    ) -> None:
        """Hand pictures to `send`, ready for their topic.

        `instead` returns the path of what counts in the place of a model; None: that model. `examiner` opens what looks
        for people, by a model's name or path.
        """
        self._store, self._device = whom
        self._cameras = cameras
        self._send = send
        self._clock = clock
        self._instead = instead
        self._rules = rules or PictureRules()
        self._open = examiner
        self._active: _Active | None = None

    def __call__(self, command: TakePicture, answering: Answering) -> None:
        """Begin to take a picture; `answering` hears what became of it.

        Raises:
            SetupPictureError: another one is being taken, or there is no such camera.
        """
        if self._active is not None:
            raise SetupPictureError("another picture is being taken on this box: ask again in some minutes")
        model = next((each.model for each in self._cameras.configured if each.name == command.camera), None)
        if model is None:
            raise SetupPictureError(f"this box has no camera {command.camera}")
        active = _Active(Request(command.id, self._store, self._device, command.camera), answering)
        self._active = active
        logger.info(
            "head office asks for the set-up picture of camera %s", command.camera,
            extra={"action": "picture_asked", "camera": command.camera, "request": str(command.id)},
        )  # fmt: skip
        threading.Thread(target=self._run, args=(active, model), name="setup-picture", daemon=True).start()

    def see(self, camera: str, frame: Frame) -> None:
        """Take a frame if one is due; called in the camera's thread with every frame that can be counted on."""
        active = self._active
        if active is None or active.request.camera != camera or active.seen.full():
            return
        # A camera that was begun anew counts its seconds anew, too.
        if abs(frame.time_s - active.last_s) < self._rules.every_s:
            return
        active.last_s = frame.time_s
        # Converted here: a decoder's frame is its thread's. No detector runs here: counting waits for nobody.
        active.seen.put_nowait((frame.image, frame.captured_at))

    def _run(self, active: _Active, model: str) -> None:
        refused: str | None = None
        try:
            self._send(self._taken(active, model))
        except EdgeError as error:
            refused = str(error)
        except Exception as error:
            # The root of this thread: detector libraries raise what they like, and the next request must find us free.
            logger.exception("set-up picture failed", extra={"action": "picture_failed"})
            refused = f"{type(error).__name__} on the box"
        self._active = None
        logger.info(
            "set-up picture of camera %s: %s", active.request.camera, refused or "sent",
            extra={"action": "picture_refused" if refused else "picture_sent", "request": str(active.request.id)},
        )  # fmt: skip
        active.answering(done=refused is None, reason=refused)

    def _taken(self, active: _Active, model: str) -> bytes:
        examiner = self._open(self._instead(model) or model)
        if examiner is None:
            raise SetupPictureError(
                "nothing on this box can look for people in a picture: footfall models fetch yolox-nano"
            )
        taking = Taking(active.request, examiner, self._rules)
        give_up_s = self._clock.monotonic() + self._rules.give_up_s
        while not taking.enough and self._clock.monotonic() < give_up_s:
            if not self._cameras.started:
                raise SetupPictureError("the box stops")
            try:
                taking.look(*active.seen.get(timeout=_WAIT_S))
            except queue.Empty:
                continue
        return taking.answer()


def open_pictures(
    whom: tuple[str, str],
    cameras: Cameras,
    *,
    say: Callable[[Leaf, bytes, bool], None],
    clock: Clock,
    instead: Callable[[str], str | None] = lambda _model: None,
) -> Handler:
    """Return what takes set-up pictures on a box, and looks on at its cameras from now on."""
    pictures = SetupPictures(
        whom, cameras, send=lambda payload: say("picture", payload, False), clock=clock, instead=instead
    )
    cameras.onlookers.append(pictures.see)
    return pictures
