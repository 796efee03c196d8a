"""Comparisons: a store against its own past, and the stores that a key may see beside each other.

Places and peers are among those stores alone: a key for one store is told nothing of another, not even by a place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

import pandas as pd

from analytics.comparison.decomposition import Decomposition, decompose, sides, sold_on_both
from analytics.comparison.holidays import compared_day, country_of, same_holiday
from analytics.comparison.like_for_like import LikeForLike, like_for_like, read_since, read_years_before
from analytics.comparison.network import StoreRow, network, why_by_currency
from analytics.comparison.peers import peers
from analytics.comparison.ranking import Place, outliers_among
from analytics.days import Slice
from analytics.facts import Table, add_up_table, additive, slice_facts
from analytics.figure import Figure, figure, least_complete
from analytics.periods import Comparison
from analytics.quality.accuracy import read_accuracy
from analytics.queries import Connection
from analytics.stores import Store
from analytics.visits.kpis import kpis
from api.access import Access
from api.bodies import FigureOut
from api.comparing_bodies import (
    Against,
    By,
    ChangeOfStoreOut,
    ComparisonOut,
    ExplainedOut,
    LikeForLikeOut,
    PairOut,
    PlacedOut,
    PlaceOut,
    ShiftedOut,
    SideOut,
    TakesPart,
)
from api.errors import ProblemError
from api.figures import figure_out, figures_out, period_out, store_out
from api.reading import paged
from api.windows import Asked, Window, shareable, visible

#: The most days over which stores are put beside each other: a quarter of a year.
DAYS_MAX: Final = 100
_YEAR: Final = timedelta(days=364)


def read_change_out(connection: Connection, window: Window, against: Against) -> ChangeOfStoreOut:
    """Return what changed in a store against the same weekdays before, or against a year before, and why.

    Raises:
        DatabaseError: the database could not be asked.
    """
    seen, store, chosen, like = _Seen(connection, window.access, window.now), window.store, window.sides, None
    if against == "year":
        years = _years(connection, [window])
        ((_, chosen),) = years
        like = like_for_like(seen.read, years, since=read_since(connection, [store.store_id]), as_of=window.as_of)
    after, before = (seen.read(days) for days in (chosen.comparable, chosen.previous))
    seen.read(window.sides.current)
    told = sides(after, before)
    shown: list[SideOut] = []
    if told is not None:
        sold = sold_on_both(additive(after), additive(before))
        shown = [_side(additive(one)[sold], window.as_of) for one in (after, before)]
    why = decompose([told])
    return ChangeOfStoreOut(
        store=store_out(store),
        period=period_out(window, seen.withheld(window)),
        against=against,
        pairs=[_pair(store, one, other, against) for one, other in _dates(chosen)],
        explained=None if why is None else _explained(why, store.currency, 1, window.as_of),
        after=shown[0] if shown else None,
        before=shown[1] if shown else None,
        like_for_like=None if like is None else _like_out(like),
        takes_part=None if like is None else _takes_part(like, store),
    )


def read_comparison_out(
    connection: Connection, windows: Sequence[Window], asked: Asked, *, cursor: str | None, limit: int
) -> ComparisonOut:
    """Return stores beside each other: each one's window, all as one key may see them.

    Raises:
        ProblemError: the cursor is none of this question, or the period is too long.
        DatabaseError: the database could not be asked.
    """
    if not windows:
        raise ProblemError(404, "store", "there is no store that this key may see")
    access, now, stores = windows[0].access, windows[0].now, [one.store for one in windows]
    _check_days(windows[0])
    seen, ids = _Seen(connection, access, now), [store.store_id for store in stores]
    as_of = max(one.as_of for one in windows)
    audited = read_accuracy(connection, ids, now=min(one.judged_at for one in windows))
    rows, _ = network(seen.read, [(one.store, one.sides) for one in windows], {}, now=as_of, audited=audited)
    like = like_for_like(seen.read, _years(connection, windows), since=read_since(connection, ids), as_of=as_of)
    by_code = sorted(zip(windows, rows, strict=True), key=lambda one: one[0].store.code)
    question = f"comparison {access.store_id} {access.outside} {asked}"
    page, next_cursor = paged(by_code, question, cursor, limit, lambda one: one[0].store.code)
    return ComparisonOut(
        name=asked.name,
        explained=_by_currency(why_by_currency(rows), [row.store for row in rows if row.sides is not None], as_of),
        like_for_like=_like_out(like),
        shifted=_shifted(windows),
        outliers=figure_out(_outliers(rows, as_of)),
        stores=[_placed(window, row, stores, like, seen.withheld(window)) for window, row in page],
        next_cursor=next_cursor,
    )


class _Seen:
    """Facts of days as a key may see them; it knows which of those that were read are withheld."""

    def __init__(self, connection: Connection, access: Access, now: datetime) -> None:
        self._connection = connection
        self._access = access
        self._now = now
        self._hidden: dict[Slice, bool] = {}

    def read(self, slices: Sequence[Slice]) -> pd.DataFrame:
        facts, hidden = shareable(slice_facts(self._connection, slices, now=self._now), self._access)
        self._hidden.update(zip(slices, hidden, strict=True))
        return facts

    def withheld(self, window: Window) -> int:
        return sum(self._hidden[one] for one in window.sides.current)


def _check_days(window: Window) -> None:
    days = (window.chosen.last - window.chosen.first).days + 1
    if days > DAYS_MAX:
        raise ProblemError(422, "invalid-parameter", f"period: expected at most {DAYS_MAX} days, got {days}")


def _years(connection: Connection, windows: Sequence[Window]) -> list[tuple[Store, Comparison]]:
    found = read_years_before(
        connection, [one.store for one in windows], [one.chosen for one in windows], now=windows[0].now
    )
    return [
        (store, visible(chosen, one.access, now=one.now, known=one.known))
        for one, (store, chosen) in zip(windows, found, strict=True)
    ]


def _dates(chosen: Comparison) -> Iterable[tuple[date, date]]:
    return (
        (one.business_date, other.business_date) for one, other in zip(chosen.comparable, chosen.previous, strict=True)
    )


def _pair(store: Store, day: date, before: date, against: Against) -> PairOut:
    by = _by(day, before, country_of(store.timezone)) if against == "year" else "weekday"
    return PairOut(day=day, compared_with=before, by=by)


def _by(day: date, before: date, country: str | None) -> By:
    return "holiday" if before == same_holiday(day, country) else "weekday"


def _shifted(windows: Sequence[Window]) -> list[ShiftedOut]:
    """Return, country by country, the days that like for like compares with others than 364 days before."""
    spans: dict[str, set[date]] = {}
    for one in windows:
        country = country_of(one.store.timezone)
        if country is not None:
            spans.setdefault(country, set()).update(piece.business_date for piece in one.sides.current)
    found = []
    for country in sorted(spans):
        for day in sorted(spans[country]):
            before = compared_day(day, country)
            if before != day - _YEAR:
                found.append(ShiftedOut(country=country, day=day, compared_with=before, by=_by(day, before, country)))
    return found


def _side(facts: Table, as_of: datetime) -> SideOut:
    return SideOut(figures=figures_out(kpis(add_up_table(facts), as_of=as_of)))


def _by_currency(why: Mapping[str, Decomposition], stores: Sequence[Store], as_of: datetime) -> list[ExplainedOut]:
    """Return the changes of `stores`, those that sold on both sides, each currency's apart."""
    of = Counter(store.currency for store in stores)
    return [_explained(one, currency, of[currency], as_of) for currency, one in why.items()]


def _explained(why: Decomposition, currency: str, stores: int, as_of: datetime) -> ExplainedOut:
    return ExplainedOut(currency=currency, stores=stores, share=why.share, figures=_parts(why, as_of))


def _parts(why: Decomposition, as_of: datetime) -> dict[str, FigureOut]:
    return {one.definition_id: figure_out(one) for one in why.figures(as_of=as_of)}


def _like_out(like: LikeForLike) -> LikeForLikeOut:
    return LikeForLikeOut(
        stores=len(like.stores),
        of=like.of,
        holidays=like.holidays,
        visitors=figure_out(like.figure()),
        sales=_by_currency(like.why, like.stores, like.as_of),
    )


def _takes_part(like: LikeForLike, store: Store) -> TakesPart:
    if store in like.stores:
        return "yes"
    return "open_too_short" if store in like.young else "not_counted_in_full"


def _outliers(rows: Sequence[StoreRow], as_of: datetime) -> Figure:
    bases = [row.compared.now for row in rows]
    counted = least_complete([base.conversion.completeness for base in bases])
    return figure("outlier", outliers_among(bases), as_of=as_of, completeness=counted)


def _placed(window: Window, row: StoreRow, stores: Sequence[Store], like: LikeForLike, withheld: int) -> PlacedOut:
    why = decompose([row.sides])
    parts = {} if why is None else _parts(why, window.as_of)
    conversion = replace(row.compared.now.conversion, as_of=window.as_of)
    hidden = withheld > 0 and withheld == len(window.sides.current)
    return PlacedOut(
        store=row.store.code,
        currency=row.store.currency,
        period=period_out(window, withheld),
        figures={"conversion": figure_out(conversion, withheld=hidden), **parts},
        share=None if why is None else why.share,
        # Alone a store is first and last.
        place=_place(row.place, conversion) if len(stores) > 1 else None,
        peers=sorted(one.code for one in peers(row.store, stores)),
        place_among_peers=_place(row.peer_place, conversion),
        outlier=row.outlier,
        like_for_like=_takes_part(like, row.store),
    )


def _place(one: Place | None, conversion: Figure) -> PlaceOut | None:
    if one is None:
        return None
    return PlaceOut(place=figure_out(one.figure(conversion)), of=one.of, level_with=one.worst - one.best)
