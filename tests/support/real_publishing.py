"""The real publisher against a real broker, quick to retry."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from edge.config import BrokerConfig
from edge.publishing.connection import PahoConnection
from edge.publishing.publisher import Publisher
from edge.publishing.settings import PublisherSettings
from edge.publishing.sqlite_outbox import SqliteOutbox
from tests.support.publishing import FakeDevice
from tests.support.servers import RunningBroker

QUICK = PublisherSettings(
    heartbeat_s=1, batch_entries=100, resend_after_s=1, resend_max_s=2, receipt_grace_s=0.3, backoff_first_s=0.2,
    backoff_max_s=0.5, connect_timeout_s=2,
)  # fmt: skip


def broker_config(broker: RunningBroker, tmp_path: Path, *, password: str | None = None) -> BrokerConfig:
    url = urlsplit(broker.device_url)
    file = tmp_path / "password"
    file.write_text(password or url.password or "", encoding="utf-8")
    return BrokerConfig(host=broker.host, port=broker.port, username=url.username, password_file=str(file))


@contextmanager
def publishing(outbox: SqliteOutbox, config: BrokerConfig, device: FakeDevice | None = None) -> Iterator[Publisher]:
    publisher = Publisher(
        device or FakeDevice(),
        outbox,
        lambda session, report: PahoConnection(config, session, report, connect_timeout_s=2),
        settings=QUICK,
    )
    publisher.start()
    try:
        yield publisher
    finally:
        publisher.stop()
