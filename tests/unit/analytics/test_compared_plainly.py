"""Like for like, peers, places, targets, bounce and the best weekday against plain Python that uses nothing of ours."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.comparison.like_for_like import like_for_like, year_before
from analytics.comparison.peers import peer_places, peers
from analytics.days import BusinessDay, Calendar, Slice
from analytics.figure import figure
from analytics.periods import Period
from analytics.quality.accuracy import UNAUDITED
from analytics.staff.staffing import DayCell, best_weekday
from analytics.stores import Store
from analytics.visits.bounce import bounce
from analytics.visits.reentry import DoorDay
from analytics.visits.targets import METRICS, Plan, Reached, Targets, period_progress
from tests.support.facts import a_row
from tests.support.plain_comparing import Day, PlainStore, a_year_before, grown, peers_of, places_among, summed
from tests.support.plain_floor import best_star, turned_round

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
WEEK = [date(2026, 11, 9) + timedelta(days=ahead) for ahead in range(7)]
PAIRS = a_year_before(WEEK)
EVERY = [day for pair in PAIRS for day in pair]

days = st.builds(
    Day,
    visitors=st.integers(1, 900).map(float),
    sales=st.integers(1, 300).map(float),
    net=st.integers(1, 9_000).map(float),
    counted=st.sampled_from([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 0.96, 0.5]),
)
since = st.sampled_from([date(2019, 3, 1)] * 5 + [date(2025, 11, 9), date(2025, 11, 10), date(2026, 3, 1)])
stores = st.builds(
    PlainStore,
    code=st.just("x"),
    since=since,
    days=st.lists(days, min_size=14, max_size=14).map(lambda some: dict(zip(EVERY, some, strict=True))),
)


def ours(number: int, plain: PlainStore) -> Store:
    return Store(
        number, plain.code, plain.code, "UTC", "EUR", format=plain.kind, city_tier=plain.tier, size_m2=plain.size_m2
    )


def facts_of(one: Day) -> "pd.Series[float]":
    return a_row(ins=one.visitors, transactions=one.sales, net_sales=one.net, up_s=43_200 * one.counted)


@settings(deadline=None, max_examples=40)
@given(st.lists(stores, min_size=1, max_size=4))
def test_growth_of_the_same_stores_is_as_by_hand(found: list[PlainStore]) -> None:
    chain = [PlainStore(f"s{number}", one.since, one.days) for number, one in enumerate(found)]
    opens = [datetime(day.year, day.month, day.day, 9, tzinfo=UTC) for day in EVERY]
    calendar = Calendar(
        BusinessDay(number, at.date(), at, at + timedelta(hours=12)) for number in range(len(chain)) for at in opens
    )
    week = Period(WEEK[0], WEEK[-1], 7)
    chosen = [
        (ours(number, one), year_before(calendar, ours(number, one), week, now=NOW)) for number, one in enumerate(chain)
    ]

    def read(slices: Sequence[Slice]) -> pd.DataFrame:
        return pd.DataFrame([facts_of(chain[one.store_id].days[one.business_date]) for one in slices])

    like = like_for_like(read, chosen, since={number: one.since for number, one in enumerate(chain)}, as_of=NOW)
    taking, visitors, net = grown(chain, PAIRS)
    assert sorted(store.code for store in like.stores) == taking
    assert like.visitors_change == pytest.approx(visitors)
    assert (like.why["EUR"].share if taking else None) == pytest.approx(net)


kinds = st.builds(
    PlainStore,
    code=st.just("x"), since=st.just(WEEK[0]), days=st.just({}), kind=st.sampled_from([None, "kiosk", "mall"]),
    tier=st.sampled_from([None, 1, 2]), size_m2=st.sampled_from([None, 40.0, 80.0, 81.0, 160.0]),
)  # fmt: skip


@given(st.lists(kinds, min_size=1, max_size=24), st.data())
def test_peers_and_places_among_them_are_as_by_hand(found: list[PlainStore], data: st.DataObject) -> None:
    chain = [
        PlainStore(f"s{number}", one.since, {}, kind=one.kind, tier=one.tier, size_m2=one.size_m2)
        for number, one in enumerate(found)
    ]
    lows = data.draw(st.lists(st.integers(0, 30), min_size=len(chain), max_size=len(chain)))
    intervals = {one.code: (low / 100, low / 100 + 0.05) for one, low in zip(chain, lows, strict=True)}
    told = [ours(number, one) for number, one in enumerate(chain)]
    figures = [
        figure("conversion", intervals[one.code][0], as_of=NOW, completeness=1.0, interval=intervals[one.code])
        for one in chain
    ]
    for own, one, place in zip(chain, told, peer_places(told, figures), strict=True):
        alike = peers_of(own, chain)
        assert sorted(other.code for other in peers(one, told)) == alike
        wanted = places_among(own.code, {code: intervals[code] for code in (own.code, *alike)}) if alike else None
        assert (None if place is None else (place.best, place.worst, place.of)) == wanted


week_of = st.lists(st.none() | st.integers(0, 500).map(float), min_size=7, max_size=7)


@settings(deadline=None)
@given(st.lists(st.none() | days, min_size=7, max_size=7), week_of, week_of, st.integers(0, 6))
def test_sums_of_targets_are_as_by_hand(
    some: list[Day | None], first: list[float | None], later: list[float | None], at: int
) -> None:
    brought = {day: one for day, one in zip(WEEK, some, strict=True) if one is not None}
    scale = {"visitors": 1.0, "conversion": 0.001, "net_sales": 10.0}
    plans = [
        Plan(metric, begins, tuple(None if one is None else one * scale[metric] for one in week))
        for metric in METRICS
        for begins, week in ((WEEK[0] - timedelta(days=30), first), (WEEK[at], later))
    ]
    nobody = a_row(ins=float("nan"), transactions=float("nan"), net_sales=float("nan"), up_s=0)
    reached = [Reached(day, facts_of(brought[day]) if day in brought else nobody) for day in WEEK]
    told = {
        one.metric: (one.value, one.target, one.days)
        for one in period_progress(Targets(tuple(plans)), reached, as_of=NOW, audited=UNAUDITED)
    }
    for metric in METRICS:
        targets = {
            day: (later if number >= at else first)[day.weekday()] for number, day in enumerate(WEEK)
        }  # fmt: skip
        scaled = {day: None if one is None else one * scale[metric] for day, one in targets.items()}
        assert told.get(metric) == (None if (by_hand := summed(brought, scaled, metric)) is None
                                    else pytest.approx(by_hand))  # fmt: skip


@pytest.mark.parametrize("seed", [1, 2])
def test_the_share_who_turn_round_is_as_by_hand(seed: int) -> None:
    random, open_s = np.random.default_rng(seed), 10_800.0
    made = []
    for number in range(35):
        ins = np.sort(random.uniform(0, open_s, 120))
        stays = np.where(random.random(120) < 0.25, random.uniform(10, 110, 120), random.gamma(2, 400, 120))
        outs = np.sort(ins + stays)
        made.append((number % 7, ins, outs[outs < open_s]))
    found = bounce([DoorDay(kind, ins, outs, np.ones_like(outs), open_s) for kind, ins, outs in made])
    by_hand = turned_round([(kind, ins.tolist(), outs.tolist()) for kind, ins, outs in made], open_s)
    assert 0 < by_hand < 1
    assert found is not None
    assert found.share == pytest.approx(by_hand)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 400), st.integers(0, 90), st.integers(1, 30)), max_size=60)
)
def test_the_best_weekday_s_visitors_per_staff_hour_are_as_by_hand(cells: list[tuple[int, int, int, int]]) -> None:
    told = [
        (date(2026, 9, 1) + timedelta(days=day), float(visitors), float(sales), float(hours))
        for day, visitors, sales, hours in {one[0]: one for one in cells}.values()
    ]
    found = best_weekday([DayCell(*one) for one in told])
    assert (None if found is None else found.star) == (
        None if (by_hand := best_star(told)) is None else pytest.approx(by_hand)
    )
