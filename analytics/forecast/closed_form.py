"""The closed form: level × weekly shape × index of earlier years, and special days as they were in those.

No training, numpy only, and the same for every city: what it takes from the past, how far the index is followed among
it, is worked out anew before each cutoff from what lies before it.
"""

from typing import Final

import numpy as np

from analytics.forecast.baselines import WEEK, repeat_week
from analytics.forecast.disrupted import disrupted
from analytics.forecast.numbers import log_within, mean_over, median_over, or_else, ratio_of_sums
from analytics.forecast.panel import HORIZON, Flags, Floats, Panel
from analytics.forecast.weekly import WEEKS, Weekly, weekly

YEAR: Final = 52 * WEEK
#: Least days before an origin; a forecast proper wants `panel.HISTORY_MIN`, its trial runs in the past less.
ORIGIN_MIN: Final = 28
#: How far the index is followed: prior, its strength, and the number of origins that it is learned from.
_FOLLOW: Final = 0.5
_FOLLOW_STRENGTH: Final = 2.0
_FOLLOW_ORIGINS: Final = 26
#: Earlier years that the index is made of, and the weight of one against the next younger one.
INDEX_YEARS: Final = 3
_YEAR_KEEPS: Final = 0.5
_BASE_DAYS: Final = 14
_SMOOTH: Final = 3
_SPECIAL_YEARS: Final = 4
#: Most that one day or season may differ from another, as a factor.
_SEASON: Final = (0.3, 3.0)
_DAY: Final = (0.05, 8.0)
#: A day's total counts when this share of the hours usual for its weekday was measured.
_DAY_SEEN: Final = 0.8
_SUNDAY: Final = 6


class ClosedForm:
    """The closed form over one panel; what is worked out for an origin is kept, for back-tests ask again and again.

    An origin is the index of the first day to forecast; only days before it are looked at.
    """

    def __init__(self, panel: Panel) -> None:
        self.panel = panel
        self._names = np.array(panel.special, dtype=object)
        self.special = np.array([bool(name) for name in panel.special])
        self.holiday = np.array([bool(name) and not name.startswith("~") for name in panel.special])
        self._totals = _day_totals(panel.counts)
        self._normal_totals = np.where(self.special[None, : panel.days], np.nan, self._totals)
        self._weekly: dict[int, Weekly] = {}
        self._index: dict[int, Floats] = {}
        self._came: dict[int, Floats] = {}
        self._disrupted: dict[int, Flags] = {}
        self._forecasts: dict[int, Floats] = {}

    def weekly(self, origin: int) -> Weekly:
        """Return the weekly pattern before the origin."""
        if origin not in self._weekly:
            days = slice(max(0, origin - WEEKS * WEEK), origin)
            self._weekly[origin] = weekly(self.panel.counts[:, days], ~self.special[days])
        return self._weekly[origin]

    def forecast(self, origin: int) -> Floats:
        """Return (S, `HORIZON`, 24) visitors; NaN where the last weeks never had a measured hour."""
        if origin not in self._forecasts:
            usual = repeat_week(self.weekly(origin).week) * np.exp(self.follow(origin) * self.index(origin))[:, None]
            self._forecasts[origin] = self._with_special_days(usual, origin)
        return self._forecasts[origin]

    def index(self, origin: int) -> Floats:
        """Return (`HORIZON`,): how the same days of earlier years stood against the fortnight before them, a logarithm.

        It is the median over the series: one store's year is noise, all stores' is the season. Disrupted times are left
        out. 0 without an earlier year.
        """
        if origin not in self._index:
            years = np.stack([self._earlier_year(origin, back) for back in range(1, INDEX_YEARS + 1)])
            weights = ~np.isnan(years) * _YEAR_KEEPS ** np.arange(INDEX_YEARS)[:, None]
            total = weights.sum(axis=0)
            mean = np.where(np.isnan(years), 0.0, years * weights).sum(axis=0) / np.where(total > 0, total, 1.0)
            self._index[origin] = mean
        return self._index[origin]

    def disrupted(self, origin: int) -> Flags:
        """Return (origin,): which of the days before the origin lie in or about a disrupted time."""
        if origin not in self._disrupted:
            self._disrupted[origin] = disrupted(self._normal_totals[:, :origin])
        return self._disrupted[origin]

    def ordinary(self, past: int, origin: int) -> bool:
        """Return whether the horizon of a past origin lay outside disrupted times, as is known at `origin`."""
        return not self.disrupted(origin)[past : past + HORIZON].any()

    def follow(self, origin: int) -> float:
        """Return how far to follow the index, 0 to 1, as it would have been best at the origins before."""
        tried = [before for step in range(1, _FOLLOW_ORIGINS + 1) if (before := origin - HORIZON * step) >= ORIGIN_MIN]
        said = np.concatenate([self.index(before) for before in tried] or [np.zeros(1)])
        came = np.concatenate([self.came(before) for before in tried] or [np.zeros(1)])
        known = ~np.isnan(came)
        said, came = said[known], came[known]
        best = (said @ came + _FOLLOW_STRENGTH * _FOLLOW) / (said @ said + _FOLLOW_STRENGTH)
        return float(np.clip(best, 0.0, 1.0))

    def came(self, origin: int) -> Floats:
        """Return (`HORIZON`,): what came against the weekly pattern alone, as a logarithm, median over the series."""
        if origin not in self._came:
            usual = repeat_week(self.weekly(origin).week)
            days = slice(origin, origin + HORIZON)
            actual = np.where(self.special[None, days, None], np.nan, self.panel.counts[:, days])
            actual = np.pad(actual, ((0, 0), (0, HORIZON - actual.shape[1]), (0, 0)), constant_values=np.nan)
            self._came[origin] = median_over(log_within(ratio_of_sums(actual, usual, 2), *_SEASON), 0)
        return self._came[origin]

    def _earlier_year(self, origin: int, back: int) -> Floats:
        """Return (`HORIZON`,) the index of the year that lies `back` years before; NaN where it tells nothing."""
        then = origin - back * YEAR
        if then < _BASE_DAYS:
            return np.full(HORIZON, np.nan)
        told = ~self.disrupted(origin)
        if not told[then - _BASE_DAYS : then].all():
            return np.full(HORIZON, np.nan)
        base = mean_over(self._normal_totals[:, then - _BASE_DAYS : then], 1)
        around = [
            mean_over(self._normal_totals[:, max(0, day - _SMOOTH) : day + _SMOOTH + 1], 1)
            for day in range(then, then + HORIZON)
        ]
        ratios = np.stack(around, axis=1) / np.where(base > 0, base, np.nan)[:, None]
        index = median_over(log_within(ratios, *_SEASON), 0)
        return np.where(told[then : then + HORIZON], index, np.nan)

    def _with_special_days(self, usual: Floats, origin: int) -> Floats:
        forecast = usual.copy()
        for step in range(HORIZON):
            if self.special[origin + step]:
                forecast[:, step] = self._special_day(usual, origin, step)
        return forecast

    def _special_day(self, usual: Floats, origin: int, step: int) -> Floats:
        """Return (S, 24): a holiday stands against Sunday, a bridge day against its own weekday."""
        holiday = bool(self.holiday[origin + step])
        past = np.flatnonzero(self._names[:origin] == self._names[origin + step])
        known = [self._effect(int(day), origin) for day in past if day > origin - _SPECIAL_YEARS * YEAR]
        prior = self._any_holiday(origin) if holiday else 0.0
        effect = np.full(len(usual), prior)
        if known:
            own = mean_over(np.stack(known), 0)
            city = or_else(median_over(own), prior)
            effect = (len(known) * (or_else(own, city) + city) / 2 + prior) / (len(known) + 1)
        profile = usual[:, step]
        if holiday:
            sunday = usual[:, (_SUNDAY - self.panel.day(origin).weekday()) % WEEK]
            shut = np.isnan(mean_over(sunday, 1))
            profile = np.where(shut[:, None], profile, sunday)
        return np.asarray(profile * np.exp(effect)[:, None])

    def _any_holiday(self, origin: int) -> float:
        days = np.flatnonzero(self.holiday[:origin])
        effects = [self._effect(int(day), origin) for day in days if day > origin - 2 * YEAR]
        return float(or_else(median_over(np.stack(effects)), 0.0)) if effects else 0.0

    def _effect(self, day: int, origin: int) -> Floats:
        """Return (S,) a past special day against normal days within four weeks of it, as a logarithm."""
        anchor = day
        if self.holiday[day]:
            anchor = day + _SUNDAY - self.panel.day(day).weekday()
        around = [one for week in range(-4, 5) if 0 <= (one := anchor + WEEK * week) < origin and one != day]
        own = [one for week in range(-4, 5) if 0 <= (one := day + WEEK * week) < origin and one != day]
        usual = or_else(
            mean_over(self._normal_totals[:, around], 1),
            mean_over(self._normal_totals[:, own], 1),
        )
        return log_within(self._totals[:, day] / np.where(usual > 0, usual, np.nan), *_DAY)


def _day_totals(counts: Floats) -> Floats:
    """Return (S, D) the day's visitors, NaN for a day of which too little was measured."""
    seen = (~np.isnan(counts)).sum(axis=2)
    usual = np.zeros_like(seen)
    for weekday in range(WEEK):
        hours = np.where(seen[:, weekday::WEEK] > 0, seen[:, weekday::WEEK].astype(float), np.nan)
        usual[:, weekday::WEEK] = or_else(median_over(hours, 1), 24.0)[:, None]
    return np.where(seen >= np.maximum(1, _DAY_SEEN * usual), np.where(np.isnan(counts), 0, counts).sum(2), np.nan)
