"""The ledger batch as pydantic models, as strict as the contract's: what the codec benchmark compares with."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from contract.types import NAME_PATTERN

# pydantic's engine knows no look-ahead; without it the pattern does the same work.
_Name = Annotated[str, Field(min_length=1, max_length=40, pattern=NAME_PATTERN.replace(r"(?!\n)", ""))]
_Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
_Seq = Annotated[int, Field(ge=1, le=2**53 - 1)]


class _Twin(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Crossing(_Twin):
    """One person crossed a line."""

    kind: Literal["crossing"]
    at: AwareDatetime
    line: _Name
    direction: Literal["in", "out"]
    staff: bool | None = None
    group_size: Annotated[int, Field(ge=1, le=50)] | None = None


class ZoneVisit(_Twin):
    """One stay in a zone ended."""

    kind: Literal["zone_visit"]
    at: AwareDatetime
    zone: _Name
    dwell_s: Annotated[float, Field(ge=0, le=604_800)]
    censored: bool = False
    staff: bool | None = None


class Occupancy(_Twin):
    """So many people in a zone."""

    kind: Literal["occupancy"]
    at: AwareDatetime
    zone: _Name
    people: _Count


class Register(_Twin):
    """A line's cumulative counts."""

    kind: Literal["register"]
    at: AwareDatetime
    line: _Name
    in_total: _Count
    out_total: _Count


class Batch(_Twin):
    """One contiguous run of ledger entries."""

    v: Literal[1] = 1
    store: _Name
    device: _Name
    epoch: UUID
    first_seq: _Seq
    last_seq: _Seq
    sent_at: AwareDatetime
    entries: Annotated[
        list[Annotated[Crossing | ZoneVisit | Occupancy | Register, Field(discriminator="kind")]],
        Field(min_length=1, max_length=2_000),
    ]
