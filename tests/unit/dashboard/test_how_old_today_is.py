"""How old what *Today* shows can be, by a clock that the test holds: what came in is seen within 2 s, or 10 s."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from analytics.cache import Cache
from analytics.stores import Store
from dashboard.pages.store import TICK_MS
from dashboard.reading import heard
from dashboard.reading.heard import HEARD_S
from dashboard.reading.live import LATE_S, LIVE_S, STALE_S, LiveReading, LiveView

STORE = Store(1, "north", "North", "UTC", "EUR")
NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)


class World:
    """A store in which something comes in at `came_in_at` seconds, and whose reading takes `took_s`."""

    def __init__(self, came_in_at: float, took_s: float) -> None:
        self.now = 0.0
        self.came_in_at = came_in_at
        self.took_s = took_s
        world: Any = self
        self.reading = LiveReading(world, Cache(clock=self.clock), world, world, lambda: NOW)
        self.reading._heard._monotonic = self.clock

    def clock(self) -> float:
        return self.now

    @contextmanager
    def connection(self) -> Iterator["World"]:
        yield self

    def there(self) -> bool:
        return self.now >= self.came_in_at

    def seen_after(self, viewers: list[float]) -> float:
        """Return seconds until each of those who began to look at these moments, and tick each second, has seen it."""
        waiting = set(range(len(viewers)))
        due = sorted((at + n * TICK_MS / 1000, who) for n in range(20) for who, at in enumerate(viewers))
        for at, who in due:
            self.now = max(self.now, at)
            if self.reading.day(STORE).restated:
                waiting.discard(who)
            if not waiting:
                return self.now - self.came_in_at
        raise AssertionError("somebody never saw it")


@pytest.fixture(autouse=True)
def _of_the_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked of the database is asked of the world."""

    def read_heard(world: World, stores: list[int], **_: datetime) -> dict[int, str]:
        return dict.fromkeys(stores, "after" if world.there() else "before")

    def read_live(reading: LiveReading, store: Store) -> LiveView:
        world: Any = reading._database
        seen: Any = (True,) if world.there() else ()
        world.now += world.took_s
        return LiveView(store, (store,), NOW, None, None, None, None, None, restated=seen)

    monkeypatch.setattr(heard, "read_heard", read_heard)
    monkeypatch.setattr(LiveReading, "_read_live", read_live)


@example(came_in_at=3.01, took_s=0.7, viewers=[0.0])
@example(came_in_at=3.01, took_s=0.0, viewers=[0.0, 0.2, 0.9])
@given(
    came_in_at=st.floats(2.0, 8.0),
    took_s=st.floats(0.0, LATE_S - 0.05),
    viewers=st.lists(st.floats(0.0, 1.0), min_size=1, max_size=3),
)
def test_what_came_in_is_seen_within_two_seconds(came_in_at: float, took_s: float, viewers: list[float]) -> None:
    # Here one is served after the other; ticks that wait for one another's readings are counted on top.
    world = World(came_in_at, took_s)
    assert TICK_MS / 1000 + HEARD_S + LATE_S <= 2.0
    assert world.seen_after(viewers) <= 2.0 + 1e-6


def test_where_a_reading_takes_long_nobody_is_shown_one_that_was_begun_more_than_ten_seconds_ago() -> None:
    world = World(came_in_at=4.0, took_s=4.0)
    assert LIVE_S + STALE_S == 10.0
    first = world.reading.day(STORE)
    world.now = 9.9
    world.reading._cache._renewing.add(("renewed", ("live", 1)))  # whoever makes it anew is not done yet
    assert world.reading.day(STORE) is first
    world.now = 10.0
    assert world.reading.day(STORE).restated, "waited for"
