"""How far a store's figures can be relied on: what was counted, what audits found, what needs a look."""

from analytics.facts import add_up, completeness, completenesses, slice_facts
from analytics.figure import counted
from analytics.quality.accuracy import LineAccuracy, accuracy, found, genuine
from analytics.quality.balance import Balance
from analytics.quality.findings import Finding, counting_findings, ordered
from analytics.quality.reliance import read_estimated_lines
from analytics.quality.trust import Trust, read_trust, trust_findings
from analytics.queries import Connection
from api.bodies import BalanceOut, DayOut, EstimateOut, FindingOut, LineOut, QualityOut
from api.figures import figure_out, period_out, store_out
from api.windows import Window, shareable


def read_quality(connection: Connection, window: Window) -> QualityOut:
    """Return what a window's figures are worth.

    Raises:
        DatabaseError: the database could not be asked.
    """
    slices = window.sides.current
    facts, withheld = shareable(slice_facts(connection, slices, now=window.now), window.access)
    trust = read_trust(connection, window.days, window.store.store_id, now=window.judged_at)
    days = [
        DayOut(
            business_date=one.business_date,
            completeness=figure_out(counted(share, as_of=window.as_of), withheld=hidden),
        )
        for share, one, hidden in zip(completenesses(facts), slices, withheld, strict=True)
    ]
    return QualityOut(
        store=store_out(window.store),
        period=period_out(window, sum(withheld)),
        completeness=figure_out(counted(completeness(add_up(facts)), as_of=window.as_of)),
        days=days,
        lines=[_line(one, window) for one in trust.lines],
        balance=None if trust.balance is None or window.access.outside else _balance(trust.balance, window),
        estimates=[] if window.access.outside else _estimates(connection, window),
        findings=[] if window.access.outside else _findings(connection, window, trust),
    )


def _line(one: LineAccuracy, window: Window) -> LineOut:
    at = one.last_at or window.as_of
    return LineOut(
        line=one.line,
        role=one.role,
        audits=one.audits,
        last_audit_at=one.last_at,
        accuracy_in=figure_out(accuracy(one.ins, as_of=at)),
        accuracy_out=figure_out(accuracy(one.outs, as_of=at)),
        found_in=figure_out(found(one.ins, as_of=at)),
        found_out=figure_out(found(one.outs, as_of=at)),
        genuine_in=figure_out(genuine(one.ins, as_of=at)),
        genuine_out=figure_out(genuine(one.outs, as_of=at)),
    )


def _estimates(connection: Connection, window: Window) -> list[EstimateOut]:
    chosen = window.chosen
    told = read_estimated_lines(connection, window.store.store_id, first=chosen.first, last=chosen.last)
    return [
        EstimateOut(
            line=one.line, business_date=one.business_date, hours=one.hours, visitors=one.visitors, low=one.low,
            high=one.high, off=one.off,
        )
        for one in told
    ]  # fmt: skip


def _balance(one: Balance, window: Window) -> BalanceOut:
    return BalanceOut(
        business_date=one.business_date,
        difference=figure_out(one.figure(as_of=window.as_of)),
        plausible=one.plausible,
    )


def _findings(connection: Connection, window: Window, trust: Trust) -> list[FindingOut]:
    findings: list[Finding] = list(trust_findings(trust))
    if window.sides.current:
        last = window.sides.current[-1]
        findings += counting_findings(
            connection, window.store.store_id, from_at=last.from_at, until=min(last.until, window.now), now=window.now
        )
    return [
        FindingOut(code=one.code, severity=one.severity, subject=one.subject, number=one.number, since=one.since)
        for one in ordered(findings)
    ]
