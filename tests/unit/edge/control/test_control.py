"""Control: head office's words are taken once; everything else is refused and reported once."""

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contract.codec import encode
from contract.control import COMMAND_LASTS_MAX, Desired, Resend
from deploy.trust.authority import Authority
from edge.control.parts import Answering
from edge.errors import ControlError
from tests.support.controlling import NOON, ControlBench, Recorded


@pytest.fixture
def part() -> Recorded:
    return Recorded()


@pytest.fixture
def done() -> list[tuple[Resend, Answering]]:
    return []


@pytest.fixture
def bench(tmp_path: Path, part: Recorded, done: list[tuple[Resend, Answering]]) -> ControlBench:
    return ControlBench(
        tmp_path, parts=[part], handlers={Resend: lambda command, answer: done.append((command, answer))}
    )


def versions(part: Recorded) -> list[int]:
    return [each.version for each in part.wanted]


def test_a_version_is_taken_once_and_found_again_after_a_power_cut(bench: ControlBench, part: Recorded) -> None:
    bench.desire(3)
    bench.desire(3)
    assert versions(part) == [3]
    bench.restart()
    assert versions(part) == [3, 3]
    bench.desire(3)
    assert versions(part) == [3, 3]
    assert bench.said[-1].version == 3
    assert bench.said[-1].rejected is None


def test_an_older_version_is_a_replay_and_the_next_one_clears_it(bench: ControlBench, part: Recorded) -> None:
    bench.desire(3)
    bench.desire(2)
    bench.desire(3, site="cameras = []")  # the same number, other words
    assert versions(part) == [3]
    assert bench.said[-1].rejected == "replayed"
    bench.desire(4)
    assert versions(part) == [3, 4]
    assert bench.said[-1].rejected is None


FORGERIES: dict[str, Callable[[ControlBench, Desired], bytes]] = {
    "another authority's": lambda bench, said: bench.signed(
        said, "config", by=Authority(bench.folder / "other", now=bench.clock.now, create=True)
    ),
    "a command's": lambda bench, said: bench.signed(said, "command"),
    "another body's": lambda bench, said: bench.signed(said, "config").replace(b'":9', b'":8'),
}


@pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
def test_a_signature_that_is_not_for_this_is_refused_and_reported_once(
    bench: ControlBench,
    part: Recorded,
    forge: Callable[[ControlBench, Desired], bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    payload = forge(bench, Desired(version=9, issued_at=NOON))
    before = len(bench.said)
    with caplog.at_level(logging.WARNING, "edge.control"):
        for _ in range(5):
            bench.control.handle("config", payload)
    assert part.wanted == []
    assert [each.rejected for each in bench.said[before:]] == ["forged"]
    assert [record.action for record in caplog.records] == ["control_forged"]  # type: ignore[attr-defined]


def test_another_device_s_words_are_refused(bench: ControlBench, part: Recorded) -> None:
    theirs = Desired(version=9, issued_at=NOON)
    bench.control.handle("config", bench.signed(theirs, "config", device="other-box"))
    assert (part.wanted, bench.said[-1].rejected) == ([], "malformed")
    relabelled = bench.authority.sign("config", "riverside", "other-box", '{"version":9}')
    forged = encode(
        type(relabelled)(store="riverside", device="door-box", body=relabelled.body, signature=relabelled.signature)
    )
    bench.control.handle("config", forged)
    assert (part.wanted, bench.said[-1].rejected) == ([], "forged")


@pytest.mark.parametrize("payload", [b"{}", b"\xff", b"[" * 5_000, b'{"v":1,"store":"riverside","device":"door-box"}'])
def test_what_is_no_message_is_refused(bench: ControlBench, part: Recorded, payload: bytes) -> None:
    bench.control.handle("config", payload)
    assert (part.wanted, bench.said[-1].rejected) == ([], "malformed")


def test_a_signed_body_of_an_unknown_kind_is_refused_and_nothing_is_taken(bench: ControlBench, part: Recorded) -> None:
    for leaf, body in (
        ("config", '{"version":0}'),
        ("config", '{"version":1,"frames":true}'),
        ("command", '{"kind":"shell"}'),
    ):
        bench.control.handle(leaf, encode(bench.authority.sign(leaf, "riverside", "door-box", body)))  # type: ignore[arg-type]
    assert (part.wanted, bench.said[-1].rejected, bench.said[-1].version) == ([], "malformed", None)


def test_a_command_is_done_once_also_over_a_restart(bench: ControlBench, done: list[tuple[Resend, Answering]]) -> None:
    command = bench.resend()
    bench.ask(command)
    bench.ask(command)
    assert [each.outcome for each in bench.said[-1].answers] == ["accepted"]
    done[0][1](done=False, reason="no such epoch … here")
    bench.pump()
    bench.restart()
    bench.ask(command)
    assert [each for each, _ in done] == [command]
    (answer,) = bench.said[-1].answers
    assert (answer.id, answer.outcome, answer.reason) == (command.id, "refused", "no such epoch ... here")


def test_a_command_after_its_time_is_refused_and_so_is_one_that_a_wrong_clock_cannot_date(
    bench: ControlBench, done: list[tuple[Resend, Answering]]
) -> None:
    bench.ask(bench.resend(age=COMMAND_LASTS_MAX))
    assert bench.said[-1].rejected == "expired"
    command = bench.resend()
    bench.clock.wall -= timedelta(hours=1)
    bench.ask(command)
    bench.clock.wall = datetime(1970, 1, 1, tzinfo=UTC)
    bench.ask(bench.resend())
    assert done == []


def test_a_command_that_nothing_here_does_is_answered_so(tmp_path: Path) -> None:
    bench = ControlBench(tmp_path)
    bench.ask(bench.resend())
    assert [(each.outcome, each.reason) for each in bench.said[-1].answers] == [
        ("refused", "this box cannot do it as it is set up")
    ]


def test_a_handler_s_refusal_is_the_answer(tmp_path: Path) -> None:
    def refuse(_command: Resend, _answer: Answering) -> None:
        raise ControlError("camera door is down")

    bench = ControlBench(tmp_path, handlers={Resend: refuse})
    bench.ask(bench.resend())
    assert [(each.outcome, each.reason) for each in bench.said[-1].answers] == [("refused", "camera door is down")]


def test_a_memory_that_cannot_be_read_begins_anew(bench: ControlBench, part: Recorded) -> None:
    bench.desire(3)
    (bench.folder / "control.json").write_text("half a li", encoding="utf-8")
    bench.restart()
    bench.desire(3)
    assert versions(part) == [3, 3]
