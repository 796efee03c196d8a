"""What the KPI API answers of zones: the funnel of each, ways between them, and where people were."""

from pydantic import BaseModel, Field

from analytics.visits.zone_funnel import ZoneStageName
from api.bodies import FigureOut, InconsistencyOut, PeriodOut, StoreOut


class ZoneStageOut(BaseModel):
    """One stage of a zone; its rate is a share of the stage before."""

    name: ZoneStageName
    count: FigureOut
    rate: FigureOut | None


class ZoneOut(BaseModel):
    """One zone's funnel, each stage counted on its own, and how long stays in it were."""

    zone: str
    categories: list[str] = Field(description="what lies in it")
    stages: list[ZoneStageOut]
    dwell_p50: FigureOut
    dwell_p90: FigureOut
    inconsistencies: list[InconsistencyOut] = Field(description="bought_over_visited: more sales than visits")


class ZonesOut(BaseModel):
    """The zones of a store, by name."""

    store: StoreOut
    period: PeriodOut
    zones: list[ZoneOut]


class StepOut(BaseModel):
    """How many went from one zone straight to another; null is outside."""

    from_: str | None = Field(serialization_alias="from")
    to: str | None
    people: FigureOut


class WarmthOut(BaseModel):
    """How long people were in one camera's picture, added up."""

    camera: str
    warmth: FigureOut


class FlowsOut(BaseModel):
    """Steps between zones, and in and out of them; and where people were."""

    store: StoreOut
    period: PeriodOut
    steps: list[StepOut] = Field(description="most people first")
    held_back: int = Field(
        description="how many more ways there were, withheld because few went; a day of few is left out of each"
    )
    known_share: float | None = Field(description="of the stays, to how many the step there was seen")
    warmth: list[WarmthOut] = Field(
        description="by camera; days on which few came in or stayed in its zones are left out; none for keys outside"
    )
