"""An ingest without a database: takes batches from a real broker, remembers each seq, answers with receipts."""

import threading
from collections import Counter, defaultdict
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from contract.codec import decode, encode
from contract.entries import Entry
from contract.messages import EpochReceipt, LedgerBatch, Live, Receipt, Status
from contract.topics import parse, subscription, topic
from edge.publishing.coverage import Coverage


class FakeIngest:
    """`answering` False: batches are taken and remembered, but no receipt is sent."""

    def __init__(self, url: str, *, answering: bool = True) -> None:
        self.answering = answering
        self.entries: dict[tuple[UUID, int], Entry] = {}
        self.deliveries: Counter[tuple[UUID, int]] = Counter()
        self.statuses: list[Status] = []
        self.lives: list[Live] = []
        self.subscribed = threading.Event()
        self._seqs: dict[UUID, set[int]] = defaultdict(set)
        self._url = urlsplit(url)
        self._client = Client(CallbackAPIVersion.VERSION2, client_id="fake-ingest", protocol=MQTTProtocolVersion.MQTTv5)
        self._client.username_pw_set(self._url.username, self._url.password)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self.subscribed.set()
        self._client.on_message = self._on_message

    def start(self) -> None:
        assert self._url.hostname
        assert self._url.port
        self._client.connect(self._url.hostname, self._url.port)
        self._client.loop_start()
        assert self.subscribed.wait(10)

    def stop(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def seqs(self, epoch: UUID) -> list[int]:
        return sorted(self._seqs[epoch].copy())

    def of_kind(self, kind: type[Entry]) -> list[Entry]:
        return [entry for _, entry in sorted(self.entries.copy().items()) if isinstance(entry, kind)]

    def _on_connect(self, client: Client, *_: Any) -> None:
        client.subscribe([(subscription(leaf), 1) for leaf in ("ledger", "status", "live")])

    def _on_message(self, client: Client, _data: Any, message: MQTTMessage) -> None:
        where = parse(message.topic)
        payload = bytes(message.payload)
        if where.leaf == "status":
            self.statuses.append(decode(payload, Status, where))
        elif where.leaf == "live":
            self.lives.append(decode(payload, Live, where))
        else:
            batch = decode(payload, LedgerBatch, where)
            for index, entry in enumerate(batch.entries):
                self.entries[batch.epoch, batch.first_seq + index] = entry
                self.deliveries[batch.epoch, batch.first_seq + index] += 1
                self._seqs[batch.epoch].add(batch.first_seq + index)
            if self.answering:
                client.publish(
                    topic(where.store, where.device, "receipt"), encode(self._receipt(batch)), 1, retain=True
                )

    def _receipt(self, batch: LedgerBatch) -> Receipt:
        seqs = self._seqs[batch.epoch]
        ranges = Coverage.of(((seq, seq) for seq in seqs), last_seq=max(seqs)).ranges
        epochs = [EpochReceipt(epoch=batch.epoch, ranges=list(ranges))]
        return Receipt(store=batch.store, device=batch.device, at=datetime.now(UTC), epochs=epochs)
