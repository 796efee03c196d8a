"""Reading ahead: the next deliveries are decoded while others are being stored, and no fault ends it."""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contract.errors import ContractError
from ingest import deliveries, reading
from ingest.deliveries import Delivery, Inbox, Waiting
from ingest.reading import ReadAhead
from tests.support.entries import NOON
from tests.support.ledger import batch, delivery

PATIENCE_S = 30.0


@contextmanager
def running(sets: list[Waiting]) -> Iterator[tuple[ReadAhead, deque[Waiting]]]:
    left, stopping = deque(sets), threading.Event()

    def take() -> Waiting:
        if left:
            return left.popleft()
        stopping.wait(0.01)
        return Waiting()

    ahead = ReadAhead(take)
    thread = threading.Thread(target=ahead.run, args=(stopping,))
    thread.start()
    try:
        yield ahead, left
    finally:
        stopping.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def test_each_message_is_read_before_it_is_asked_for_in_the_order_they_came() -> None:
    readable, garbage = delivery(batch()), Delivery("footfall/v1/riverside/door-box/ledger", b"{", NOON)
    with running([Waiting(ledger=[readable, garbage]), Waiting(ledger=[garbage])]) as (ahead, _):
        first, second = ahead.next(PATIENCE_S), ahead.next(PATIENCE_S)
        assert ahead.next(0.0) is None
    assert first is not None
    assert second is not None
    assert first.read[0] == batch()
    assert [isinstance(each, ContractError) for each in (*first.read, *second.read)] == [False, True, True]


def test_no_more_than_two_sets_are_taken_beyond_what_is_being_stored() -> None:
    with running([Waiting(ledger=[delivery(batch())]) for _ in range(10)]) as (ahead, left):
        assert ahead.next(PATIENCE_S) is not None
        assert ahead.next(PATIENCE_S) is not None
        assert len(left) >= 10 - 4


def test_a_fault_of_ours_leaves_the_set_unread_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad = delivery(batch()), Delivery("a/fault", b"", NOON)
    read = reading.read

    def faulty(each: Delivery) -> object:
        if each is bad:
            raise ZeroDivisionError
        return read(each)

    monkeypatch.setattr(reading, "read", faulty)
    with running([Waiting(ledger=[good, bad]), Waiting(ledger=[good])]) as (ahead, _):
        first, second = ahead.next(PATIENCE_S), ahead.next(PATIENCE_S)
    assert first is not None
    assert second is not None
    assert (first.ledger, first.read) == ([good, bad], [])
    assert second.read == [batch()]


def test_company_is_awaited_only_while_it_keeps_coming() -> None:
    inbox = Inbox(in_flight=10)
    inbox.put_ledger(delivery(batch()))
    taken: list[Waiting] = []
    thread = threading.Thread(
        target=lambda: taken.append(inbox.take(most_bytes=10**9, age_s=8 * PATIENCE_S, timeout_s=0))
    )
    thread.start()
    thread.join(0.2)
    assert thread.is_alive(), "it waits for company"
    for _ in range(4):
        inbox.put_ledger(delivery(batch()))
    thread.join(4 * PATIENCE_S)
    assert [len(each.ledger) for each in taken] == [5], "half a window is enough"


def test_nobody_waits_for_long_where_no_company_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries, "_LULL", 0.0005)
    inbox = Inbox(in_flight=10)
    inbox.put_ledger(delivery(batch()))
    started = time.monotonic()
    assert len(inbox.take(most_bytes=10**9, age_s=600, timeout_s=0).ledger) == 1
    assert time.monotonic() - started < 300
