"""Trust: how far a store's numbers can be relied on, by its audits and by the balance of its last finished day."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from analytics.days import Calendar
from analytics.quality.accuracy import UNAUDITED, LineAccuracy, StoreAccuracy, read_accuracy, read_lines
from analytics.quality.anomalies import Shift, read_shifts
from analytics.quality.balance import Balance, read_balance
from analytics.quality.findings import Finding
from analytics.queries import Connection
from analytics.statistics.miscount import counted_per_person, pooled

#: A systematic error smaller than this is not worth a person's walk to the camera.
BIAS_MIN: Final = 0.02


@dataclass(frozen=True, slots=True)
class Trust:
    """Each counting line with its audits, the store's miscounts, the last day's balance, and doors that shifted."""

    lines: tuple[LineAccuracy, ...] = ()
    accuracy: StoreAccuracy = UNAUDITED
    balance: Balance | None = None
    shifts: tuple[tuple[str, Shift], ...] = ()


NO_TRUST: Final = Trust()


def read_trust(
    connection: Connection, days: Calendar, store_id: int, *, now: datetime, accuracy: StoreAccuracy | None = None
) -> Trust:
    """Return one store's trust; its `accuracy` is read unless it is given.

    Raises:
        DatabaseError: the database could not be asked.
    """
    if accuracy is None:
        accuracy = read_accuracy(connection, [store_id], now=now).get(store_id, UNAUDITED)
    lines = read_lines(connection, store_id, accuracy)
    return Trust(
        lines,
        accuracy,
        read_balance(connection, days, store_id, now=now, accuracy=accuracy),
        tuple(read_shifts(connection, store_id, now=now)),
    )


def trust_findings(trust: Trust) -> list[Finding]:
    """Return lines that audits find to count too few or too many, doors that shifted, a day whose sums do not meet."""
    found = [finding for line in trust.lines for finding in bias_findings(line)]
    found += [
        Finding("level_fell" if shift.factor < 1 else "level_rose", door, number=100 * abs(shift.factor - 1))
        for door, shift in trust.shifts
    ]
    balance = trust.balance
    if balance is not None and not balance.plausible:
        found.append(Finding("balance_in" if balance.difference > 0 else "balance_out", number=abs(balance.difference)))
    return found


def bias_findings(line: LineAccuracy) -> list[Finding]:
    """Return whether a line counts too few or too many, where its audits leave no doubt; `number` is in per cent.

    One finding per line, of its worse direction. The count itself is never corrected.
    """
    found = []
    for tallies in (line.ins, line.outs):
        tally = pooled(tallies)
        if not tally.enough:
            continue
        low, ratio, high = counted_per_person(tally)
        if high < 1 and 1 - ratio >= BIAS_MIN:
            found.append(Finding("counts_low", line.line, number=100 * (1 - ratio)))
        elif low > 1 and ratio - 1 >= BIAS_MIN:
            found.append(Finding("counts_high", line.line, number=100 * (ratio - 1)))
    return sorted(found, key=lambda one: -(one.number or 0))[:1]
