"""Renewal: a thread that replaces the box's certificate when two thirds of its time are over.

With 30 days that is on day 20: ten days without a connection cost nothing. The broker is met with the new certificate
at the next connection; a connection that is open stays.
"""

import logging
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from edge.clock import Clock
from edge.config import BrokerConfig
from edge.enrolment import renew
from edge.errors import EdgeError
from edge.identity import Identity

logger = logging.getLogger(__name__)

_SHARE: Final = 2 / 3
_LOOK_EVERY_S: Final = 3600.0


class Renewal:
    """Looks after the certificate of `broker`; `replace` does the asking."""

    def __init__(
        self,
        broker: BrokerConfig,
        clock: Clock,
        *,
        replace: Callable[[BrokerConfig], Identity] = renew,
        rng: random.Random | None = None,
    ) -> None:
        self._broker = broker
        self._clock = clock
        self._replace = replace
        # Spreads a fleet's requests: no secret depends on it.
        self._rng = rng or random.Random()  # noqa: S311
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Run in a thread of its own until `stop`; a box without `renew_url` needs none."""
        if self._broker.renew_url is not None:
            self._thread = threading.Thread(target=self._run, name="renewal", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def look(self) -> bool:
        """Renew if it is time; return whether there is a new certificate."""
        try:
            identity = Identity(Path(self._broker.tls_cert or ""))
            lasts, left = identity.not_after - identity.not_before, identity.not_after - self._clock.now()
            if left > lasts * (1 - _SHARE):
                return False
            renewed = self._replace(self._broker)
        except EdgeError as error:
            logger.warning("the certificate was not renewed: %s", error, extra={"action": "not_renewed"})
            return False
        logger.info("new certificate until %s", renewed.not_after.isoformat(), extra={"action": "renewed"})
        return True

    def _run(self) -> None:
        while True:
            self.look()
            if self._stopping.wait(_LOOK_EVERY_S * self._rng.uniform(0.5, 1.0)):
                return
