"""What the KPI API answers of comparisons and targets: what changed and why, places among stores, targets met."""

from datetime import date
from typing import Literal

from pydantic import BaseModel, Field

from analytics.periods import PeriodName
from api.bodies import FigureOut, PeriodOut, StoreOut

Against = Literal["previous", "year"]
By = Literal["weekday", "holiday"]
TakesPart = Literal["yes", "open_too_short", "not_counted_in_full"]


class ExplainedOut(BaseModel):
    """A change in net sales told apart: change_visitors + … + change_rest = change_sales, in `currency`."""

    currency: str
    stores: int = Field(description="with sales on both sides")
    share: float | None = Field(description="the change as a share of the sales before, 0.1: 10 %")
    figures: dict[str, FigureOut]


class PairOut(BaseModel):
    """A day, and the day that it is compared with."""

    day: date
    compared_with: date
    by: By = Field(description="what they have in common")


class LikeForLikeOut(BaseModel):
    """Growth against a year before, of stores open for 12 months and counted in full both times."""

    stores: int = Field(description="that take part")
    of: int
    holidays: bool = Field(description="whether holidays are known here, so that they meet themselves")
    visitors: FigureOut
    sales: list[ExplainedOut] = Field(description="one for each currency")


class SideOut(BaseModel):
    """Figures of the days of one side that have sales on the other, too."""

    figures: dict[str, FigureOut]


class ChangeOfStoreOut(BaseModel):
    """What changed in a store and why."""

    store: StoreOut
    period: PeriodOut
    against: Against
    pairs: list[PairOut] = Field(description="days that both sides have")
    explained: ExplainedOut | None = Field(description="null: no day has sales on both sides")
    after: SideOut | None
    before: SideOut | None
    like_for_like: LikeForLikeOut | None = Field(description="with against=year")
    takes_part: TakesPart | None = Field(description="in like for like; with against=year")


class PlaceOut(BaseModel):
    """Places that a store may hold: `value` and `low` are the best of them, `high` the worst; 1 is the highest."""

    place: FigureOut
    of: int
    level_with: int = Field(description="stores whose interval overlaps its own: which of them is better nobody knows")


class PlacedOut(BaseModel):
    """One store beside the others that the key may see."""

    store: str
    currency: str
    period: PeriodOut
    figures: dict[str, FigureOut] = Field(description="conversion, by which it is ranked, and why its sales changed")
    share: float | None = Field(description="the change in net sales as a share, 0.1: 10 %")
    place: PlaceOut | None = Field(description="null: counted in part, without an interval, or alone")
    peers: list[str] = Field(description="of its kind, class of city and about its size; none below three")
    place_among_peers: PlaceOut | None
    outlier: Literal["high", "low"] | None = Field(description="beyond what a store of its size has by chance")
    like_for_like: TakesPart


class ShiftedOut(PairOut):
    """A day that is compared with another than the one 364 days before."""

    country: str = Field(description="ISO 3166, by the store's time zone")


class ComparisonOut(BaseModel):
    """The stores that the key may see beside each other, and together against their own past."""

    name: PeriodName
    explained: list[ExplainedOut] = Field(description="against the same weekdays before, one for each currency")
    like_for_like: LikeForLikeOut
    shifted: list[ShiftedOut] = Field(description="of like for like; all other days meet the one 364 days before")
    outliers: FigureOut
    stores: list[PlacedOut]
    next_cursor: str | None


class PlanOut(BaseModel):
    """Targets of a figure from a day on, until the next ones begin."""

    definition: str = Field(description="footfall, conversion or net_sales")
    valid_from: date
    by_weekday: list[float | None] = Field(description="Monday to Sunday, of a day; null: none on that weekday")


class MetOut(BaseModel):
    """How far a target is met, over the days that have one and were measured."""

    reached: FigureOut
    target: float = Field(description="of these days together; of a rate, each day's as its visitors weigh")
    share: float | None = Field(description="reached ÷ target")
    days: int


class StoreTargetsOut(BaseModel):
    """A store's targets, and how far they are met."""

    store: StoreOut
    period: PeriodOut
    plans: list[PlanOut] = Field(description="all of them, past and to come")
    met: list[MetOut] = Field(description="over the days of the period that are over")
    today: list[MetOut] = Field(description="of the day of the period that is going on")
    month: list[MetOut] = Field(description="over the days that are over of the month of the last one that is")
