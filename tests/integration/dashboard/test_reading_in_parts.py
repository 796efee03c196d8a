"""A long period of many stores is read a part at a time, and says the same."""

from contextlib import closing
from datetime import UTC, date, datetime
from typing import Any

import pytest

from analytics.cache import Cache
from analytics.database import Database
from dashboard.reading import facts
from dashboard.reading.pages import pages_reading

NOW = datetime(2026, 11, 22, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_period_that_is_read_in_parts_says_the_same(
    two_clocks: str, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    with closing(Database(two_clocks, clock=lambda: NOW, connections=2)) as database:

        def figures() -> list[Any]:
            pages = pages_reading(database, Cache(), lambda: NOW)
            view = pages.chain.network(pages.directory.stores(), "custom", date(2026, 11, 9), date(2026, 11, 22))
            return [view.total.now, view.total.before, *(row.compared for row in view.rows)]

        whole = figures()
        assert whole[0].footfall.value == 168
        read: list[int] = []
        once = facts.Facts._some

        def noted(*given: Any, **named: Any) -> Any:
            read.append(len(given[1]))
            return once(*given, **named)

        monkeypatch.setattr(facts, "AT_ONCE", at_once)
        monkeypatch.setattr(facts.Facts, "_some", noted)
        assert repr(figures()) == repr(whole)
        assert max(read) == at_once
