"""The simulation's model: every parameter, in one frozen dataclass.

A store's day is drawn from the seed, the store and the business date alone, so any day can be drawn again, in any
order, with the same result (for one version of numpy and of this package).

    expected visitors   store.visitors × weekday × trend(date) × day noise           Γ, mean 1, cv `day_cv`
    per 15 minutes      × day shape at local time (normalised) × slot noise          Γ, mean 1, cv `slot_cv`
    buying units        Poisson(expected ÷ mean group size): negative binomial with the noise
    group size          1…4 with `group_shares`; members cross the door one after the other
    passers-by          Poisson(expected × store.passers_per_visitor); one crossing of the street line each; who
                        enters does not cross it
    browsing            lognormal(`browse_median_s`, `browse_sigma`) per group, cut at closing
    zone stays          each group visits zone i with `zone_shares[i]`, its members together; dwell lognormal, inside
                        the browsing time, one zone after the other
    checkout            a unit wants to buy with store.conversion × `conversion_by_shape`(hour); one member joins
                        the queue after browsing: first come first served at store.tills, patience exponential
    purchase            closes after the service time; units 1 + Poisson; price lognormal; each unit of one of five
                        categories, twice as likely one that lies in a zone where somebody of the group was; served by
                        one of the staff on the floor, each as likely
    leaving             after the purchase, the abandoned queue, or browsing; nobody is inside at closing time
    staff               all day, or its first or last part, with one break; each of them crosses the door; staff=True
    outages             a camera is dark for a while with `outage_share` per camera and day: what happens then is not
                        counted, the stay in a zone that it interrupts is censored, uptime says so
    miscounts           each who crosses is missed with the line's `miss_share` of the day, and followed by a count of
                        nobody with its `double_share`; on `audit_share` of days a person taps along for an hour

What really happened is the *truth*; what the cameras saw of it is *counted*. Without outages both are equal. Expected
values for validating statistics: `deploy.simulation.traffic.expected_visitors`, and the formulas above.
"""

from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final, Literal

DayShape = Literal["office", "leisure", "evening"]

#: Raised with each change that makes the same seed draw other days.
MODEL_VERSION: Final = 3

#: Relative traffic at local hours, linear between; hours beyond 24 are after midnight of the same business day.
DAY_SHAPES: Final = MappingProxyType(
    {
        "office": ((8, 0.3), (10, 0.5), (12, 1.5), (14, 0.9), (16, 0.8), (18, 1.6), (20, 1.0), (22, 0.3), (26, 0.1)),
        "leisure": ((8, 0.1), (10, 0.4), (13, 1.0), (15, 1.4), (17, 1.5), (19, 1.2), (21, 0.7), (22, 0.3), (26, 0.1)),
        "evening": ((8, 0.1), (11, 0.3), (14, 0.7), (17, 1.0), (20, 1.7), (22, 1.4), (24, 0.7), (26, 0.2)),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """What all stores have in common. Shares are probabilities; `cv` is standard deviation ÷ mean.

    Attributes:
        weekday: relative traffic from Monday to Sunday; a store normalises it over its open days.
        trend_origin: the day on which growth and wave start (factor 1).
        wave: amplitude of a slow sine over `wave_days`, its phase differs by store.
        day_cv: noise common to a whole store-day.
        slot_cv: noise of each 15 minutes.
        group_shares: shares of group sizes 1, 2, 3, 4.
        side_door_share: of groups, where a store has a second door, for coming and for leaving.
        browse_median_s: median time from entering to leaving or to the queue.
        browse_sigma: its lognormal sigma.
        browse_min_s: shortest such time.
        zone_shares: of groups who stop in each engagement zone.
        zone_median_s: median stay in each engagement zone.
        zone_sigma: their lognormal sigma.
        conversion_evening: factor on conversion at 20:00 relative to noon, linear by hour.
        service_median_s: median time at the till.
        service_sigma: its lognormal sigma.
        patience_s: mean patience in the queue, exponential.
        last_entry_s: nobody enters in so many seconds before closing.
        last_join_s: nobody joins the queue in so many seconds before closing.
        extra_units: mean of units beyond the first.
        price_sigma: lognormal sigma of the price of one unit.
        discount_share: of sales that carry a discount.
        discount_rates: rates that are drawn from.
        refund_share: of sales that come back, the same day, as a refund of everything.
        void_share: of sales that are entered and voided (no person's purchase).
        test_share: of days with a test order before opening.
        online_share: orders bought online for each in-store purchase.
        member_share: of in-store sales that carry a customer reference.
        members: loyal customers per store that references are drawn from, squarely skewed to a few.
        staff_early_s: staff enters at most so long before opening and leaves at most so long after closing.
        outage_share: per camera and day.
        outage_median_s: median length of an outage.
        miss_share: of people who cross a line, on average over lines; 0: cameras miss nobody.
        double_share: counts with nobody behind them, per person who crosses.
        sight_spread: how far a line's own rates lie from both, at most, as a share.
        sight_drift: how far they wander over the months, as a share.
        audit_share: of lines and days with an hour's audit, where cameras miscount.
        history_period_s: cadence of registers, uptime and occupancy in the past; at most 900.
        history_queue_s: cadence of queue samples in the past.
        live_period_s: cadence of all of them from the first day of the live run.
        heat_columns: columns of the heat grid.
        heat_rows: rows of the heat grid.
    """

    weekday: tuple[float, ...] = (0.82, 0.82, 0.88, 0.95, 1.12, 1.35, 1.22)
    trend_origin: date = date(2026, 1, 5)
    wave: float = 0.06
    wave_days: float = 112.0
    day_cv: float = 0.07
    slot_cv: float = 0.15
    group_shares: tuple[float, ...] = (0.62, 0.26, 0.08, 0.04)
    side_door_share: float = 0.35
    browse_median_s: float = 480.0
    browse_sigma: float = 0.7
    browse_min_s: float = 40.0
    zone_shares: tuple[float, ...] = (0.5, 0.32)
    zone_median_s: tuple[float, ...] = (42.0, 65.0)
    zone_sigma: float = 0.9
    conversion_evening: float = 1.15
    service_median_s: float = 165.0
    service_sigma: float = 0.45
    patience_s: float = 1_200.0
    last_entry_s: float = 720.0
    last_join_s: float = 600.0
    extra_units: float = 0.8
    price_sigma: float = 0.6
    discount_share: float = 0.15
    discount_rates: tuple[float, ...] = (0.1, 0.2, 0.3)
    refund_share: float = 0.02
    void_share: float = 0.005
    test_share: float = 0.1
    online_share: float = 0.08
    member_share: float = 0.45
    members: int = 2_000
    staff_early_s: float = 2_400.0
    outage_share: float = 0.012
    outage_median_s: float = 5_400.0
    miss_share: float = 0.0
    double_share: float = 0.0
    sight_spread: float = 0.6
    sight_drift: float = 0.15
    audit_share: float = 0.3
    history_period_s: int = 900
    history_queue_s: int = 300
    live_period_s: int = 60
    heat_columns: int = 16
    heat_rows: int = 9

    @property
    def group_mean(self) -> float:
        """Return the mean group size."""
        return sum(size * share for size, share in enumerate(self.group_shares, start=1))


DEFAULT_MODEL: Final = Model()
#: With cameras that miss one in 25 and count one in 50 that is nobody.
MISCOUNTING: Final = Model(miss_share=0.04, double_share=0.02)
