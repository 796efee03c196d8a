"""Occupancy, queues, suppression, funnel and definitions."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.definitions import DEFINITIONS, DOCUMENT, document
from analytics.figure import figure
from analytics.sources import PARAMETERS, names, source
from analytics.statistics.suppression import withheld
from analytics.visits.funnel import funnel
from analytics.visits.kpis import kpis
from analytics.visits.occupancy import occupancy, visitor_flows
from analytics.visits.queueing import QueueExit, little_consistent, queue
from analytics.visits.stages import Repeat
from tests.support.facts import NOW, a_row

flows = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=60)


@given(flows)
def test_occupancy_is_never_negative_and_the_drift_accounts_for_it(pairs: list[tuple[int, int]]) -> None:
    seen = occupancy(pairs, since=NOW, as_of=NOW, completeness=1.0)
    assert seen.people.value is not None
    assert seen.people.value >= 0
    assert seen.people.value == sum(ins - outs for ins, outs in pairs) + seen.drift


def test_staff_who_came_in_as_visitors_leave_the_visitors_when_they_go_out_as_staff() -> None:
    assert list(visitor_flows([(9, 2, 0, 0), (0, 1, 0, 2), (1, 0, 1, 0), (0, 0, 0, 1)])) == [
        (9, 2), (0, 3), (1, 0), (0, 0),
    ]  # fmt: skip


def test_staff_who_came_before_the_doors_opened_were_never_among_the_visitors() -> None:
    assert list(visitor_flows([(9, 2, 0, 3), (0, 1, 0, 1)], early=3)) == [(9, 2), (0, 2)]


def test_staff_known_both_ways_change_nothing() -> None:
    assert list(visitor_flows([(9, 2, 4, 0), (3, 3, 0, 4)])) == [(9, 2), (3, 3)]


def test_occupancy_of_an_unwatched_shop_is_not_known() -> None:
    assert occupancy([], since=NOW, as_of=NOW, completeness=None, known=False).people.value is None


@given(st.lists(st.integers(0, 40), max_size=12))
def test_no_cell_under_five_is_shown_and_none_can_be_worked_out(people: list[int]) -> None:
    hidden = withheld(people)
    assert all(gone for gone, count in zip(hidden, people, strict=True) if 0 < count < 5)
    if sum(hidden) == 1:
        assert sum(count >= 5 for count in people) == 0


def test_a_small_cell_takes_the_next_smallest_with_it() -> None:
    assert withheld([30, 3, 12]) == [False, True, True]
    assert withheld([30, 0, 12]) == [False, False, False]


def an_exit(minutes_ago: float, wait_s: float = 60.0, *, served: bool | None = True) -> QueueExit:
    return QueueExit("till", NOW - timedelta(minutes=minutes_ago), wait_s, served)


def test_waits_look_back_half_an_hour_and_leave_out_those_who_gave_up() -> None:
    exits = [an_exit(50, 900), an_exit(5, 60), an_exit(4, 120), an_exit(3, 5, served=False)]
    seen = queue(exits, [3, None], mean_length=None, elapsed_s=3600, as_of=NOW, completeness=1.0)
    assert seen.wait_p50.value == 90
    assert seen.joins.value == 4
    assert seen.abandonment.value == 0.25
    assert seen.length.value == 3


def test_a_queue_names_what_rests_on_fewer_than_five() -> None:
    def few(served: int, left: int, *, minutes_ago: int = 5) -> frozenset[str]:
        exits = [an_exit(minutes_ago)] * served + [an_exit(minutes_ago, served=False)] * left
        return queue(exits, [0], mean_length=None, elapsed_s=3600, as_of=NOW, completeness=1.0).withheld

    waits = {"queue_wait_p50", "queue_wait_p90"}
    assert few(1, 0) == few(0, 4) | waits == waits | {"abandonment"}
    assert few(4, 1) == waits
    assert few(5, 0) == few(0, 0) == few(5, 0, minutes_ago=50) == frozenset()


def test_a_queue_nobody_looks_at_is_not_empty() -> None:
    seen = queue([], [None], mean_length=None, elapsed_s=3600, as_of=NOW, completeness=None)
    assert seen.length.value is None
    assert seen.joins.value is None
    assert seen.abandonment.value is None


def test_outcomes_that_are_not_assessed_give_no_abandonment() -> None:
    seen = queue([an_exit(5, served=None)], [1], mean_length=None, elapsed_s=60, as_of=NOW, completeness=1.0)
    assert seen.abandonment.value is None
    assert seen.wait_p50.value == 60


def test_length_and_waits_must_obey_littles_law() -> None:
    waits = [120.0] * 60
    assert little_consistent(waits, mean_length=2.0, elapsed_s=3600)
    assert not little_consistent(waits, mean_length=9.0, elapsed_s=3600)
    assert little_consistent(waits[:3], mean_length=9.0, elapsed_s=3600)


def test_the_funnel_reports_stages_that_cannot_be() -> None:
    base = kpis(a_row(ins=100, transactions=130), as_of=NOW)
    engaged, queued = (figure(name, 150.0, as_of=NOW, completeness=1.0) for name in ("engaged", "queue_joins"))
    found = funnel(base, engaged=engaged, queued=queued, repeat=Repeat(40, 10), engagement_zones=2)
    assert [one.code for one in found.inconsistencies] == ["queued_over_entered", "bought_over_entered"]
    assert [stage.name for stage in found.stages] == ["pass_by", "enter", "engage", "queue", "buy", "buy_again"]
    assert found.stages[-1].rate is not None
    assert found.stages[-1].rate.value == 0.25


def test_a_till_without_customer_references_knows_no_returning_customers() -> None:
    base = kpis(a_row(), as_of=NOW)
    nothing = figure("engaged", None, as_of=NOW, completeness=None)
    again = funnel(base, engaged=nothing, queued=nothing, repeat=None, engagement_zones=0).stages[-1]
    assert again.count.value is None


def test_the_document_of_definitions_is_up_to_date() -> None:
    assert Path(DOCUMENT).read_text(encoding="utf-8") == document(), "run `python -m analytics.definitions`"


@pytest.mark.parametrize("name", sorted(DEFINITIONS))
def test_a_definition_says_everything(name: str) -> None:
    one = DEFINITIONS[name]
    assert one.id == name
    assert all((one.name, one.formula, one.unit, one.trap))


def test_every_figure_of_the_base_set_is_defined() -> None:
    base = kpis(a_row(), as_of=NOW)
    assert {getattr(base, name).definition_id for name in base.__slots__} <= set(DEFINITIONS)


@pytest.mark.parametrize("name", names())
def test_a_source_takes_the_parameters_that_the_document_names_and_no_others(name: str) -> None:
    assert set(re.findall(r"%\((\w+)\)s", source(name).sql)) <= set(PARAMETERS)
