"""The queue over a period: waits by the hour, and what is said where there are none."""

from datetime import UTC, date, datetime

from analytics.visits.queue_cells import Cell
from analytics.visits.queue_hours import QueuePast, queue_past
from analytics.visits.queueing import QueueExit
from dashboard.components.queue_past import queue_panel
from dashboard.language import language
from tests.support.component_text import text_of

EN, ZH = language("en"), language("zh")
AT = datetime(2026, 11, 20, 10, tzinfo=UTC)


def seen(*, at_ten: int, at_eleven: int, counted: float = 1.0) -> QueuePast:
    day = [
        Cell(10, (QueueExit("till", AT, 120.0, True),) * at_ten, ()),
        Cell(11, (QueueExit("till", AT, 30.0, False),) * at_eleven, ()),
    ]
    return queue_past([[day]], {10: counted, 11: 1.0}, since=date(2026, 11, 1), as_of=AT, completeness=1.0, k=5)


def test_an_hour_is_said_in_words() -> None:
    shown = str(queue_panel(seen(at_ten=8, at_eleven=6), EN, whole=True))
    assert "10:00–11:00: half waited under 2 min, nine in ten under 2 min · 8 people queued" in shown
    assert "11:00–12:00: 6 people queued · 100% gave up" in shown
    assert "10:00–11:00: 半数等待不超过 2 分钟" in str(queue_panel(seen(at_ten=8, at_eleven=6), ZH, whole=True))
    assert "43%" in text_of(queue_panel(seen(at_ten=8, at_eleven=6), EN, whole=True)), "gave up"


def test_few_people_are_withheld_and_an_hour_counted_in_part_looks_different() -> None:
    few = str(queue_panel(seen(at_ten=9, at_eleven=2), EN, whole=True))
    assert "11:00–12:00: fewer than 5 people, or next to it: withheld" in few
    assert "bar-part" in str(queue_panel(seen(at_ten=8, at_eleven=6, counted=0.5), EN, whole=True))
    assert "bar-part" not in str(queue_panel(seen(at_ten=8, at_eleven=6), EN, whole=True))


def test_a_shop_without_a_queue_shows_nothing_and_one_without_people_says_so() -> None:
    assert queue_panel(None, EN, whole=True) == ""
    assert "Nobody queued in this period." in text_of(queue_panel(seen(at_ten=0, at_eleven=0), EN, whole=True))
    assert "from 1 Nov on" in text_of(queue_panel(seen(at_ten=8, at_eleven=6), EN, whole=False))
