"""Queues over past days: waits by the hour of the day, small hours withheld."""

from datetime import UTC, date, datetime, timedelta

import pytest

from analytics.visits.queue_cells import Cell, Sample
from analytics.visits.queue_hours import QueuePast, queue_past
from analytics.visits.queueing import QueueExit

DAY = date(2026, 11, 20)
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def exits(hour: int, *waits_s: float, gave_up: int = 0) -> list[QueueExit]:
    at = datetime(2026, 11, 20, hour, tzinfo=UTC)
    return [
        QueueExit("till", at + timedelta(minutes=n), wait, n >= gave_up) for n, wait in enumerate(waits_s)
    ]  # fmt: skip


def told(
    by_hour: dict[int, list[QueueExit]],
    samples: dict[int, list[Sample]] | None = None,
    counted: dict[int, float | None] | None = None,
) -> QueuePast:
    day = [Cell(hour, tuple(by_hour.get(hour, ())), tuple((samples or {}).get(hour, ()))) for hour in range(9, 13)]
    return queue_past(
        [[day]], dict.fromkeys(range(9, 13), 1.0) | (counted or {}), since=DAY, as_of=NOW, completeness=1.0, k=5
    )


def test_waits_are_of_those_who_were_served_and_giving_up_is_of_all() -> None:
    seen = told({10: exits(10, 600.0, 10.0, 20.0, 30.0, 40.0, 50.0, gave_up=1), 11: exits(11, *[5.0] * 6)})
    at_ten = seen.hours[1].queue
    assert (at_ten.joins.value, at_ten.wait_p50.value, at_ten.wait_p90.value) == (6.0, 30.0, 46.0)
    assert at_ten.abandonment.value == pytest.approx(1 / 6)
    assert seen.total.joins.value == 12.0
    assert seen.total.wait_p50.value == 5.0


def test_an_hour_of_few_people_says_nothing_nor_does_its_neighbour() -> None:
    seen = told({9: exits(9, 1.0, 2.0), 10: exits(10, *[30.0] * 9), 12: exits(12, *[40.0] * 9)})
    assert [one.withheld for one in seen.hours] == [True, True, False, False]
    assert seen.hours[1].queue.wait_p50.value is None
    assert seen.hours[1].queue.joins.value is None
    assert seen.hours[2].queue.joins.value == 0.0
    alone = told({9: exits(9, 1.0, 2.0)})
    assert (alone.total.joins.value, alone.withheld) == (2.0, True), "a day's own total is told as in the funnel"
    assert [one.value for one in alone.total.waits] == [None] * 4


def test_the_mean_is_of_all_samples_and_an_hour_counted_in_part_is_partial() -> None:
    at = datetime(2026, 11, 20, 10, tzinfo=UTC)
    seen = told(
        {10: exits(10, *[30.0] * 9)}, {10: [Sample(at, 30.0, 10), Sample(at, 0.0, 20)]}, {10: 0.5, 12: 0.0}
    )  # fmt: skip
    assert seen.hours[1].queue.mean.value == 1.0
    assert seen.hours[1].queue.wait_p50.quality == "partial"
    assert seen.hours[3].queue.joins.value is None, "nobody looked"
    assert seen.hours[2].queue.joins.value == 0.0
