"""Where the truth lies behind a count: coverage by simulation, direction by example."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.quality.accuracy import StoreAccuracy
from analytics.statistics.intervals import conversion_interval, conversion_of, share_of, wilson
from analytics.statistics.miscount import (
    Miscount,
    Part,
    Tally,
    counted_per_person,
    merged,
    pooled,
    truth_interval,
)
from analytics.visits.occupancy import occupancy
from tests.support.facts import NOW

DRAWS = 3_000


@st.composite
def tallies(draw: st.DrawFn) -> Tally:
    truth = draw(st.integers(20, 2_000))
    matched = draw(st.integers(max(1, truth // 2), truth))
    return Tally(truth, matched + draw(st.integers(0, truth // 4)), matched)


def audited(rng: np.random.Generator, people: int, miss: float, double: float, *, sessions: int = 4) -> list[Tally]:
    found = []
    for _ in range(sessions):
        truth = people // sessions
        matched = truth - int(rng.binomial(truth, miss))
        found.append(Tally(truth, matched + int(rng.poisson(double * truth)), matched))
    return found


def counted(rng: np.random.Generator, people: int, miss: float, double: float) -> int:
    return int(rng.binomial(people, 1 - miss) + rng.poisson(double * people))


@pytest.mark.parametrize("people", [100, 400, 3_000])
@pytest.mark.parametrize(("miss", "double"), [(0.03, 0.02), (0.06, 0.0), (0.1, 0.03)])
@pytest.mark.parametrize("in_audits", [300, 1_000])
def test_the_interval_holds_the_truth_19_times_in_20(in_audits: int, miss: float, double: float, people: int) -> None:
    rng = np.random.default_rng([in_audits, people, round(1000 * miss)])
    held = 0
    for _ in range(DRAWS):
        tally = pooled(audited(rng, in_audits, miss, double))
        low, _, high = truth_interval([(counted(rng, people, miss, double), tally)])
        held += low <= people <= high
    assert 0.93 <= held / DRAWS <= 0.97


def test_with_hardly_any_error_or_few_audited_people_the_interval_is_too_wide_rather_than_too_narrow() -> None:
    rng = np.random.default_rng(7)
    held = 0
    for _ in range(DRAWS):
        low, _, high = truth_interval([(counted(rng, 400, 0.01, 0.0), pooled(audited(rng, 100, 0.01, 0.0)))])
        held += low <= 400 <= high
    assert held / DRAWS >= 0.95


def test_two_doors_that_err_apart_hold_their_sum_19_times_in_20() -> None:
    rng = np.random.default_rng(5)
    held = 0
    for _ in range(DRAWS):
        doors = [(300, 0.05, 0.01), (700, 0.02, 0.03)]
        counts = [
            (float(counted(rng, people, miss, double)), pooled(audited(rng, 400, miss, double)))
            for people, miss, double in doors
        ]
        low, _, high = truth_interval(counts)
        held += low <= 1_000 <= high
    assert 0.93 <= held / DRAWS <= 0.97


@pytest.mark.parametrize(("came", "left"), [(60, 40), (300, 230), (1_000, 985)])
def test_who_is_inside_is_held_19_times_in_20(came: int, left: int) -> None:
    rng = np.random.default_rng([came, left])
    held = 0
    for _ in range(DRAWS):
        both = [pooled(audited(rng, 400, *errs)) for errs in ((0.05, 0.02), (0.03, 0.03))]
        doors = StoreAccuracy(visitors=Miscount((Part(1.0, both[0]),)), leavers=Miscount((Part(1.0, both[1]),)))
        flows = [(counted(rng, came, 0.05, 0.02), counted(rng, left, 0.03, 0.03))]
        people = occupancy(flows, since=NOW, as_of=NOW, completeness=1.0, audited=doors).people
        assert people.low is not None
        assert people.high is not None
        assert people.low >= 0
        held += people.low <= came - left <= people.high
    assert 0.93 <= held / DRAWS <= 0.97


def test_who_is_inside_has_no_range_while_a_door_is_audited_one_way_only() -> None:
    ins = StoreAccuracy(visitors=Miscount((Part(1.0, Tally(100, 99, 97)),)))
    assert occupancy([(9, 4)], since=NOW, as_of=NOW, completeness=1.0, audited=ins).people.low is None


def test_conversion_holds_both_errors_19_times_in_20() -> None:
    rng = np.random.default_rng(11)
    held = naive = 0
    for _ in range(DRAWS):
        people = int(rng.poisson(900))
        sales = int(rng.binomial(people, 0.23))
        count = counted(rng, people, 0.08, 0.01)
        interval = conversion_of(sales, truth_interval([(count, pooled(audited(rng, 400, 0.08, 0.01)))]))
        sampled = conversion_interval(sales, count)
        assert interval is not None
        assert sampled is not None
        held += interval[0] <= 0.23 <= interval[1]
        naive += sampled[0] <= 0.23 <= sampled[1]
    assert 0.93 <= held / DRAWS <= 0.97
    assert naive / DRAWS < 0.85, "sampling alone would have been wrong too often: the test can fail"


def test_the_capture_rate_holds_both_lines_errors_19_times_in_20() -> None:
    rng = np.random.default_rng(13)
    held = 0
    for _ in range(DRAWS):
        entered = int(rng.binomial(3_000, 0.15))
        came = truth_interval([(counted(rng, entered, 0.05, 0.01), pooled(audited(rng, 400, 0.05, 0.01)))])
        passed = truth_interval([(counted(rng, 3_000 - entered, 0.1, 0.02), pooled(audited(rng, 400, 0.1, 0.02)))])
        interval = share_of(came, passed)
        assert interval is not None
        held += interval[0] <= 0.15 <= interval[1]
    assert 0.93 <= held / DRAWS <= 0.97


def test_a_line_that_misses_has_its_range_above_the_count() -> None:
    low, likely, high = truth_interval([(380.0, Tally(500, 450, 450))])
    assert low > 380
    assert likely == pytest.approx(380 / 0.9)
    assert high > likely


def test_misses_and_doubles_that_cancel_still_widen_the_range() -> None:
    clean, noisy = (truth_interval([(400.0, tally)]) for tally in (Tally(500, 500, 500), Tally(500, 500, 450)))
    assert noisy[2] - noisy[0] > 1.5 * (clean[2] - clean[0])


def test_audits_that_scatter_more_than_chance_weigh_less() -> None:
    even = [Tally(100, 95, 95)] * 6
    torn = [Tally(100, 100, 100), Tally(100, 100, 100), Tally(100, 70, 70)] * 2
    assert pooled(even).truth == 600
    assert pooled(torn).truth < 200
    assert counted_per_person(pooled(torn))[1] == pytest.approx(0.9)


@given(tallies(), st.floats(1, 100_000))
def test_the_range_holds_what_is_likely(tally: Tally, count: float) -> None:
    low, likely, high = truth_interval([(count, tally)])
    assert 0 <= low <= likely <= high


@given(tallies())
def test_more_audits_of_the_same_kind_narrow_the_range(tally: Tally) -> None:
    more = Tally(10 * tally.truth, 10 * tally.counted, 10 * tally.matched)
    one, ten = (truth_interval([(1_000.0, each)]) for each in (tally, more))
    assert ten[2] - ten[0] <= one[2] - one[0] + 1e-9


def test_stores_are_merged_by_their_counts_and_not_at_all_where_one_is_not_audited() -> None:
    one, other = (Miscount((Part(1.0, tally),)) for tally in (Tally(300, 290, 288), Tally(300, 300, 300)))
    both = merged([(300.0, one), (100.0, other), (None, None), (0.0, None)])
    assert both is not None
    assert [part.share for part in both.parts] == [0.75, 0.25]
    assert merged([(300.0, one), (100.0, None)]) is None
    assert merged([]) is None


@given(st.integers(0, 900), st.integers(1, 900))
def test_without_miscount_conversion_and_share_are_what_sampling_says(part: int, whole: int) -> None:
    exact = (float(whole), float(whole), float(whole))
    assert conversion_of(part, exact) == pytest.approx(conversion_interval(part, whole))
    rest = (float(part), float(part), float(part))
    assert share_of(exact, rest) == pytest.approx(wilson(whole, whole + part))


def test_nobody_came_in_gives_no_interval() -> None:
    assert conversion_of(3, (0.0, 0.0, 0.0)) is None
    assert share_of((0.0, 0.0, 0.0), (0.0, 0.0, 0.0)) is None


def test_no_audit_is_no_ratio() -> None:
    with pytest.raises(ValueError, match="expected people"):
        counted_per_person(Tally())
