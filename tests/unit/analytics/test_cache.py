"""Answers that are made anew beside their readers."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from analytics.cache import Cache
from analytics.errors import AnalyticsError, BusyError
from tests.support.clocks import wait_until


class Answers:
    """Makes 1, 2, 3 …, each taking `took_s` of a clock that is held here."""

    def __init__(self, took_s: float) -> None:
        self.now = 0.0
        self.made = 0
        self.took_s = took_s
        self.fails: Exception | None = None
        self.go = threading.Event()
        self.go.set()
        self.cache = Cache(clock=lambda: self.now)

    def make(self) -> int:
        assert self.go.wait(10)
        self.now += self.took_s
        if self.fails:
            raise self.fails
        self.made += 1
        return self.made

    def ask(self) -> int:
        return self.cache.renewed("key", self.make, for_s=1, stale_s=100)


def nobody_renews() -> None:
    wait_until(lambda: not [one for one in threading.enumerate() if one.name == "renew"], what="nothing is being made")


def test_who_asks_for_what_takes_long_is_not_kept_waiting_once_there_is_an_answer() -> None:
    answers = Answers(took_s=2)
    assert answers.ask() == 1
    answers.go.clear()
    assert [answers.ask(), answers.ask()] == [1, 1], "the old one while the next is being made"
    answers.go.set()
    wait_until(lambda: answers.ask() == 2, what="the next answer is there")
    assert answers.made == 2, "two who ask have it made once"


def test_what_takes_long_again_rests_three_times_as_long_since_it_was_begun() -> None:
    answers = Answers(took_s=2)
    answers.ask()
    wait_until(lambda: answers.ask() == 2, what="a second answer that took long, begun at 2 s")
    answers.now = 7.9
    assert answers.ask() == 2
    nobody_renews()
    assert answers.made == 2
    answers.now = 8.0
    wait_until(lambda: answers.ask() == 3, what="the next answer")


def test_an_answer_is_as_old_as_the_moment_at_which_its_making_began() -> None:
    answers = Answers(took_s=2)
    assert answers.ask() == 1
    answers.fails = AnalyticsError("no answer")
    answers.now = 100.9
    assert answers.ask() == 1
    nobody_renews()
    answers.now, answers.fails = 101.0, None
    assert answers.ask() == 2, "shown for for_s + stale_s since it was begun, not since it was there"


def test_what_is_fresh_is_so_since_its_making_began() -> None:
    answers = Answers(took_s=0.2)
    assert answers.ask() == 1
    answers.now = 0.9
    assert answers.ask() == 1
    answers.now = 1.0
    assert answers.ask() == 2


def test_who_knows_more_than_an_answer_that_is_being_made_has_it_made_once_more() -> None:
    """Colleagues share a reading; who asks after something came in is not told what one saw that began before."""
    cache, go, begun, came_in = Cache(clock=lambda: float(len(begun))), threading.Event(), list[str](), ["before"]

    def make() -> str:
        begun.append(came_in[0])
        seen = came_in[0]
        assert go.wait(10)
        return seen

    def ask(mark: str) -> str:
        return cache.renewed("key", make, for_s=100, stale_s=100, quick_s=100, mark=mark)

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(ask, "before")
        wait_until(lambda: len(begun) == 1, what="a reading has begun")
        came_in[0] = "after"
        later = [pool.submit(ask, "after") for _ in range(3)]
        wait_until(lambda: cache._making["renewed", "key"][1] == 4, what="three wait for it")
        go.set()
        assert first.result(10) == "before"
        assert [one.result(10) for one in later] == ["after"] * 3
    assert begun == ["before", "after"], "once for all of them"


def test_what_is_made_quickly_is_never_old() -> None:
    answers = Answers(took_s=0.1)
    assert answers.ask() == 1
    answers.now += 2
    assert answers.ask() == 2


def test_an_answer_that_is_too_old_is_waited_for() -> None:
    answers = Answers(took_s=2)
    assert answers.ask() == 1
    answers.now += 200
    assert answers.ask() == 2


@pytest.mark.parametrize("failure", [AnalyticsError("no answer"), KeyError("a fault of ours")])
def test_a_renewal_that_fails_leaves_the_old_answer_until_that_is_too_old(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    answers = Answers(took_s=2)
    assert answers.ask() == 1
    answers.fails = failure
    answers.now += 10
    assert answers.ask() == 1
    nobody_renews()
    assert "could not be renewed" in caplog.text
    answers.fails = None
    assert answers.ask() == 1
    wait_until(lambda: answers.ask() == 2, what="a later round succeeds")
    answers.fails = failure
    answers.now += 200
    with pytest.raises(type(failure)):
        answers.ask()


def test_answers_that_are_too_old_are_swept_out() -> None:
    now = [0.0]
    cache = Cache(clock=lambda: now[0])
    for number in range(5_000):
        now[0] += 1
        cache.keep(("view", number), object(), for_s=10)
    assert len(cache._kept) <= 600
    assert cache.peek(("view", 4_999)) is not None


def test_what_was_made_under_another_mark_is_made_anew() -> None:
    cache, made = Cache(clock=lambda: 0.0), iter(range(10))

    def ask(mark: str) -> int:
        return cache.renewed("key", lambda: next(made), for_s=5, stale_s=10, mark=mark)

    assert [ask("a"), ask("a"), ask("b"), ask("b"), ask("a")] == [0, 0, 1, 1, 2]


def test_only_so_many_are_made_at_once_and_what_is_there_waits_for_none() -> None:
    cache, go, begun = Cache(at_once=1), threading.Event(), []

    def make(name: str) -> str:
        begun.append(name)
        assert name == "there" or go.wait(10)
        return name

    def ask(name: str) -> str:
        return cache.renewed(name, lambda: make(name), for_s=100, stale_s=100)

    ask("there")
    threads = [threading.Thread(target=ask, args=(name,)) for name in ("one", "other")]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(begun) > 1, what="one of them is being made")
    assert ask("there") == "there"
    assert len(begun) == 2
    go.set()
    for thread in threads:
        thread.join(10)
    assert sorted(begun) == ["one", "other", "there"]


def test_an_old_answer_is_shown_while_all_turns_are_taken_and_what_is_slow_takes_none_of_them() -> None:
    now, go, numbers = [0.0], threading.Event(), iter(range(10))
    cache = Cache(at_once=1, slow_at_once=1, clock=lambda: now[0])
    begun: list[str] = []

    def ask() -> int:
        return cache.renewed("store", lambda: next(numbers), for_s=1, stale_s=100)

    def hold(name: str, *, slow: bool) -> threading.Thread:
        def make() -> bool:
            begun.append(name)
            return go.wait(10)

        thread = threading.Thread(target=lambda: cache.renewed(name, make, for_s=1, stale_s=1, slow=slow))
        thread.start()
        wait_until(lambda: name in begun, what=f"{name} is being made")
        return thread

    assert ask() == 0
    threads = [hold("chain", slow=True)]
    now[0] += 2
    assert ask() == 1, "the chain keeps no store waiting"
    threads.append(hold("other store", slow=False))
    now[0] += 2
    assert [ask(), ask()] == [1, 1], "as it was"
    go.set()
    for thread in threads:
        thread.join()
    now[0] += 2
    assert ask() == 2


def test_what_can_be_put_off_holds_nobody_while_others_have_its_turn() -> None:
    cache, go, making = Cache(slow_at_once=1, put_off_at_once=1), threading.Event(), list[str]()

    def make(name: str) -> str:
        making.append(name)
        assert go.wait(10)
        return name

    def ask(name: str) -> str:
        return cache.get_in_turn(name, lambda: make(name), for_s=100, within_s=0)

    with ThreadPoolExecutor(2) as pool:
        chain = pool.submit(cache.renewed, "chain", lambda: make("chain"), for_s=1, stale_s=1, slow=True)
        floor = pool.submit(ask, "floor")
        wait_until(lambda: sorted(making) == ["chain", "floor"], what="both are being made: their turns are two")
        for name in ("floor", "other floor"):
            with pytest.raises(BusyError):
                ask(name)
        assert cache.get("other", lambda: "other", for_s=1) == "other"
        go.set()
        assert (chain.result(10), floor.result(10)) == ("chain", "floor")
    assert [ask("floor"), ask("other floor")] == ["floor", "other floor"]
    assert sorted(making) == ["chain", "floor", "other floor"]
