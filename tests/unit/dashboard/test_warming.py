"""What takes longest, made before anybody asks."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import pytest

from analytics.errors import AnalyticsError
from dashboard.reading.warming import warm, warm_stores

if TYPE_CHECKING:
    from dashboard.reading.pages import PagesReading


class Pages:
    """Asked as a directory and as a chain; fails as it is told to."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.answered = 0
        self.directory = self.chain = self.live = self

    def stores(self) -> tuple[()]:
        return ()

    def network(self, *_: Any) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.answered += 1

    def prepare(self, _: Any) -> Iterator[bool]:
        self.network()
        yield True


@pytest.mark.parametrize("once", [warm, warm_stores])
@pytest.mark.parametrize("failure", [AnalyticsError("no answer"), KeyError("a fault of ours")])
def test_a_round_that_fails_for_whatever_reason_is_said_and_the_next_one_succeeds(
    once: Callable[["PagesReading"], bool], failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    pages = Pages(failure)
    with caplog.at_level("INFO"):
        assert not once(cast("PagesReading", pages))
    assert "could not be prepared" in caplog.text
    assert once(cast("PagesReading", pages))
    assert pages.answered == 1
