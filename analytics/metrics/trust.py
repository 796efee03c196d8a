"""How far the counts can be relied on."""

from collections.abc import Callable, Sequence
from typing import Final

import pandas as pd

from analytics import columns as c
from analytics.definition import Computed, Definition, mark
from analytics.facts import add_up, completeness
from analytics.figure import Figure
from analytics.metrics.parts import MOMENT, Pure, over
from analytics.quality.accuracy import UNAUDITED, accuracy, found, genuine
from analytics.quality.balance import LineBalance, balance
from analytics.statistics.miscount import Tally

#: A door that was down keeps the share below what is called measured.
_COMPLETENESS: Final = """
SELECT CASE WHEN sum(expected_s) > 0 THEN
           least(1, sum(up_s) / sum(expected_s), CASE WHEN sum(doors_down) > 0 THEN 0.979 END)
       END AS value
FROM facts
""".strip()
_BALANCE: Final = """
SELECT CASE WHEN bool_and(whole) AND sum(ins + outs) > 0 THEN sum(ins - outs) END::float8 AS value
FROM finished WHERE role = 'entrance'
""".strip()


def _completeness(facts: pd.DataFrame) -> float | None:
    return completeness(add_up(facts))


def _audited(shown: Callable[..., Figure]) -> Pure:
    def value(audits: pd.DataFrame) -> float | None:
        columns = ("in_truth", "in_counted", "in_matched")
        tallies: Sequence[Tally] = [Tally(*row) for row in audits[list(columns)].itertuples(index=False, name=None)]
        return shown(tallies, as_of=MOMENT).value

    return value


def _balance(lines: pd.DataFrame) -> float | None:
    doors = lines[lines[c.ROLE] == "entrance"]
    if doors.empty or not doors["whole"].all():
        return None
    told = [LineBalance(*row) for row in zip(doors["line"], doors[c.INS], doors[c.OUTS], strict=True)]
    seen = balance(doors[c.BUSINESS_DATE].iloc[0], told, UNAUDITED)
    return None if seen is None else float(seen.difference)


TRUST: Final = (
    Definition(
        "completeness",
        mark("Counted"),
        mark("Seconds in which the doors' cameras counted ÷ seconds in which the shop was open."),
        "share",
        mark("With one of two doors dark, the visitors are a part, not an estimate."),
        Computed("facts", _COMPLETENESS, _completeness),
    ),
    Definition(
        "accuracy",
        mark("Counting accuracy"),
        mark("Matched ÷ (matched + missed + counted without a person), from audits of the last 90 days."),
        "share",
        mark("A miss and a double are two errors and never offset each other. 100 people cannot tell 95% from 99%."),
        over("sum(in_matched)::float8", "sum(in_truth + in_counted - in_matched)", _audited(accuracy), "audits"),
    ),
    Definition(
        "audit_found",
        mark("People found"),
        mark("People whom the device counted ÷ people whom a person tapped in an audit."),
        "share",
        mark("What is missing to 100 % was missed."),
        over("sum(in_matched)::float8", "sum(in_truth)", _audited(found), "audits"),
    ),
    Definition(
        "audit_genuine",
        mark("Genuine counts"),
        mark("Counts with a person behind them ÷ counts of the device in an audit."),
        "share",
        mark("What is missing to 100 % was counted twice, or was nobody."),
        over("sum(in_matched)::float8", "sum(in_counted)", _audited(genuine), "audits"),
    ),
    Definition(
        "balance",
        mark("In less out"),
        mark("People counted in − people counted out on the last finished day, staff included."),
        "people",
        mark("Should be nobody. Judged by what the known errors of the lines explain, not by a fixed share."),
        Computed(
            "finished",
            _BALANCE,
            _balance,
        ),
    ),
)
