"""Crossings: who crossed a line, and what its camera counted of it."""

from dataclasses import dataclass

import numpy as np

from deploy.simulation.fleet import SIDE_DOOR, STREET
from deploy.simulation.outages import Outage
from deploy.simulation.traffic import Millis
from deploy.simulation.visits import Bools, Ints, StoreDay


@dataclass(frozen=True, slots=True)
class LineCrossings:
    """Crossings of one line in order of time; arrays of one length. A `group_size` of 0 is not assessed."""

    line: str
    at_ms: Millis
    inward: Bools
    staff: Bools
    group_size: Ints


def line_crossings(store_day: StoreDay, line: str, outage: Outage) -> LineCrossings:
    """Return what a line counted outside its camera's outage; an empty `Outage()` tells what truly crossed it."""
    if line == STREET:
        at_ms, inward = store_day.passers_ms, store_day.passers_in
        staff, size = np.zeros(len(at_ms), np.bool_), np.zeros(len(at_ms), np.int64)
    else:
        at_ms, inward, staff, size = _door(store_day, side=line == SIDE_DOOR)
    order = np.argsort(at_ms, kind="stable")
    order = order[~outage.dark(at_ms[order])]
    return LineCrossings(line, at_ms[order], inward[order], staff[order], size[order])


def _door(store_day: StoreDay, *, side: bool) -> tuple[Millis, Bools, Bools, Ints]:
    ins = np.flatnonzero(store_day.by_side_in[store_day.group] == side)
    outs = np.flatnonzero(store_day.by_side_out[store_day.group] == side)
    moves = store_day.staff
    staff_ms, staff_in = (moves.at_ms[:0], moves.inward[:0]) if side else (moves.at_ms, moves.inward)
    people = np.concatenate([store_day.size[store_day.group[ins]], store_day.size[store_day.group[outs]]])
    return (
        np.concatenate([store_day.in_ms[ins], store_day.out_ms[outs], staff_ms]),
        np.concatenate([np.ones(len(ins), np.bool_), np.zeros(len(outs), np.bool_), staff_in]),
        np.repeat([False, True], [len(people), len(staff_ms)]),
        np.concatenate([people, np.zeros(len(staff_ms), np.int64)]),
    )
