"""What the KPI API answers of zones: the funnel of each."""

from pydantic import BaseModel, Field

from analytics.visits.zone_funnel import ZoneStageName
from api.bodies import FigureOut, InconsistencyOut, PeriodOut, StoreOut


class ZoneStageOut(BaseModel):
    """One stage of a zone; its rate is a share of the stage before."""

    name: ZoneStageName
    count: FigureOut
    rate: FigureOut | None


class ZoneOut(BaseModel):
    """One zone's funnel, each stage counted on its own."""

    zone: str
    categories: list[str] = Field(description="what lies in it")
    stages: list[ZoneStageOut]
    inconsistencies: list[InconsistencyOut] = Field(description="bought_over_visited: more sales than visits")


class ZonesOut(BaseModel):
    """The zones of a store, by name."""

    store: StoreOut
    period: PeriodOut
    zones: list[ZoneOut]
