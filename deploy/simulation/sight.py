"""Sight: how well a simulated camera counts. Of those who cross, some are missed; some counts have nobody behind them.

Each line and direction has rates of its own about the model's `miss_share` and `double_share`, and they drift slowly.
What is missed and doubled of a day is the same whenever it is asked for, so that an audit finds what was counted.
"""

import math
import zlib
from dataclasses import dataclass
from datetime import date

import numpy as np

from contract.entries import Audit, AuditTally
from deploy.simulation.crossings import LineCrossings
from deploy.simulation.days import BusinessDay, generator, to_instant
from deploy.simulation.fleet import StoreProfile
from deploy.simulation.model import Model
from deploy.simulation.outages import Outage
from deploy.simulation.visits import Bools

#: Who a box counts twice, it counts the second time this much later.
_AGAIN_MS = 400
_AUDIT_MS = 3_600_000
_DRIFT_DAYS = 112.0
_AUDITOR = "sim"


@dataclass(frozen=True, slots=True)
class Seen:
    """Which of a line's true crossings, staff among them, were missed, and after which a count has nobody behind it."""

    crossed: LineCrossings
    missed: Bools
    doubled: Bools

    def counted(self, outage: Outage) -> LineCrossings:
        """Return what was counted outside the outage."""
        once, again = np.flatnonzero(~self.missed), np.flatnonzero(self.doubled)
        chosen = np.concatenate([once, again])
        at_ms = np.concatenate([self.crossed.at_ms[once], self.crossed.at_ms[again] + _AGAIN_MS])
        kept = ~outage.dark(at_ms)
        order = np.argsort(at_ms[kept], kind="stable")
        chosen, at_ms = chosen[kept][order], at_ms[kept][order]
        whole = self.crossed
        return LineCrossings(
            whole.line, at_ms, whole.inward[chosen], whole.staff[chosen], whole.group_size[chosen]
        )  # fmt: skip


def seen(store: StoreProfile, model: Model, seed: int, day: date, crossed: LineCrossings) -> Seen:
    """Return what the line's camera made of everybody who crossed it on a day."""
    count = len(crossed.at_ms)
    rng = generator(seed, store.code, day, f"sight {crossed.line}")
    draws = rng.random((2, count))
    ins, outs = rates(store, model, seed, day, crossed.line)
    miss, double = (np.where(crossed.inward, ins[at], outs[at]) for at in (0, 1))
    return Seen(crossed, draws[0] < miss, draws[1] < double)


def rates(
    store: StoreProfile, model: Model, seed: int, day: date, line: str
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return (missed, doubled) per person who crosses inwards, and outwards, on a day."""
    own = generator(seed, store.code, store.opened_on, f"sight {line}").uniform(
        1 - model.sight_spread, 1 + model.sight_spread, (2, 2)
    )
    phase = zlib.crc32(f"{store.code} {line}".encode()) % 360 / 360
    turn = (day - model.trend_origin).days / _DRIFT_DAYS + phase
    drift = 1 + model.sight_drift * math.sin(2 * math.pi * turn)
    (miss_in, double_in), (miss_out, double_out) = (
        (model.miss_share * one[0] * drift, model.double_share * one[1] * drift) for one in own.tolist()
    )
    return (miss_in, double_in), (miss_out, double_out)


def audit(model: Model, day: BusinessDay, found: Seen, rng: np.random.Generator) -> Audit | None:
    """Return what a person found who tapped everybody for an hour; None on a day without an audit of the line."""
    start_ms = int(rng.integers(day.opens_ms, day.closes_ms - _AUDIT_MS))
    if rng.random() >= model.audit_share:
        return None
    within = (found.crossed.at_ms >= start_ms) & (found.crossed.at_ms < start_ms + _AUDIT_MS)
    ins, outs = (_tally(found, within & (found.crossed.inward == inward)) for inward in (True, False))
    return Audit(
        at=to_instant(start_ms), line=found.crossed.line, duration_s=_AUDIT_MS / 1000, auditor=_AUDITOR, ins=ins,
        outs=outs, lag_s=0.0, complete=True,
    )  # fmt: skip


def _tally(found: Seen, chosen: Bools) -> AuditTally:
    truth = int(chosen.sum())
    matched = truth - int(found.missed[chosen].sum())
    return AuditTally(truth=truth, counted=matched + int(found.doubled[chosen].sum()), matched=matched)
