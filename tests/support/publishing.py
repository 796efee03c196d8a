"""A device, a connection and an ingest that tests hold in their hands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from contract.codec import decode
from contract.messages import CameraHealth, LedgerBatch, LineInfo, Live, Status, ZoneInfo
from edge.errors import BrokerError
from edge.publishing.connection import Session, Signal
from edge.publishing.outbox import LineTotal
from edge.publishing.presence import Readings


@dataclass
class FakeDevice:
    store: str = "riverside"
    device: str = "door-box"
    lines: Sequence[LineInfo] = (LineInfo(line="front-door", role="entrance", camera="door"),)
    zones: Sequence[ZoneInfo] = (ZoneInfo(zone="table", role="engagement", camera="door"),)
    model: str | None = "yolox-nano"
    inside: dict[str, int] = field(default_factory=dict)
    held: dict[str, LineTotal] = field(default_factory=dict)

    def cameras(self) -> Sequence[CameraHealth]:
        return [CameraHealth(camera="door", state="up", fps=10.0)]

    def people(self) -> Mapping[str, int]:
        return self.inside

    def waiting(self) -> Mapping[str, LineTotal]:
        return self.held

    def readings(self) -> Readings:
        return Readings(temperature_c=41.5, disk_free_mb=12_000)


@dataclass(frozen=True)
class Sent:
    topic: str
    payload: bytes
    qos: int
    retain: bool


@dataclass
class FakeConnection:
    session: Session
    report: Callable[[Signal], None]
    reachable: bool
    sent: list[Sent] = field(default_factory=list)
    closed: bool = False

    def open(self) -> None:
        if not self.reachable:
            raise BrokerError("broker nowhere:1883 cannot be reached")

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool = False) -> None:
        assert not self.closed
        self.sent.append(Sent(topic, payload, qos, retain))

    def close(self, *, timeout_s: float = 0.0) -> None:
        del timeout_s
        self.closed = True

    def batches(self) -> list[LedgerBatch]:
        return [decode(sent.payload, LedgerBatch) for sent in self.sent if sent.topic.endswith("/ledger")]

    def statuses(self) -> list[Status]:
        return [decode(sent.payload, Status) for sent in self.sent if sent.topic.endswith("/status")]

    def lives(self) -> list[Live]:
        return [decode(sent.payload, Live) for sent in self.sent if sent.topic.endswith("/live")]


@dataclass
class FakeNetwork:
    """A connection factory that keeps what it made."""

    reachable: bool = True
    made: list[FakeConnection] = field(default_factory=list)

    def __call__(self, session: Session, report: Callable[[Signal], None]) -> FakeConnection:
        self.made.append(FakeConnection(session, report, self.reachable))
        return self.made[-1]

    @property
    def newest(self) -> FakeConnection:
        return self.made[-1]
