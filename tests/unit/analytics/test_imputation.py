"""Missing line-hours: told by what is usual and by the other lines, with the error that hidden hours show."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from analytics import columns as c
from analytics.figure import figure
from analytics.quality.imputation import back_test, impute, with_estimates

FIRST, DAYS = date(2026, 8, 3), 98
LAST = FIRST + timedelta(days=DAYS - 1)


def some_hours(*, days_move_together: float, seed: int = 3) -> pd.DataFrame:
    """Return hours of three lines, whose days are busier or calmer together by so much (log scale)."""
    random = np.random.default_rng(seed)
    rows = []
    for step in range(DAYS):
        day = FIRST + timedelta(days=step)
        level = float(np.exp(random.normal(0, days_move_together))) * (1.5 if day.weekday() >= 5 else 1.0)
        for line, share in ((1, 40.0), (2, 25.0), (3, 60.0)):
            for slot in range(9, 21):
                mean = share * level * (1 + 0.5 * np.sin(slot))
                at = datetime(day.year, day.month, day.day, slot, tzinfo=UTC)
                rows.append((line, at, day, slot, float(random.poisson(mean)), 3600.0, 3600.0))
    names = [c.LINE_ID, c.HOUR, c.BUSINESS_DATE, c.SLOT, c.INS, c.UP_S, c.EXPECTED_S]
    return pd.DataFrame(rows, columns=pd.Index(names))


def darkened(hours: pd.DataFrame, day: date, *, line: int = 1, up: float = 0.0) -> pd.DataFrame:
    dark = (hours[c.BUSINESS_DATE] == day) & (hours[c.LINE_ID] == line)
    return hours.assign(
        **{c.UP_S: hours[c.UP_S].where(~dark, 3600.0 * up), c.INS: hours[c.INS].where(~dark, hours[c.INS] * up)}
    )


def test_the_method_is_the_one_that_tells_hidden_hours_best() -> None:
    together, apart = (back_test(some_hours(days_move_together=much), until=LAST) for much in (0.5, 0.0))
    assert together is not None
    assert apart is not None
    assert together.best != "weekday"
    assert together.wape[together.best] < 0.6 * together.wape["weekday"]
    assert apart.best in ("weekday", "lines_day")
    assert together.low <= 1 <= together.high
    assert together.hours > 500


def test_a_dark_day_is_told_within_its_interval_and_by_what_the_other_doors_saw() -> None:
    whole = some_hours(days_move_together=0.5)
    hours = darkened(whole, LAST)
    tested = back_test(hours, until=LAST)
    assert tested is not None
    found = impute(hours, tested, first=LAST, last=LAST)
    assert {(one.line_id, one.business_date, one.missing) for one in found} == {(1, LAST, 1.0)}
    truth = whole[(whole[c.BUSINESS_DATE] == LAST) & (whole[c.LINE_ID] == 1)][c.INS]
    assert len(found) == len(truth) == 12
    assert sum(one.ins for one in found) == pytest.approx(truth.sum(), rel=0.1)
    inside = [one.low <= true <= one.high for one, true in zip(found, truth, strict=True)]
    assert sum(inside) >= 10


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    whole = some_hours(days_move_together=0.3, seed=5)
    held = []
    for back in range(28):
        day = LAST - timedelta(days=back)
        hours = darkened(whole, day)
        tested = back_test(hours, until=LAST)
        assert tested is not None
        truth = whole[(whole[c.BUSINESS_DATE] == day) & (whole[c.LINE_ID] == 1)][c.INS]
        found = impute(hours, tested, first=day, last=day)
        held += [one.low <= true <= one.high for one, true in zip(found, truth, strict=True)]
    assert 0.92 <= np.mean(held) <= 0.98


def test_half_an_hour_that_was_counted_is_estimated_for_the_other_half_only() -> None:
    hours = darkened(some_hours(days_move_together=0.0), LAST, up=0.5)
    tested = back_test(hours, until=LAST)
    assert tested is not None
    halves = impute(hours, tested, first=LAST, last=LAST)
    wholes = impute(darkened(hours, LAST), tested, first=LAST, last=LAST)
    assert [one.missing for one in halves] == [0.5] * 12
    assert [one.ins for one in halves] == pytest.approx([one.ins / 2 for one in wholes])


def test_where_all_doors_are_dark_only_what_is_usual_is_left() -> None:
    hours = some_hours(days_move_together=0.5)
    for line in (1, 2, 3):
        hours = darkened(hours, LAST, line=line)
    tested = back_test(hours, until=LAST)
    assert tested is not None
    assert {one.method for one in impute(hours, tested, first=LAST, last=LAST)} == {"weekday"}


def test_a_young_store_and_one_without_hours_cannot_be_told() -> None:
    hours = some_hours(days_move_together=0.1)
    young = hours[hours[c.BUSINESS_DATE] > LAST - timedelta(days=14)]
    assert back_test(young, until=LAST) is None
    assert back_test(hours[:0], until=LAST) is None
    assert impute(hours, back_test(hours, until=LAST), first=LAST, last=LAST) == []  # type: ignore[arg-type]


def test_a_figure_with_estimates_says_so_and_what_nobody_counted_stays_unknown() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    counted = figure("footfall", 400.0, as_of=now, completeness=0.8)
    sums = pd.Series({c.INS: 50.0, c.LOW: 40.0, c.HIGH: 65.0})
    one = with_estimates(counted, sums)
    assert one is not None
    assert (one.value, one.low, one.high, one.quality) == (450.0, 440.0, 465.0, "imputed")
    assert one.completeness == 0.8
    assert with_estimates(counted, sums * 0) is None
    assert with_estimates(figure("footfall", None, as_of=now, completeness=0.0), sums) is None
