"""What the KPI API answers of the till's queue and of who is inside."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.bodies import FigureOut, PeriodOut, StoreOut


class QueueRow(BaseModel):
    """The queues over some business days, or over one hour of each of them; figures by definition."""

    first: date
    last: date
    hour: int | None = Field(
        description="grain=hour: of the wall clock, 24 and more after midnight of the business day; else null"
    )
    figures: dict[str, FigureOut]


class QueueNowOut(BaseModel):
    """The queues at this moment; waits of those who were served in the last 30 minutes."""

    queue_length: FigureOut
    queue_wait_p50: FigureOut
    queue_wait_p90: FigureOut


class QueueOut(BaseModel):
    """The queues of a store over days that are over."""

    store: StoreOut
    period: PeriodOut
    grain: Literal["period", "day", "hour"]
    since: date | None = Field(description="the first day of the period of which waits are kept: 90 days; null: none")
    now: QueueNowOut | None = Field(
        description="where the period reaches up to now and the shop is open; null with as_of, and for keys outside"
    )
    rows: list[QueueRow] = Field(
        description="days, and hours of a day, of fewer than k people are left out of all but how many queued; an hour "
        "of a whole calendar week is judged by the week"
    )
    next_cursor: str | None


class OccupancyRow(BaseModel):
    """People inside at the end of an hour, or of the part of it in which the store was open."""

    until: datetime
    business_date: date
    occupancy: FigureOut


class PeakOut(BaseModel):
    """When most people were inside on a business day, of the moments that are told."""

    business_date: date
    occupancy: FigureOut


class OccupancyOut(BaseModel):
    """Who was inside: came in less went out since the shop opened."""

    store: StoreOut
    period: PeriodOut
    now: FigureOut | None = Field(
        description="where the period reaches up to now and the shop is open; null with as_of, and for keys outside"
    )
    peaks: list[PeakOut] = Field(description="of the days in `rows`")
    rows: list[OccupancyRow]
    next_cursor: str | None
