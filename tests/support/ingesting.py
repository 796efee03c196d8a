"""A running ingest: in a thread of the test, or in a process of its own that can be killed."""

import os
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ingest.service import IngestService
from ingest.settings import IngestSettings
from tests.support.clocks import wait_until


def ingest_settings(
    database_url: str, broker_url: str, *, session_s: int = 0, name: str = "ingest-under-test"
) -> IngestSettings:
    return IngestSettings.model_validate(
        {
            "database_url": database_url,
            "broker_url": broker_url,
            "ingest_name": name,
            "ingest_batch_age_s": 0.02,
            "broker_session_s": session_s,
        }
    )


@contextmanager
def running_ingest(
    database_url: str, broker_url: str, *, session_s: int = 0, wait: bool = True, name: str = "ingest-under-test"
) -> Iterator[IngestService]:
    service = IngestService(
        ingest_settings(database_url, broker_url, session_s=session_s, name=name),
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        rng=random.Random(7),  # noqa: S311  # jitter, no secret
    )
    thread = threading.Thread(target=service.run, name="ingest-under-test")
    thread.start()
    try:
        if wait:
            wait_until(lambda: service.connected, what="ingest has subscribed")
        yield service
    finally:
        service.stop()
        thread.join(20)
        assert not thread.is_alive()


def spawn_ingest(
    database_url: str, broker_url: str, log_file: Path, *, name: str = "ingest-child"
) -> subprocess.Popen[bytes]:
    """Start `footfall ingest run` as a child."""
    program = "from deploy.cli.ingest import app; app(['run'])"
    environment = {
        **os.environ,
        "FOOTFALL_DATABASE_URL": database_url,
        "FOOTFALL_BROKER_URL": broker_url,
        "FOOTFALL_INGEST_NAME": name,
    }
    with log_file.open("ab") as log:
        return subprocess.Popen(  # noqa: S603  # the argument list is ours, no shell
            [sys.executable, "-c", program], env=environment, stdout=log, stderr=log
        )
