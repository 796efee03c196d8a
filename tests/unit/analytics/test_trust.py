"""Accuracy of lines, the balance of a day, and what of both is worth a person's attention."""

from dataclasses import replace
from datetime import UTC, date, datetime

import numpy as np
import pytest

from analytics.figure import figure
from analytics.quality.accuracy import UNAUDITED, LineAccuracy, StoreAccuracy, accuracy, found, genuine, store_accuracy
from analytics.quality.balance import LineBalance, balance, explained_drift, plausible_difference
from analytics.quality.findings import drift_finding
from analytics.quality.trust import Trust, bias_findings, trust_findings
from analytics.statistics.miscount import ASSUMED, Tally
from analytics.statistics.sampling import Basket
from analytics.visits.kpis import kpis
from analytics.visits.occupancy import Occupancy
from tests.support.facts import a_row

NOW = datetime(2026, 11, 21, 6, 7, tzinfo=UTC)
GOOD, POOR = Tally(300, 298, 297), Tally(300, 258, 255)


def line(name: str = "door", role: str = "entrance", tally: Tally = GOOD, *, times: int = 1) -> LineAccuracy:
    return LineAccuracy(name, role, (tally,) * times, (tally,) * times, NOW, "jd")


#: How baskets differ, and no audits.
BASKET = Basket(net_cv=0.8, units_cv=0.5, item_cv=0.6)
ONLY_SALES = StoreAccuracy(basket=BASKET)


def audited(tally: Tally = GOOD) -> StoreAccuracy:
    lines = [line(tally=tally), line("street", "pass_by", tally)]
    known = store_accuracy(lines, [("door", "entrance", 900, 880), ("street", "pass_by", 2_000, 2_100)])
    return replace(known, basket=BASKET)


def test_accuracy_counts_misses_and_doubles_as_errors_of_their_own() -> None:
    tally = Tally(495, 495, 490)
    share = accuracy([tally], as_of=NOW)
    assert share.value == 0.98
    assert share.low is not None
    assert share.high is not None
    assert (share.high - share.low) / 2 == pytest.approx(0.012, abs=0.001)
    assert found([tally], as_of=NOW).value == genuine([tally], as_of=NOW).value == 490 / 495


def test_audits_of_a_line_add_up() -> None:
    assert accuracy([Tally(50, 50, 49), Tally(150, 148, 148)], as_of=NOW).value == 197 / 201


def test_where_nobody_crossed_there_is_no_accuracy() -> None:
    assert accuracy([Tally(0, 0, 0)], as_of=NOW).value is None


def test_one_door_without_an_audit_leaves_the_visitors_without_an_interval() -> None:
    one = store_accuracy([line()], [("door", "entrance", 900, 880), ("side", "entrance", 100, 90)])
    assert one.visitors is None
    gone = store_accuracy([line()], [("door", "entrance", 900, 880), ("old", "entrance", 0, 0)])
    assert gone.visitors is not None, "a line that counts nothing takes no part"


def test_too_few_audited_people_give_no_interval() -> None:
    few = store_accuracy([line(tally=Tally(19, 19, 19))], [("door", "entrance", 900, 880)])
    assert few.visitors is None


def test_the_value_is_never_corrected_and_the_range_holds_the_truth() -> None:
    plain, seen = (kpis(a_row(ins=400), as_of=NOW, audited=one) for one in (ONLY_SALES, audited(POOR)))
    assert plain.footfall.low is None
    assert seen.footfall.value == 400
    assert seen.footfall.low is not None
    assert seen.footfall.low > 400, "a line that misses 14 % of the people"
    assert seen.conversion.value == plain.conversion.value
    assert plain.conversion.high is not None
    assert seen.conversion.high is not None
    assert seen.conversion.high < plain.conversion.high, "more people came in than were counted: fewer of them bought"
    assert seen.spv.value == plain.spv.value
    assert seen.spv.high is not None
    assert plain.spv.high is not None
    assert seen.spv.high < plain.spv.high


def test_a_good_line_widens_conversion_and_capture_only_a_little() -> None:
    plain, seen = (kpis(a_row(), as_of=NOW, audited=one) for one in (ONLY_SALES, audited()))
    for name in ("conversion", "capture_rate", "spv"):
        without, with_audit = getattr(plain, name), getattr(seen, name)
        ratio = (with_audit.high - with_audit.low) / (without.high - without.low)
        # A range that moves a little, as one in a hundred is missed, may become as much narrower.
        assert 0.98 < ratio < 1.2, name


def test_a_balanced_day_is_plausible_19_times_in_20() -> None:
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(2_000):
        people = 600
        ins, outs = (int(rng.binomial(people, 0.97) + rng.poisson(0.02 * people)) for _ in range(2))
        sampled = [
            Tally(300, 300 - missed + int(rng.poisson(6)), 300 - missed)
            for missed in rng.binomial(300, 0.03, 2).tolist()
        ]
        store = store_accuracy(
            [LineAccuracy("door", "entrance", (sampled[0],), (sampled[1],), NOW, "jd")],
            [("door", "entrance", 900, 900)],
        )
        seen = balance(date(2026, 11, 20), [LineBalance("door", ins, outs)], store)
        assert seen is not None
        held += seen.plausible
    assert 0.93 <= held / 2_000 <= 0.97


def test_the_plausible_range_grows_slower_than_the_day() -> None:
    quiet, busy = (plausible_difference(n, n) for n in (50, 5_000))
    assert quiet[1] / 50 > 1.3 * busy[1] / 5_000
    assert quiet[0] == pytest.approx(-quiet[1])


def test_a_known_bias_explains_its_own_difference() -> None:
    lopsided = store_accuracy(
        [LineAccuracy("door", "entrance", (Tally(1_000, 900, 900),), (Tally(1_000, 1_000, 1_000),), NOW, "jd")],
        [("door", "entrance", 900, 1_000)],
    )
    days = [LineBalance("door", 900, 1_000)]
    known, unknown = (balance(date(2026, 11, 20), days, one) for one in (lopsided, UNAUDITED))
    assert known is not None
    assert unknown is not None
    assert known.plausible
    assert not unknown.plausible
    # As a figure it is told between which numbers the people in less those out lie: nobody is one of them, or is not.
    for seen in (known, unknown):
        told = seen.figure(as_of=NOW)
        assert told.value == -100
        assert told.low is not None
        assert told.high is not None
        assert (told.low <= 0 <= told.high) == seen.plausible


def test_an_empty_day_has_no_balance() -> None:
    assert balance(date(2026, 11, 20), [], UNAUDITED) is None


@pytest.mark.parametrize(("ins", "outs", "code"), [(600, 480, "balance_in"), (480, 600, "balance_out")])
def test_a_day_that_does_not_meet_is_a_finding(ins: int, outs: int, code: str) -> None:
    seen = balance(date(2026, 11, 20), [LineBalance("door", ins, outs)], UNAUDITED)
    assert [(one.code, one.number) for one in trust_findings(Trust(balance=seen))] == [(code, 120)]


@pytest.mark.parametrize(
    ("tally", "codes"),
    [
        (GOOD, []), (POOR, ["counts_low"]), (Tally(300, 345, 299), ["counts_high"]), (Tally(30, 28, 28), []),
        (Tally(5_000, 4_950, 4_950), []), (Tally(300, 300, 250), []),
    ],
)  # fmt: skip
def test_a_line_is_named_where_its_audits_leave_no_doubt_and_it_matters(tally: Tally, codes: list[str]) -> None:
    assert [one.code for one in bias_findings(line(tally=tally))] == codes


def test_drift_is_a_finding_beyond_what_known_errors_explain() -> None:
    def inside(drift: int) -> Occupancy:
        return Occupancy(figure("occupancy", 0.0, as_of=NOW, completeness=1.0), drift, NOW)

    explained = explained_drift(1_000, 1_000, UNAUDITED)
    assert explained > 20
    assert drift_finding(inside(round(explained) - 1), explained=explained) == []
    assert drift_finding(inside(round(explained) + 1), explained=explained)
    assert ASSUMED.truth == 100, "docs/audit.md states what is assumed"
