"""The supervisor over real child processes."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.children import birth_of, load, seen_now
from deploy.errors import HomeInUseError, ServiceError, StoppedError
from deploy.home import Home
from deploy.logs import rotate
from deploy.process import Service
from deploy.supervisor import Backoff, Supervisor
from tests.support.clocks import ManualClock, wait_until

SLEEPER = "import time; print('here', flush=True); time.sleep(600)"


def service(name: str, script: str = SLEEPER, *, ready: bool = True, finite: bool = False) -> Service:
    return Service(
        name=name,
        argv=[sys.executable, "-c", script],
        ready=lambda: ready,
        log_file=Path("replaced by the supervisor"),
        finite=finite,
    )


class Watch:
    """A supervisor with a clock of its own and a memory of what it reported."""

    def __init__(self, folder: Path) -> None:
        self.home = Home(folder)
        self.clock = ManualClock()
        self.seen: list[tuple[str, str]] = []
        self.supervisor = Supervisor(
            self.home,
            monotonic=self.clock.monotonic,
            stopping=threading.Event(),
            backoff=Backoff(first_s=1.0, most_s=8.0, jitter=0.0, crashes=3),
            report=lambda child: self.seen.append((child.name, child.state)),
        )

    def pid(self, number: int = 0) -> int:
        pid = self.supervisor.health()[number].pid
        assert pid is not None
        return pid

    def kill_and_notice(self) -> None:
        before = self.pid()
        os.kill(before, signal.SIGKILL)

        def noticed() -> bool:
            self.supervisor.check()
            return self.supervisor.health()[0].state in ("waiting", "crashing")

        wait_until(noticed, what="the supervisor saw its child end")

    def state(self) -> str:
        return self.supervisor.health()[0].state


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    made = Watch(tmp_path / "home")
    yield made
    made.supervisor.stop()


def test_services_start_in_order_and_stop_in_reverse(watch: Watch) -> None:
    watch.supervisor.start(service("first"))
    watch.supervisor.start(service("second"))
    pids = [watch.pid(0), watch.pid(1)]
    watch.supervisor.stop()
    assert [name for name, state in watch.seen if state == "running"] == ["first", "second"]
    assert [name for name, state in watch.seen if state == "stopped"] == ["second", "first"]
    assert all(birth_of(pid) is None for pid in pids)


def test_a_child_that_ends_is_started_again_after_the_backoff(watch: Watch) -> None:
    watch.supervisor.start(service("only"))
    before = watch.pid()
    watch.kill_and_notice()
    watch.supervisor.check()
    assert watch.state() == "waiting"
    watch.clock.advance(1.0)
    watch.supervisor.check()
    watch.supervisor.check()
    assert watch.state() == "running"
    assert watch.pid() != before
    assert watch.supervisor.health()[0].restarts == 1


def test_the_wait_doubles_up_to_its_limit_with_jitter_around_it() -> None:
    backoff = Backoff(first_s=1.0, most_s=8.0, jitter=0.25)
    assert [backoff.delay(ends, 0.5) for ends in range(1, 7)] == [1, 2, 4, 8, 8, 8]
    assert backoff.delay(2, 0.0) == 1.5
    assert backoff.delay(2, 1.0) == 2.5


def test_a_crash_loop_is_said_and_still_tried(watch: Watch, caplog: pytest.LogCaptureFixture) -> None:
    watch.supervisor.start(service("only"))
    wait_until(lambda: "here" in (watch.home.log / "only.log").read_text(encoding="utf-8"), what="it has said a word")
    for _ in range(3):
        watch.kill_and_notice()
        if watch.state() == "waiting":
            watch.clock.advance(10.0)
            watch.supervisor.check()
            watch.supervisor.check()
    assert watch.state() == "crashing"
    assert watch.supervisor.health()[0].last_words == "here"
    assert any(getattr(record, "action", "") == "crash_loop" for record in caplog.records)
    watch.clock.advance(10.0)
    watch.supervisor.check()
    watch.supervisor.check()
    assert watch.state() == "running"


def test_a_service_that_ran_calmly_is_forgiven(watch: Watch) -> None:
    watch.supervisor.start(service("only"))
    for _ in range(4):
        watch.clock.advance(61.0)
        watch.kill_and_notice()
        assert watch.state() == "waiting"
        watch.clock.advance(1.0)
        watch.supervisor.check()
        watch.supervisor.check()


def test_a_finite_service_that_ends_well_stays_ended(watch: Watch) -> None:
    watch.supervisor.start(service("clip", "pass", finite=True))

    def finished() -> bool:
        watch.supervisor.check()
        return watch.state() == "finished"

    wait_until(finished, what="the clip was over")
    watch.clock.advance(100.0)
    watch.supervisor.check()
    assert watch.state() == "finished"


def test_a_service_that_dies_at_its_first_start_tells_the_end_of_its_log(watch: Watch) -> None:
    with pytest.raises(ServiceError, match=r"only ended with code 3 .*\n.*no such table"):
        watch.supervisor.start(service("only", "print('no such table'); raise SystemExit(3)", ready=False))


def test_starting_ends_at_once_when_somebody_asks_for_the_end(watch: Watch) -> None:
    watch.supervisor.stopping.set()
    with pytest.raises(StoppedError):
        watch.supervisor.start(service("never-ready", ready=False))
    watch.supervisor.stop()
    assert watch.supervisor.health()[0].pid is None


def test_what_a_killed_supervisor_left_is_ended_by_the_next(watch: Watch, tmp_path: Path) -> None:
    watch.supervisor.start(service("left"))
    pid = watch.pid()
    following = Watch(tmp_path / "home")
    assert following.supervisor.end_orphans() == ["left"]
    os.waitpid(pid, 0)
    assert following.supervisor.end_orphans() == []


def test_a_process_that_is_gone_unnoticed_is_shown_as_lost(watch: Watch) -> None:
    watch.supervisor.start(service("kept"), service("gone"))
    pid = watch.pid(1)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: birth_of(pid) is None, what="the end of the killed child")
    shown = seen_now(load(watch.home.record))
    assert [(child.name, child.state) for child in shown] == [("kept", "running"), ("gone", "lost")]


def test_a_home_says_whether_somebody_looks_after_it(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert not home.held
    with home.locked():
        assert Home(tmp_path / "home").held
    assert not home.held


def test_a_foreign_process_that_got_a_recorded_id_is_left_alone(watch: Watch) -> None:
    watch.supervisor.start(service("only"))
    record = watch.supervisor.record
    record.write_text(record.read_text().replace(f'"birth": "{birth_of(watch.pid())}"', '"birth": "1"'))
    assert watch.supervisor.end_orphans() == []
    assert birth_of(watch.pid()) is not None


def test_two_supervisors_cannot_share_a_home(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    with home.locked(), pytest.raises(HomeInUseError, match=rf"process {os.getpid()}.*FOOTFALL_HOME"), home.locked():
        pass
    with home.locked():
        pass


def test_a_second_start_gets_the_ports_of_the_first(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        taken = taker.getsockname()[1]
        port = Home(tmp_path / "home").port("dashboard", preferred=taken)
        assert Home(tmp_path / "home").port("dashboard", preferred=taken) == port
    assert Home(tmp_path / "home").port("dashboard", preferred=taken) == taken


def test_a_taken_port_is_replaced_by_a_free_one(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taker:
        taken = taker.getsockname()[1]
        assert Home(tmp_path / "home").port("dashboard", preferred=taken) != taken


def test_what_a_service_says_lands_in_its_log(watch: Watch) -> None:
    watch.supervisor.start(service("only"))
    log = watch.home.log / "only.log"
    wait_until(lambda: "here" in log.read_text(), what="the child's output is in its log")


def test_a_log_beyond_its_limit_is_moved_aside_and_the_oldest_dropped(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    for number in range(4):
        with log.open("a") as writer:
            writer.write(str(number) * 20)
            writer.flush()
            assert rotate(log, limit_bytes=10, kept=2)
            writer.write("later")
        assert log.read_text() == "later"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["x.log", "x.log.1", "x.log.2"]
    assert log.with_name("x.log.1").read_text().endswith("3" * 20)


def test_the_record_is_readable_by_others_and_survives_nonsense(watch: Watch) -> None:
    watch.supervisor.start(service("only"))
    (child,) = load(watch.supervisor.record)
    assert (child.name, child.state, child.pid) == ("only", "running", watch.pid())
    watch.supervisor.record.write_text("{")
    assert load(watch.supervisor.record) == []


KILLED = """
import os, sys, threading, time
from pathlib import Path
from deploy import supervisor
from deploy.home import Home
from deploy.process import Service
supervisor.save = lambda *_: os._exit(9)  # killed before its child is on record
service = Service(
    name="child", argv=[sys.executable, "-c", f"open({sys.argv[2]!r}, 'w'); import time; time.sleep(600)"],
    ready=lambda: False, log_file=Path("child.log"),
)
supervisor.Supervisor(Home(Path(sys.argv[1])), monotonic=time.monotonic, stopping=threading.Event()).start(service)
"""


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are found in /proc")
def test_a_child_that_its_killed_supervisor_had_not_yet_on_record_never_begins(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    killed = subprocess.run(  # noqa: S603  # the argument list is ours
        [sys.executable, "-c", KILLED, str(tmp_path / "home"), str(begun)], check=False, timeout=60
    )
    assert killed.returncode == 9

    def left() -> list[Path]:
        marks = [path for path in Path("/proc").glob("[0-9]*/cmdline") if str(begun).encode() in read(path)]
        return [path for path in marks if path.parent.name != str(os.getpid())]

    wait_until(lambda: left() == [], what="nothing is left of it")
    assert not begun.exists()


def read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
