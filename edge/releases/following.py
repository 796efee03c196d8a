"""Following what is asked: a thread that brings about the newest wish, and gives up an older one for it."""

import logging
import random
import threading
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from contract.control import reason_of
from contract.releases import ReleaseReport, ReleaseState
from edge.errors import FetchingError, ReleaseError

logger = logging.getLogger(__name__)

_W = TypeVar("_W")
#: Between attempts while the server is away, doubled up to the longest.
_RETRY_S: Final = 15.0
_RETRY_MAX_S: Final = 900.0


class Progress:
    """How far a release is: what the box reports of it. From any thread."""

    def __init__(self, manifest: str | None) -> None:
        self.report = ReleaseReport(manifest=manifest, state="fetching")

    def say(self, state: ReleaseState, reason: str | None = None, **more: object) -> None:
        """Report `state` from now on; what else is known stays as it was."""
        known = {key: getattr(self.report, key) for key in ("name", "version", "watched_s", "lines")}
        plain = None if reason is None else reason_of(reason)
        self.report = ReleaseReport(
            manifest=self.report.manifest, state=state, reason=plain, **{**known, **more}
        )  # fmt: skip
        name = (self.report.manifest or "none")[:12]
        logger.info("release %s: %s %s", name, state, reason or "", extra={"action": "release"})


class Follower(Generic[_W]):
    """Calls `bring(wish, progress, given_up)` in a thread of its own; what cannot be had now is asked for later.

    `bring` raises FetchingError for "later" and any other ReleaseError for "never".
    """

    def __init__(
        self,
        name: str,
        bring: Callable[[_W, Progress, threading.Event], None],
        manifest_of: Callable[[_W], str | None],
        *,
        retry_s: float = _RETRY_S,
    ) -> None:
        self._bring = bring
        self._manifest_of = manifest_of
        self._retry_s = retry_s
        self._wish: _W | None = None
        self._news = threading.Condition()
        self._given_up = threading.Event()
        self._stopping = False
        self._progress: Progress | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        # Spreads a fleet's attempts: no secret depends on it.
        self._jitter = random.Random()  # noqa: S311

    @property
    def report(self) -> ReleaseReport | None:
        """How far the newest wish is; None: there is none."""
        return self._progress.report if self._progress else None

    def want(self, wish: _W) -> None:
        """Follow `wish` from now on; the same one again changes nothing, unless it came to nothing."""
        with self._news:
            ended = self.report is not None and self.report.state in ("refused", "differs")
            if (wish == self._wish and not ended) or self._stopping:
                return
            self._wish = wish
            self._progress = Progress(self._manifest_of(wish))
            self._given_up.set()
            self._given_up = threading.Event()
            self._news.notify_all()
        if self._thread.ident is None:
            self._thread.start()

    def stop(self) -> None:
        """Give up what goes on, and end the thread."""
        with self._news:
            self._stopping = True
            self._given_up.set()
            self._news.notify_all()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        done: Progress | None = None
        while True:
            with self._news:
                self._news.wait_for(lambda: self._stopping or self._progress is not done)  # noqa: B023
                wish, done, given_up = self._wish, self._progress, self._given_up
            if self._stopping or wish is None or done is None:
                return
            self._follow(wish, done, given_up)

    def _follow(self, wish: _W, progress: Progress, given_up: threading.Event) -> None:
        pause_s = self._retry_s
        while not given_up.is_set():
            try:
                self._bring(wish, progress, given_up)
            except FetchingError as error:
                progress.say(progress.report.state, str(error))
                given_up.wait(pause_s * self._jitter.uniform(0.5, 1.0))
                pause_s = min(2 * pause_s, _RETRY_MAX_S)
                continue
            except ReleaseError as error:
                progress.say("refused", str(error))
            except Exception as error:
                # The root of this thread: a release that cannot be taken must not end the counting.
                logger.exception("a release failed", extra={"action": "release_failed"})
                progress.say("refused", f"{type(error).__name__}: {error}")
            return
