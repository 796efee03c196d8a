"""How a publisher paces itself. The defaults are the product's; tests and the simulation take others."""

from dataclasses import dataclass

from edge.publishing.outbox import RUN_BYTES, RUN_ENTRIES


@dataclass(frozen=True, slots=True)
class PublisherSettings:
    """Seconds, entries and bytes.

    Attributes:
        heartbeat_s: between two status messages.
        live_s: least time between two live messages.
        flush_age_s: how long a new entry waits for company before its batch leaves.
        batch_entries: most entries in one batch.
        batch_bytes: most bytes of entries in one batch.
        window: most batches on their way that no receipt has covered yet.
        drain_from: a backlog of more entries drains beside the new ones.
        drain_window: most batches of such a backlog on their way: they lie in the path of the live values.
        drain_entries_s: most of its entries a second: a fleet that comes back together must not flood its broker.
        slow_receipt_s: a receipt that takes longer halves the backlog's batches, one that comes in a quarter of it
            doubles them again.
        resend_after_s: how long to wait for a receipt before everything uncovered is sent again; doubles while none
            comes, up to `resend_max_s`.
        resend_max_s: longest such wait.
        receipt_grace_s: after connecting, how long to wait for the retained receipt before sending.
        connect_timeout_s: how long a broker may take to accept.
        backoff_first_s: first pause between two attempts to connect; doubles up to `backoff_max_s`.
        backoff_max_s: longest such pause.
        settled_s: a connection that ended sooner does not shorten the pauses again.
        keepalive_s: MQTT keep-alive.
        stop_timeout_s: how long stopping waits for the broker to take the last status.
    """

    heartbeat_s: float = 30.0
    live_s: float = 0.5
    flush_age_s: float = 0.2
    batch_entries: int = RUN_ENTRIES
    batch_bytes: int = RUN_BYTES
    window: int = 8
    drain_from: int = 10_000
    drain_window: int = 2
    drain_entries_s: float = 4_000.0
    slow_receipt_s: float = 1.0
    resend_after_s: float = 10.0
    resend_max_s: float = 60.0
    receipt_grace_s: float = 1.0
    connect_timeout_s: float = 5.0
    backoff_first_s: float = 1.0
    backoff_max_s: float = 30.0
    settled_s: float = 10.0
    keepalive_s: int = 20
    stop_timeout_s: float = 3.0
