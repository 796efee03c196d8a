"""Webhooks to a real receiver: signed, at least once, under one id, and only where they may go."""

import json
import random
import ssl
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from analytics.clock import utc_now
from analytics.quality.restatements import Reason, Restatement
from analytics.stores import Store
from deploy.errors import WebhookError
from deploy.process import Process, Service, free_port
from deploy.trust.authority import Authority
from deploy.webhooks import posting, register
from deploy.webhooks.emitting import emit
from deploy.webhooks.events import DAY_CLOSED, DAY_RESTATED, TYPES, FigureOut, StoreDayClosed, body_of, schema
from deploy.webhooks.posting import Outcome, post
from deploy.webhooks.sending import LEASE, PAUSES_S, Sender
from deploy.webhooks.signing import headers_of, secret_of
from deploy.webhooks.watching import restated_body
from ingest.database import Database
from tests.support.clocks import ManualClock, wait_until
from tests.support.ledger import add_store, execute, one, rows
from tests.support.receiver import Receiver, receiving, status

HASH_SECRET = "a-secret-of-forty-characters-0123456789abc"


class Bench:
    """A store, its database, a clock that the test moves, and a sender."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.store_id = add_store(url)
        self.clock = ManualClock()
        self.database = Database(url)
        self.tls: ssl.SSLContext | None = None

    def add(self, url: str, *, events: tuple[str, ...] = (DAY_CLOSED,), stores: tuple[str, ...] | None = None) -> str:
        return register.add(
            self.database, url, events=events, stores=stores, allow_private=True, by="anna", at=self.clock.now()
        )

    def sender(self) -> Sender:
        rng = random.Random(1)  # noqa: S311  # jitter
        return Sender(Database(self.url), HASH_SECRET, now=self.clock.now, rng=rng, tls=self.tls)

    def emit(self, *, key: str | None = None) -> int:
        with self.database.transaction() as cursor:
            return emit(cursor, DAY_CLOSED, day_closed(), store_id=self.store_id, at=self.clock.now(), key=key)

    def send(self) -> int:
        """Send whatever is due; return how many attempts that took."""
        sender, attempts = self.sender(), 0
        while sender.once():
            attempts += 1
        sender._database.close()
        return attempts

    def delivery(self) -> register.Delivery:
        (found,) = register.deliveries(self.database)
        return found

    def wait_for_next(self) -> None:
        self.clock.advance((self.delivery().due_at - self.clock.now()).total_seconds())


@pytest.fixture
def bench(database: str) -> Iterator[Bench]:
    made = Bench(database)
    yield made
    made.database.close()


def day_closed() -> StoreDayClosed:
    at = datetime.fromisoformat("2026-11-20T09:00:00+00:00")
    visitors = FigureOut(
        value=412.0, low=400.0, high=420.0, quality="measured", completeness=1.0, definition="footfall"
    )
    return StoreDayClosed(
        store="riverside", name="Riverside · 南京路", business_date=at.date(), opens_at=at,
        closes_at=at + timedelta(hours=10), currency="EUR", figures={"footfall": visitors},
    )  # fmt: skip


def test_a_signature_is_the_one_of_the_specification_s_example() -> None:
    at = datetime.fromtimestamp(1614265330).astimezone()
    headers = headers_of(
        "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"]
    )
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_an_event_is_delivered_once_signed_and_as_the_schema_says(bench: Bench) -> None:
    with receiving() as receiver:
        endpoint_id = bench.add(receiver.url)
        assert bench.emit(key="the day") == 1
        assert bench.emit(key="the day") == 0
        assert bench.send() == 1
        assert bench.send() == 0
    (got,) = receiver.got
    secret = secret_of(HASH_SECRET, endpoint_id, 1)
    assert got.signed_by(secret)
    assert not got.signed_by(secret_of(HASH_SECRET, endpoint_id, 2))
    assert got.headers["content-type"] == "application/json"
    assert int(got.headers["webhook-timestamp"]) == int(bench.clock.now().timestamp())
    body = json.loads(got.body)
    jsonschema.Draft202012Validator(schema()).validate(body)
    assert (body["type"], body["version"], body["data"]["figures"]["footfall"]["value"]) == (DAY_CLOSED, 1, 412.0)
    assert (bench.delivery().state, bench.delivery().last_status) == ("delivered", 204)


def test_a_schema_refuses_what_is_no_event() -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(
            {"type": DAY_CLOSED, "version": 1, "timestamp": "x", "data": {}}
        )


def test_a_receiver_that_was_down_and_then_ill_gets_the_same_bytes_under_the_same_id(bench: Bench) -> None:
    port = free_port()
    endpoint_id = bench.add(f"http://127.0.0.1:{port}/hook")
    bench.emit()
    assert bench.send() == 1
    assert bench.delivery().state == "waiting"
    assert "no answer" in (bench.delivery().failure or "")
    assert bench.send() == 0, "not before it is due"
    with receiving(status(500), status(503), status(204), port=port) as receiver:
        for _ in range(3):
            bench.wait_for_next()
            assert bench.send() == 1
    assert bench.delivery().state == "delivered"
    assert len({(got.id, got.body) for got in receiver.got}) == 1
    assert len({got.headers["webhook-timestamp"] for got in receiver.got}) == 3
    assert all(got.signed_by(secret_of(HASH_SECRET, endpoint_id, 1)) for got in receiver.got)
    (endpoint,) = register.endpoints(bench.database)
    assert (endpoint.failing_since, endpoint.failure, endpoint.disabled_at) == (None, None, None)


def test_a_busy_receiver_is_left_alone_as_long_as_it_asks_for(bench: Bench) -> None:
    with receiving(status(429, Retry_After="1800")) as receiver:
        bench.add(receiver.url)
        bench.emit()
        bench.send()
    assert bench.delivery().due_at - bench.clock.now() == timedelta(seconds=1800)


def test_it_is_given_up_after_three_days_and_the_endpoint_told_nothing_more_until_somebody_says_so(
    bench: Bench,
) -> None:
    with receiving(status(500)) as receiver:
        endpoint_id = bench.add(receiver.url)
        bench.emit()
        began = bench.clock.now()
        while bench.delivery().state == "waiting" and not register.endpoints(bench.database)[0].disabled_at:
            bench.wait_for_next()
            bench.send()
        took = bench.clock.now() - began
        assert timedelta(days=2.5) < took < timedelta(days=4.2)
        (endpoint,) = register.endpoints(bench.database)
        assert endpoint.disabled_why == ("no delivery has succeeded for three days; the last one: it answered 500")
        assert bench.emit() == 0, "nobody is told"
        attempts = len(receiver.got)
        assert attempts <= len(PAUSES_S) + 1
        receiver.answers = [status(200)]
        register.enable(bench.database, endpoint_id, at=bench.clock.now())
        assert bench.emit() == 1
        assert bench.send() >= 1
    assert register.endpoints(bench.database)[0].disabled_at is None
    assert len(receiver.got) > attempts


def test_a_receiver_that_is_gone_is_told_nothing_more_at_once(bench: Bench) -> None:
    with receiving(status(410)) as receiver:
        bench.add(receiver.url)
        bench.emit()
        bench.send()
    assert "410" in (register.endpoints(bench.database)[0].disabled_why or "")
    bench.clock.advance(10)
    assert bench.send() == 0


@pytest.mark.parametrize("way", ["trickle", "hang"])
def test_a_slow_receiver_is_cut_off(way: str, bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "ANSWER_S", 0.5)
    with receiving() as receiver:
        receiver.answers = [getattr(receiver, way)]
        bench.add(receiver.url)
        bench.emit()
        bench.send()
        assert bench.delivery().failure == "it did not answer in time"


def test_a_certificate_is_checked_for_who_signed_it_and_whose_it_is(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "trust", now=utc_now, create=True)
    trusting = ssl.create_default_context(cafile=str(tmp_path / "trust" / "root.pem"))
    outcomes = {}
    for name in ("127.0.0.1", "erp.example.com"):
        certificate, key = authority.server_identity([name])
        with receiving(tls=(str(certificate), str(key))) as receiver:
            outcomes[name] = post(receiver.url, b"{}", {}, allow_private=True, tls=trusting)
            outcomes[f"{name} of a stranger"] = post(receiver.url, b"{}", {}, allow_private=True)
    assert outcomes.pop("127.0.0.1") == Outcome(204, None)
    assert len(outcomes) == 3
    for outcome in outcomes.values():
        assert "certificate is not trusted" in (outcome.failure or "")


def test_two_senders_share_the_work_and_nothing_goes_out_twice(bench: Bench) -> None:
    with receiving() as receiver:
        for _ in range(3):
            bench.add(receiver.url)
        for _ in range(10):
            bench.emit()
        senders = [bench.sender() for _ in range(3)]
        stopping = threading.Event()
        threads = [threading.Thread(target=sender.run, args=(stopping,)) for sender in senders]
        for thread in threads:
            thread.start()
        wait_until(lambda: len(receiver.got) == 30 and waiting(bench.url) == 0, what="all is delivered", within_s=60)
        stopping.set()
        for thread in threads:
            thread.join(10)
    assert len(receiver.got) == 30
    assert len({got.id for got in receiver.got}) == 10


def waiting(url: str) -> int:
    return int(one(url, "SELECT count(*) FROM webhook_delivery WHERE state = 'waiting'")[0])


def test_a_receiver_that_hangs_keeps_none_of_the_others_waiting(bench: Bench) -> None:
    with receiving() as slow, receiving() as quick:
        slow.answers = [slow.hang]
        slow_id, _ = bench.add(slow.url), bench.add(quick.url)
        for _ in range(4):
            bench.emit()
        # Two senders are at the slow one, for as long as their leases last.
        execute(
            bench.url,
            "UPDATE webhook_delivery SET claimed_until = %s WHERE endpoint_id = %s AND event_id IN "
            "(SELECT event_id FROM webhook_delivery WHERE endpoint_id = %s LIMIT 2)",
            bench.clock.now() + LEASE, slow_id, slow_id,
        )  # fmt: skip
        assert bench.send() == 4
    assert (len(quick.got), len(slow.got)) == (4, 0)


def test_while_a_secret_is_replaced_both_sign(bench: Bench) -> None:
    with receiving() as receiver:
        endpoint_id = bench.add(receiver.url)
        assert register.rotate(bench.database, endpoint_id, at=bench.clock.now()) == 2
        bench.emit()
        bench.send()
        bench.clock.advance(86_401)
        bench.emit()
        bench.send()
    old, new = (secret_of(HASH_SECRET, endpoint_id, generation) for generation in (1, 2))
    first, second = receiver.got
    assert first.signed_by(old)
    assert first.signed_by(new)
    assert not second.signed_by(old)
    assert second.signed_by(new)
    tables = (
        "SELECT to_jsonb(e)::text FROM webhook_endpoint AS e UNION ALL SELECT to_jsonb(v)::text FROM webhook_event AS v"
    )
    held = " ".join(str(row) for row in rows(bench.url, tables))
    assert old.removeprefix("whsec_") not in held
    assert new.removeprefix("whsec_") not in held


def test_a_redirect_is_not_followed(bench: Bench) -> None:
    with receiving() as elsewhere, receiving(status(307, Location=elsewhere.url)) as receiver:
        bench.add(receiver.url)
        bench.emit()
        bench.send()
    assert elsewhere.got == []
    assert "redirects are not followed" in (bench.delivery().failure or "")


def test_events_and_stores_that_nobody_knows_are_refused(bench: Bench) -> None:
    with pytest.raises(WebhookError, match="got day_closed"):
        bench.add("http://127.0.0.1/", events=("day_closed",))
    with pytest.raises(WebhookError, match="footfall store list"):
        bench.add("http://127.0.0.1/", stores=("riverside", "atlantis"))
    assert register.endpoints(bench.database) == []


def test_an_endpoint_is_told_of_its_stores_alone_and_of_what_it_asked_for(bench: Bench) -> None:
    add_store(bench.url, "hilltop")
    here = bench.add("http://127.0.0.1/here", stores=("riverside",))
    bench.add("http://127.0.0.1/there", stores=("hilltop",))
    bench.add("http://127.0.0.1/other", events=("device.down",))
    assert bench.emit() == 1
    assert [each.endpoint_id for each in register.deliveries(bench.database)] == [here]
    register.remove(bench.database, here)
    assert register.deliveries(bench.database) == []


def notifying(url: str, folder: Path) -> Process:
    return Process(
        Service(
            name="notify", argv=[sys.executable, "-m", "deploy.cli.main", "--log-level", "info", "notify", "run"],
            ready=lambda: True, log_file=folder / "notify.log",
            env={"FOOTFALL_DATABASE_URL": url, "FOOTFALL_HASH_SECRET": HASH_SECRET, "FOOTFALL_HOME": str(folder)},
        )
    )  # fmt: skip


@pytest.mark.slow
def test_a_sender_killed_in_mid_delivery_loses_nothing_and_doubles_only_under_the_same_id(
    bench: Bench, tmp_path: Path
) -> None:
    bench.clock.wall = datetime.now().astimezone()
    with receiving() as receiver:
        receiver.answers = [receiver.hang]
        endpoint_id = bench.add(receiver.url)
        bench.emit()
        first = notifying(bench.url, tmp_path)
        first.spawn()
        try:
            wait_until(lambda: len(receiver.got) == 1, what="the first attempt", within_s=60)
        finally:
            first.kill()
        receiver.answers = [status(204)]
        assert bench.delivery().state == "waiting"
        # As if the dead sender's lease were over.
        execute(bench.url, "UPDATE webhook_delivery SET claimed_until = now() - INTERVAL '1 second'")
        second = notifying(bench.url, tmp_path)
        second.spawn()
        try:
            wait_until(lambda: bench.delivery().state == "delivered", what="it is delivered", within_s=60)
        finally:
            second.stop()
    assert second.returncode == 0
    assert [got.id for got in receiver.got] == [bench.delivery().event_id] * 2
    assert all(got.signed_by(secret_of(HASH_SECRET, endpoint_id, 1)) for got in receiver.got)
    assert bench.delivery().attempts == 2


def test_the_schema_beside_the_documents_is_what_is_sent() -> None:
    written = (Path(__file__).resolve().parents[3] / "docs" / "webhooks.schema.json").read_text(encoding="utf-8")
    assert json.loads(written) == schema(), "run: footfall webhooks schema > docs/webhooks.schema.json"


def test_a_receiver_is_told_that_changes_of_sales_are_withheld() -> None:
    at = utc_now()
    gone = Restatement(1, at.date(), at, at, at, (Reason("order_voided", 1),), (), withheld=True)
    data = restated_body(Store(1, "riverside", "Riverside", "UTC", "EUR"), gone)
    body = json.loads(body_of(DAY_RESTATED, at, data))
    jsonschema.validate(body, schema())
    assert (body["data"]["changes"], body["data"]["withheld"]) == ([], True)


def test_every_type_is_described() -> None:
    document = (Path(__file__).resolve().parents[3] / "docs" / "webhooks.md").read_text(encoding="utf-8")
    assert [name for name in TYPES if f"`{name}`" not in document] == []


def test_every_type_has_a_name_that_a_receiver_can_sort_by() -> None:
    assert all(len(name.split(".")) == 2 and name == name.lower() for name in TYPES)


def test_the_receiver_of_these_tests_verifies() -> None:
    with receiving() as receiver:
        post(receiver.url, b"{}", headers_of("evt_1", utc_now(), b"{ }", ["whsec_AAAA"]), allow_private=True)
    assert isinstance(receiver, Receiver)
    assert not receiver.got[0].signed_by("whsec_AAAA"), "another body was signed"
