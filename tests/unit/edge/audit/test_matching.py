"""Matching: one tap, one crossing, in one direction; the hand's lag is taken out, no error hides another."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.statistics.intervals import wilson as analytics_wilson
from contract.entries import AuditTally
from edge.audit.matching import Moments, compare, estimated_lag, mirrored, pairs
from edge.audit.verdict import ENOUGH, verdict, wilson

MINUTES = [(0.0, 900.0)]
moments = st.lists(st.floats(0, 900), max_size=40).map(sorted)


def at(*ins: float, outs: tuple[float, ...] = ()) -> Moments:
    return {"in": ins, "out": outs}


def test_every_tap_finds_its_crossing_whatever_the_lag() -> None:
    people = [30.0 + 20 * number for number in range(40)]
    found = compare(at(*(one + 1.7 for one in people)), at(*people), MINUTES)
    assert found.ins == AuditTally(truth=40, counted=40, matched=40)
    assert found.lag_s == pytest.approx(1.7, abs=0.01)


def test_a_miss_and_a_double_are_two_errors_and_do_not_offset_each_other() -> None:
    people = [30.0 + 20 * number for number in range(10)]
    counted = [*people[:4], people[4] + 9.0, *people[5:]]
    assert compare(at(*people), at(*counted), MINUTES).ins == AuditTally(truth=10, counted=10, matched=9)


def test_a_person_counted_the_wrong_way_is_missed_in_one_and_doubled_in_the_other() -> None:
    people = [30.0 + 20 * number for number in range(10)]
    found = compare(at(*people), at(*people[:9], outs=(people[9],)), MINUTES)
    assert found.ins == AuditTally(truth=10, counted=9, matched=9)
    assert found.outs == AuditTally(truth=0, counted=1, matched=0)


def test_what_the_device_counted_in_a_pause_is_no_double() -> None:
    people = [30.0, 60.0, 250.0, 500.0]
    windows = [(0.0, 200.0), (300.0, 900.0)]
    assert compare(at(30.0, 60.0, 500.0), at(*people), windows).ins == AuditTally(truth=3, counted=3, matched=3)


def test_nobody_is_nobody() -> None:
    found = compare(at(), at(), MINUTES)
    assert (found.ins.truth, found.outs.truth, found.lag_s) == (0, 0, 0.5)
    assert verdict(found.ins).accuracy is None


@given(moments, moments, st.floats(0.1, 5))
def test_pairs_are_one_to_one_and_within_the_tolerance(left: list[float], right: list[float], width: float) -> None:
    found = pairs(left, right, width)
    assert len({i for i, _ in found}) == len({j for _, j in found}) == len(found)
    assert all(abs(left[i] - right[j]) <= width for i, j in found)
    assert len(found) == len(pairs(right, left, width))


@given(moments, moments)
def test_exchanging_in_and_out_exchanges_the_tallies(taps: list[float], crossings: list[float]) -> None:
    one = compare(at(*taps), at(*crossings), MINUTES)
    other = compare(mirrored(at(*taps)), mirrored(at(*crossings)), MINUTES)
    assert (one.ins, one.outs) == (other.outs, other.ins)


@given(
    st.lists(st.floats(10, 890), min_size=5, max_size=40, unique_by=lambda one: round(one / 8)), st.floats(-1.5, 4.5)
)
def test_a_lag_of_people_apart_is_found(people: list[float], lag_s: float) -> None:
    ordered = sorted(people)
    assert estimated_lag(at(*(one + lag_s for one in ordered)), at(*ordered)) == pytest.approx(lag_s, abs=0.01)


@pytest.mark.parametrize(("per_hour", "off"), [(60, 0.004), (200, 0.004), (400, 0.005), (800, 0.006)])
def test_an_unsteady_hand_finds_the_devices_error_rates(per_hour: int, off: float) -> None:
    """4 % missed and 2 % doubled, a hand that is 0.6 s unsteady, people abreast: docs/audit.md states these."""
    rng = np.random.default_rng(per_hour)
    truth = misses = doubles = found_misses = found_doubles = 0
    for _ in range(30):
        taps, counted, missed, doubled = scripted(rng, per_hour)
        found = compare(at(*taps), at(*counted), MINUTES).ins
        truth += found.truth
        misses, doubles = misses + missed, doubles + doubled
        found_misses += found.truth - found.matched
        found_doubles += found.counted - found.matched
    assert found_misses / truth == pytest.approx(misses / truth, abs=off)
    assert found_doubles / truth == pytest.approx(doubles / truth, abs=off)


def scripted(rng: np.random.Generator, per_hour: int) -> tuple[list[float], list[float], int, int]:
    """Return taps and crossings of 15 minutes, and how many were missed and doubled."""
    people = np.sort(rng.uniform(0, 900, rng.poisson(per_hour / 4)))
    abreast = np.flatnonzero(rng.random(people.size) < 0.3)
    people[abreast[abreast > 0]] = people[abreast[abreast > 0] - 1] + rng.uniform(0.1, 1.0, (abreast > 0).sum())
    people = np.sort(people[people < 900])
    taps = np.sort(people + 0.8 + rng.normal(0, 0.6, people.size))
    seen = rng.random(people.size) >= 0.04
    twice = people[rng.random(people.size) < 0.02]
    counted = np.sort(np.concatenate([people[seen], twice + rng.uniform(0, 1.5, twice.size)]))
    return [one for one in taps.tolist() if 0 <= one <= 900], counted.tolist(), int((~seen).sum()), int(twice.size)


@given(st.data())
def test_the_boxs_interval_is_the_servers(data: st.DataObject) -> None:
    trials = data.draw(st.integers(1, 5_000))
    successes = data.draw(st.integers(0, trials))
    assert wilson(successes, trials) == pytest.approx(analytics_wilson(successes, trials), abs=1e-12)


def test_500_crossings_with_10_errors_are_98_percent_give_or_take_1_2_points() -> None:
    found = verdict(AuditTally(truth=495, counted=495, matched=490))
    assert found.accuracy == 0.98
    assert found.low is not None
    assert found.high is not None
    assert (found.high - found.low) / 2 == pytest.approx(0.012, abs=0.001)


def test_from_enough_people_on_95_and_99_percent_are_told_apart() -> None:
    def apart(n: int) -> bool:
        return wilson(round(0.95 * n), n)[1] < wilson(round(0.99 * n), n)[0]

    assert apart(ENOUGH)
    assert not apart(100)
