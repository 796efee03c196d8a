"""One store's business day up to now: every number of the live page, from one moment."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from analytics import columns as c
from analytics.days import BUCKET, BusinessDay, Calendar, Slice, quarter
from analytics.facts import UPTIME_LAG, bucket_facts, bucket_uptime, slice_facts
from analytics.figure import Figure, figure, suppressed
from analytics.fleet.devices import Device, read_devices
from analytics.quality.balance import explained_drift
from analytics.quality.findings import (
    Finding,
    counting_findings,
    device_findings,
    drift_finding,
    flow_findings,
    ordered,
    outside_finding,
    till_finding,
)
from analytics.quality.trust import NO_TRUST, Trust, trust_findings
from analytics.queries import Connection, frame, rows
from analytics.statistics.suppression import withheld
from analytics.visits.dwell import dwell
from analytics.visits.funnel import Funnel, funnel
from analytics.visits.kpis import Kpis, kpis, share_figure
from analytics.visits.occupancy import Occupancy, occupancy, read_early, visitor_flows
from analytics.visits.queueing import Queue, read_queue
from analytics.visits.reentry import Reentry, unique_visits
from analytics.visits.stages import Repeat
from analytics.visits.zone_watch import ZoneWatch, read_zone_watch


@dataclass(frozen=True, slots=True)
class ZoneDay:
    """One engagement zone's day; `withheld` when too few people were there to show it."""

    zone: str
    visits: Figure
    engagement: Figure
    dwell_p50: Figure
    dwell_p90: Figure
    withheld: bool


@dataclass(frozen=True, slots=True)
class StoreDay:
    """What is known of a business day at `now`.

    `buckets` holds `BUCKET`, `INS`, `OUTS`, `STAFF_INS`, `STAFF_OUTS`, `UP_S`, `EXPECTED_S`, `LOST` per quarter-hour
    begun; `INS` is NaN where nobody looked. `visitors_quarter` counts whole quarter-hours only, up to `quarter_at`:
    what a past day can be compared with. `today` is the business day of the store's date at `now`, which may differ
    from `day`; None when the store is closed on it.
    """

    day: BusinessDay
    now: datetime
    is_open: bool
    base: Kpis
    unique_visits: Figure
    funnel: Funnel
    occupancy: Occupancy
    queue: Queue
    zones: tuple[ZoneDay, ...]
    buckets: pd.DataFrame
    visitors_quarter: float | None
    quarter_at: datetime
    devices: tuple[Device, ...]
    findings: tuple[Finding, ...]
    today: BusinessDay | None
    trust: Trust = NO_TRUST


def read_store_day(
    connection: Connection,
    days: Calendar,
    day: BusinessDay,
    *,
    now: datetime,
    repeat: Repeat | None = None,
    trust: Trust = NO_TRUST,
    returning: Reentry | None = None,
) -> StoreDay:
    """Return the day of one store as it stands at `now`; `trust` gives its figures the intervals of its audits.

    `returning` is the share of re-entries over the weeks before; None where it cannot be told.

    Raises:
        DatabaseError: the database could not be asked.
    """
    seen = days.up_to(day, now)
    counted_until = min(day.closes_at, now - UPTIME_LAG)
    facts = slice_facts(connection, [seen], now=now).iloc[0]
    base = kpis(facts, as_of=now, audited=trust.accuracy)
    buckets = read_buckets(connection, seen, counted_until=counted_until)
    inside = _occupancy(connection, buckets, seen, now=now, base=base, trust=trust)
    watch = read_zone_watch(connection, [seen], now=now)
    waited = watch.of_role("queue")
    queue = read_queue(connection, day.store_id, from_at=seen.from_at, now=seen.until, completeness=waited)
    zones, engaged = read_zones(connection, seen, now=now, watch=watch)
    stages = funnel(
        base, engaged=engaged, queued=queue.joins, repeat=repeat, engagement_zones=len(zones),
        queue_consistent=queue.consistent, audited=trust.accuracy,
    )  # fmt: skip
    devices = read_devices(connection, day.store_id)
    quarter_at = min(quarter(now), day.closes_at)
    ((date_, outside),) = rows(connection, "outside_hours", store_id=day.store_id, until=now)
    today = days.of(day.store_id).get(date_)
    findings = _findings(connection, day, devices, base=base, stages=stages, now=now, until=counted_until)
    findings += _trust_findings(inside, buckets, trust)
    findings += _outside_findings(day, outside, base, now=now, today=today)
    return StoreDay(
        day=day,
        now=now,
        is_open=now < day.closes_at,
        base=base,
        unique_visits=unique_visits(base.footfall, returning),
        funnel=stages,
        occupancy=inside,
        queue=queue,
        zones=zones,
        buckets=buckets,
        visitors_quarter=_visitors_until(buckets, quarter_at),
        quarter_at=quarter_at,
        devices=devices,
        findings=ordered(findings),
        today=today,
        trust=trust,
    )


def read_buckets(connection: Connection, seen: Slice, *, counted_until: datetime) -> pd.DataFrame:
    """Return every quarter-hour of a slice that has begun (see `StoreDay.buckets`).

    Raises:
        DatabaseError: the database could not be asked.
    """
    starts = pd.date_range(quarter(seen.from_at), seen.until, freq=BUCKET, inclusive="left")
    place: dict[datetime, int] = {at: number for number, at in enumerate(starts)}
    crossed = np.full((len(starts), 4), np.nan)
    looked = np.full((len(starts), 2), np.nan)
    lost = np.zeros(len(starts), np.bool_)
    for one in bucket_facts(connection, [seen]):
        crossed[place[one.bucket]] = one.ins, one.outs, one.staff_ins, one.staff_outs
    for some in bucket_uptime(connection, [seen], until=[counted_until]):
        looked[place[some.bucket]] = some.up_s, some.expected_s
        lost[place[some.bucket]] = some.lost
    # Watched and empty is zero; so is one too young for its uptime to have come, after one that was watched.
    up = looked[:, 0] > 0
    young = np.asarray(starts + BUCKET > pd.Timestamp(counted_until))
    watched = up | (young & np.concatenate([[False], up[:-1]]))
    crossed[np.isnan(crossed[:, 0]) & watched] = 0.0
    names = (c.INS, c.OUTS, c.STAFF_INS, c.STAFF_OUTS, c.UP_S, c.EXPECTED_S)
    numbers = dict(zip(names, (*crossed.T, *looked.T), strict=True))
    return pd.DataFrame({c.BUCKET: starts, **numbers, c.LOST: lost})


def read_zones(
    connection: Connection, seen: Slice, *, now: datetime, watch: ZoneWatch
) -> tuple[tuple[ZoneDay, ...], Figure]:
    """Return each engagement zone's day and the stays of all that were long enough to be an engagement.

    Raises:
        DatabaseError: the database could not be asked.
    """
    known = [zone for zone, role, _ in rows(connection, "zones", store_id=seen.store_id) if role == "engagement"]
    stays = frame(connection, "zone_stays", store_id=seen.store_id, from_at=seen.from_at, until=seen.until)
    counts = [int((stays[c.ZONE] == zone).sum()) for zone in known]
    found = tuple(
        zone_day(zone, stays[stays[c.ZONE] == zone], hidden=hidden, now=now, completeness=watch.of([zone]))
        for zone, hidden in zip(known, withheld(counts), strict=True)
    )
    counted = watch.of(known)
    watched = (counted or 0.0) > 0 or len(stays) > 0
    total = float(stays[c.ENGAGED].sum()) if watched else None
    return found, figure("engaged", total, as_of=now, completeness=counted)


def zone_day(zone: str, stays: pd.DataFrame, *, hidden: bool, now: datetime, completeness: float | None) -> ZoneDay:
    """Return a zone's day of its stays (`DWELL_S`, `CENSORED`, `ENGAGED`), in the order in which they ended."""
    p50, p90 = dwell(stays[c.DWELL_S].tolist(), stays[c.CENSORED].tolist(), as_of=now, completeness=completeness)
    visits = figure("zone_visits", float(len(stays)), as_of=now, completeness=completeness)
    engagement = share_figure("engagement", stays[c.ENGAGED].tolist(), as_of=now, completeness=completeness)
    if hidden:
        visits, engagement, p50, p90 = (suppressed(one) for one in (visits, engagement, p50, p90))
    return ZoneDay(zone, visits, engagement, p50, p90, hidden)


def _occupancy(
    connection: Connection,
    buckets: pd.DataFrame,
    seen: Slice,
    *,
    now: datetime,
    base: Kpis,
    trust: Trust,
) -> Occupancy:
    counted = buckets[[c.INS, c.OUTS, c.STAFF_INS, c.STAFF_OUTS]].fillna(0.0).astype(int)
    early = read_early(connection, [seen])[0]
    flows = visitor_flows(counted.itertuples(index=False, name=None), early=early)
    before = trust.balance
    left_over = before.difference if before is not None and before.business_date < seen.business_date else None
    came = base.footfall
    return occupancy(
        flows, since=seen.from_at, as_of=now, completeness=came.completeness, known=came.known, left_over=left_over,
        audited=trust.accuracy,
    )  # fmt: skip


def _visitors_until(buckets: pd.DataFrame, quarter_at: datetime) -> float | None:
    ins = buckets.loc[buckets[c.BUCKET] + BUCKET <= quarter_at, c.INS]
    return float(ins.sum()) if ins.notna().any() else None


def _trust_findings(inside: Occupancy, buckets: pd.DataFrame, trust: Trust) -> list[Finding]:
    explained = explained_drift(float(buckets[c.INS].sum()), float(buckets[c.OUTS].sum()), trust.accuracy)
    return drift_finding(inside, explained=explained) + trust_findings(trust)


def _outside_findings(
    day: BusinessDay, outside: int, base: Kpis, *, now: datetime, today: BusinessDay | None
) -> list[Finding]:
    if not day.hours_known:
        return []
    return outside_finding(outside, base.footfall.value, is_open=now < day.closes_at, closed_all_day=today is None)


def _findings(
    connection: Connection, day: BusinessDay, devices: tuple[Device, ...], *, base: Kpis,
    stages: Funnel, now: datetime, until: datetime,
) -> list[Finding]:  # fmt: skip
    ((last_sale_at,),) = rows(connection, "last_sale", store_id=day.store_id, until=now)
    visitors = base.footfall.value
    found = device_findings(devices, now=now, is_open=day.opens_at <= now < day.closes_at)
    found += counting_findings(connection, day.store_id, from_at=day.opens_at, until=until, now=now)
    found += till_finding(last_sale_at, opened_at=day.opens_at, visitors=visitors, now=min(now, day.closes_at))
    found += flow_findings(stages.inconsistencies)
    if not day.hours_known:
        found.append(Finding("hours_missing"))
    return found
