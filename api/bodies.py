"""What the KPI API answers: its HTTP bodies."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from analytics.figure import Quality
from analytics.periods import PeriodName
from analytics.visits.funnel import StageName

Version = Annotated[int, Field(description="goes up when the formula changes: figures of two are not to be compared")]


class Problem(BaseModel):
    """RFC 9457: what went wrong and what to do."""

    type: str
    title: str
    status: int
    detail: str


class MetricOut(BaseModel):
    """One entry of the registry: what a figure means."""

    id: str
    name: str
    formula: str
    unit: str
    trap: str = Field(description="what it must not be mistaken for")
    version: Version
    source: str = Field(description="which of `sources` its SQL reads")
    sql: str = Field(description="one SELECT over the rows of `source`; NULL: not known")


class SourceOut(BaseModel):
    """Rows that metrics are computed from."""

    name: str
    needs: list[str] = Field(description="sources that its SQL reads under their names")
    sql: str


class MetricsOut(BaseModel):
    """The registry of figures."""

    metrics: list[MetricOut]
    sources: list[SourceOut] = Field(description="WITH name AS (…) for each in this order, then the metric's SQL")
    parameters: list[str] = Field(description="named parameters of the sources, as psycopg takes them: %(name)s")


class StoreOut(BaseModel):
    """One store; `id` is its code."""

    id: str
    name: str
    timezone: str = Field(description="IANA")
    currency: str = Field(description="ISO 4217; amounts are in it")
    region: str | None


class StoresOut(BaseModel):
    """Stores by their id."""

    stores: list[StoreOut]
    next_cursor: str | None


class FigureOut(BaseModel):
    """One number with all that must be said beside it."""

    value: float | None = Field(description="null: nobody measured it, or it is withheld; never 0 for that")
    low: float | None = Field(description="of the 95 % interval")
    high: float | None
    quality: Quality = Field(description="measured, or partial: less than 98 % of the opening time was counted")
    completeness: float | None = Field(description="share of the opening time that was counted; null: not known")
    definition: str = Field(description="id in /v1/metrics")
    version: Version
    unit: str
    as_of: datetime = Field(description="up to when it counts")
    withheld: bool = Field(description="kept back because too few people are in it, or in the cell beside it")


class PeriodOut(BaseModel):
    """Business days of the store, both ends included."""

    name: PeriodName
    first: date
    last: date
    days: int = Field(description="business days in it that have begun")
    days_withheld: int = Field(description="days left out of every figure because too few people were there")
    running: bool = Field(description="whether its last day is still going on")


class ChangeOut(BaseModel):
    """How much more than before, 0.1: 10 %; null where either side was not counted nearly in full."""

    visitors: float | None
    net_sales: float | None


class PreviousOut(BaseModel):
    """The same weekdays whole weeks before: the sums of the `pairs` of days that both sides have."""

    shift_days: int
    pairs: int
    figures: dict[str, FigureOut]
    change: ChangeOut


class KpiRow(BaseModel):
    """Figures of some business days, by definition."""

    first: date
    last: date
    figures: dict[str, FigureOut]


class KpisOut(BaseModel):
    """KPIs of a store, in one row or a row per day or week."""

    store: StoreOut
    period: PeriodOut
    grain: Literal["period", "day", "week"]
    rows: list[KpiRow]
    previous: PreviousOut | None
    next_cursor: str | None


class StageOut(BaseModel):
    """One stage of the funnel, counted on its own; `rate` is a share of the stage `rate_of`."""

    name: StageName
    count: FigureOut
    rate: FigureOut | None
    rate_of: StageName | None


class InconsistencyOut(BaseModel):
    """Two stages that cannot both be true."""

    code: str
    more: float
    less: float


class FunnelOut(BaseModel):
    """The funnel of a store over a period; nobody is followed, so stages may contradict each other."""

    store: StoreOut
    period: PeriodOut
    stages: list[StageOut]
    inconsistencies: list[InconsistencyOut]


class HourRow(BaseModel):
    """The funnel of one hour, or of the part of it in which the store was open."""

    from_: datetime = Field(serialization_alias="from")
    until: datetime
    business_date: date
    figures: dict[str, FigureOut]
    stages: list[StageOut]
    inconsistencies: list[InconsistencyOut]


class TogetherRow(BaseModel):
    """Hours that follow one another of which something is withheld, told as one."""

    from_: datetime = Field(serialization_alias="from")
    until: datetime
    business_date: date
    figures: dict[str, FigureOut]


class HoursOut(BaseModel):
    """The funnel of a store hour by hour, with conversion of the hour's sales and of the hour's visitors."""

    store: StoreOut
    period: PeriodOut
    lag: FigureOut = Field(description="half of the buyers pay within so many seconds of coming in")
    bounce: FigureOut = Field(description="the share who turn round at once, over the 12 weeks before")
    unique_visits: FigureOut = Field(description="visitors of the period without those who were only outside shortly")
    hours: list[HourRow]
    together: list[TogetherRow] = Field(
        description="runs of hours of few; they and all other hours are the whole day, so that its quiet hours count"
    )


class TrafficRow(BaseModel):
    """Who came in and went out in [from, until)."""

    from_: datetime = Field(serialization_alias="from")
    until: datetime
    business_date: date
    known_now: bool = Field(
        description="with as_of: its single rows are gone and the day has changed since, or was not recorded by then: "
        "what is known now is said, not what was then"
    )
    visitors: FigureOut
    leavers: FigureOut


class TrafficOut(BaseModel):
    """Traffic through a store's doors within its opening hours."""

    store: StoreOut
    period: PeriodOut
    grain: Literal["15min", "hour", "day"]
    rows: list[TrafficRow]
    next_cursor: str | None


class LineOut(BaseModel):
    """One counting line with its audits of the last 90 days."""

    line: str
    role: str
    audits: int
    last_audit_at: datetime | None
    accuracy_in: FigureOut
    accuracy_out: FigureOut
    found_in: FigureOut = Field(description="of those who came in, how many were counted")
    found_out: FigureOut
    genuine_in: FigureOut = Field(description="of those counted, how many had a person behind them")
    genuine_out: FigureOut


class BalanceOut(BaseModel):
    """In less out on the last finished day; plausible where the known errors explain it."""

    business_date: date
    difference: FigureOut
    plausible: bool


class FindingOut(BaseModel):
    """One thing that needs a person's attention."""

    code: str
    severity: Literal["act", "watch"]
    subject: str
    number: float | None
    since: datetime | None


class DayOut(BaseModel):
    """How much of a business day was counted."""

    business_date: date
    completeness: FigureOut


class EstimateOut(BaseModel):
    """Visitors that a line is likely to have missed on a day, beside those it counted."""

    line: str
    business_date: date
    hours: float = Field(description="of opening time in which its camera did not count")
    visitors: float
    low: float = Field(description="of the 95 % interval")
    high: float
    off: float = Field(description="the method's error on counted hours that were hidden from it (WAPE)")


class QualityOut(BaseModel):
    """How far a store's figures can be relied on."""

    store: StoreOut
    period: PeriodOut
    completeness: FigureOut
    days: list[DayOut]
    lines: list[LineOut]
    balance: BalanceOut | None
    estimates: list[EstimateOut] = Field(description="in force; none for keys outside the company")
    findings: list[FindingOut] = Field(description="of the last day of the period; none for keys outside the company")


class WeekHourOut(BaseModel):
    """One hour of a usual week; `hour` is the wall clock's, 24 and more after midnight of the business day."""

    weekday: int = Field(description="of the business day, 1: Monday")
    hour: int
    weeks: int = Field(description="weeks in which it was counted")
    visitors: FigureOut
    staff_on_floor: FigureOut
    star: FigureOut
    staff_needed: FigureOut
    power: bool = Field(description="whether it is one of the power hours")
    verdict: Literal["short", "enough", "spare"] | None = Field(description="null: cannot be told")


class TargetOut(BaseModel):
    """Where the store's own target comes from: the weekday on which conversion is highest."""

    weekday: int
    conversion: float
    star: float
    days: int = Field(description="of this weekday, within the last 8 weeks")


class StaffSalesOut(BaseModel):
    """Sales by one staff alias; null: orders that name nobody."""

    alias: str | None
    figures: dict[str, FigureOut]


class StaffingOut(BaseModel):
    """Visitors against staff hours."""

    store: StoreOut
    period: PeriodOut
    figures: dict[str, FigureOut]
    target: TargetOut | None = Field(description="null: fewer than 6 of any weekday in 8 weeks")
    hours: list[WeekHourOut] = Field(description="of a usual week; none in a period of fewer than 3 weeks")
    staff: list[StaffSalesOut] = Field(
        description="by alias; none unless the store shows such figures and the key has the scope staff"
    )


class CategoryOut(BaseModel):
    """One of the till's categories; null: lines without one."""

    category: str | None
    zones: list[str] = Field(description="where it lies")
    figures: dict[str, FigureOut]


class CategoriesOut(BaseModel):
    """The till's categories against the zones in which they lie."""

    store: StoreOut
    period: PeriodOut
    categories: list[CategoryOut]


class ExpectedOut(BaseModel):
    """Expected visitors with intervals; null: no interval is known yet, or withheld."""

    visitors: float | None
    low_80: float | None = Field(description="of the 80 % interval")
    high_80: float | None
    low_95: float | None = Field(description="of the 95 % interval")
    high_95: float | None
    withheld: bool = Field(description="kept back because too few are expected")


class ExpectedDayOut(ExpectedOut):
    """One business day to come; its interval is its own, not the sum of its hours'."""

    business_date: date


class ExpectedHourOut(ExpectedOut):
    """One open hour to come, of the store's wall clock."""

    from_: datetime = Field(serialization_alias="from")


_EXPECTED: dict[str, Any] = {
    "visitors": 31.4, "low_80": 24.0, "high_80": 40.2, "low_95": 19.1, "high_95": 49.8, "withheld": False,
}  # fmt: skip
_FORECAST: dict[str, Any] = {
    "store": {"id": "riverside", "name": "Riverside", "timezone": "Europe/Berlin", "currency": "EUR", "region": None},
    "reason": None, "as_of": "2026-11-21T02:15:00Z", "first_day": "2026-11-21", "model": "closed_form", "version": 1,
    "history_days": 400, "off": 0.15, "judged_hours": 308, "inside_80": 0.81, "inside_95": 0.95,
    "days": [{**_EXPECTED, "business_date": "2026-11-21", "visitors": 402.0, "low_80": 350.1, "high_80": 460.9,
              "low_95": 320.5, "high_95": 512.3}],
    "hours": [{**_EXPECTED, "from": "2026-11-21T09:00:00Z"}],
}  # fmt: skip


class ForecastOut(BaseModel):
    """The store's newest traffic forecast: 14 days, by day and by open hour."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FORECAST]})

    store: StoreOut
    reason: str | None = Field(
        description="why there is none: not_made, too_new (less than eight weeks), not_counted (nothing in ten weeks)"
    )
    as_of: datetime | None = Field(default=None, description="when it was made; it looks at nothing after `first_day`")
    first_day: date | None = None
    model: str | None = Field(default=None, description="closed_form or lightgbm")
    version: int | None = Field(default=None, description="goes up when the method changes")
    history_days: int | None = Field(default=None, description="days since the store was first counted")
    off: float | None = Field(default=None, description="by how much earlier ones were off in four weeks (WAPE)")
    judged_hours: int = Field(default=0, description="hours that `off` is from")
    inside_80: float | None = Field(default=None, description="share of these hours inside the 80 % interval")
    inside_95: float | None = None
    days: list[ExpectedDayOut]
    hours: list[ExpectedHourOut]
