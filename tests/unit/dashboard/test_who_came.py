"""The small print under the visitors: staff, re-entries, and who turned round at once."""

from datetime import UTC, datetime

from analytics.figure import Figure, figure
from analytics.visits.reentry import Reentry, unique_visits
from dashboard.components.who_came import who_came
from dashboard.language import language
from tests.support.component_text import text_of

EN, ZH = language("en"), language("zh")
NOW = datetime(2026, 11, 21, tzinfo=UTC)
NOBODY = figure("staff", 0.0, as_of=NOW, completeness=1.0)
CAME = figure("footfall", 400.0, as_of=NOW, completeness=1.0)


def turned(completeness: float) -> Figure:
    return figure("bounce_rate", 0.12, as_of=NOW, completeness=completeness, interval=(0.08, 0.16))


def test_small_print_says_who_is_left_out_and_how_many_only_came_back_in() -> None:
    staff = figure("staff", 12.0, as_of=NOW, completeness=1.0)
    unique = unique_visits(CAME, Reentry(0.05, 0.01, 0.09, 80, 30_000))
    said = "12 staff entries left out  ·  364–396 visitors without re-entries"
    assert text_of(who_came(staff, unique, None, EN)) == said
    assert text_of(who_came(staff, unique, None, ZH)) == "已排除员工进店 12 次  ·  扣除短暂外出后再进店：364–396 人"
    assert who_came(NOBODY, unique_visits(CAME, None), None, EN) is None, "none of these is told here"


def test_small_print_says_how_many_turn_round_at_once_and_marks_what_rests_on_a_part_of_the_days() -> None:
    untold = unique_visits(CAME, None)
    assert text_of(who_came(NOBODY, untold, turned(1.0), EN)) == "8–16% turn round at once"
    assert text_of(who_came(NOBODY, untold, turned(1.0), ZH)) == "8–16% 进店即离开"
    whole = str(who_came(NOBODY, untold, turned(1.0), EN))
    assert "Stays of less than 2 minutes" in whole, "what it means"
    assert "Measured: 100% of the time was counted." in whole
    assert "Only" not in whole
    assert "Only 40% of the opening time was counted." in str(who_came(NOBODY, untold, turned(0.4), EN))
