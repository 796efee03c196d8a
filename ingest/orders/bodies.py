"""What is sent and answered: the HTTP bodies of the orders API."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag
from pydantic_core import PydanticCustomError

ORDERS_MAX = 1_000
LINES_MAX = 1_000
_NO_CONTROL = r"^[^\x00-\x1f\x7f]+$"

Slug = Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$")]
Text = Annotated[str, Field(min_length=1, max_length=100, pattern=_NO_CONTROL)]
Amount = Annotated[Decimal, Field(max_digits=14, decimal_places=2, allow_inf_nan=False)]


def _with_offset(value: object) -> object:
    if not isinstance(value, str):
        raise PydanticCustomError("instant", "expected text such as 2026-11-21T14:03:00+01:00")
    try:
        naive = datetime.fromisoformat(value).tzinfo is None
    except ValueError:
        return value  # pydantic says what is wrong with it
    if naive:
        raise PydanticCustomError(
            "instant_naive",
            "expected an instant with its offset such as 2026-11-21T14:03:00+01:00 or …Z: without one nobody knows "
            "when it was",
        )
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_with_offset)]


class LineIn(BaseModel):
    """One line of an order: what was sold, how much of it and for how much."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product: Text = Field(description="the till's number or name of the product")
    category: Text | None = Field(None, description="the till's category, as zones are compared with")
    units: Annotated[Decimal, Field(max_digits=12, decimal_places=3, allow_inf_nan=False)] = Field(
        description="pieces, or kilograms and the like; taken back: negative"
    )
    net: Amount = Field(description="after discounts, taxed or not as the order's net is")


class OrderIn(BaseModel):
    """One order at a till. Amounts in the store's currency; a refund's amounts and units are zero or negative."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    store: Slug = Field(description="the store's code")
    source: Slug = Field(description="the till system; with external_id it tells orders apart")
    external_id: Text = Field(description="the till's own number")
    version: int = Field(ge=0, le=2**63 - 1, description="the till's own; of one order the highest is kept")
    kind: Literal["sale", "refund", "exchange", "void"]
    original_external_id: Text | None = Field(None, description="the sale that a refund or exchange belongs to")
    business_date: date | None = Field(None, description="absent: worked out from closed_at and the opening hours")
    closed_at: Instant = Field(description="when it was paid, with offset")
    gross: Amount = Field(description="before discount")
    discount: Amount = Field(Decimal(0), description="same sign as gross")
    tax: Amount = Field(Decimal(0), description="stated beside, whether net includes it or not")
    net: Amount = Field(description="gross − discount")
    currency: str = Field(pattern=r"^[A-Z]{3}$", description="ISO 4217, the store's")
    units: int = Field(ge=-100_000, le=100_000, description="pieces sold; taken back: negative")
    channel: Literal["in_store", "pickup", "online", "delivery"] = "in_store"
    register_: Text | None = Field(None, alias="register", description="which till")
    staff_ref: Text | None = Field(None, description="who served, as the till calls them")
    customer_ref: Annotated[str, Field(min_length=1, max_length=200)] | None = Field(
        None, description="loyalty number or the like; kept only as a keyed hash"
    )
    is_test: bool = Field(False, description="a training or test order: counts nowhere")
    lines: Annotated[list[LineIn], Field(max_length=LINES_MAX)] | None = Field(
        None,
        description="absent: the till does not say, or not yet; what comes later under the same version is kept",
    )


def _shape(value: Any) -> str:
    return "many" if isinstance(value, list) else "one"


OneOrMany = Annotated[
    Annotated[OrderIn, Tag("one")] | Annotated[list[OrderIn], Field(min_length=1, max_length=ORDERS_MAX), Tag("many")],
    Discriminator(_shape),
]


class Result(BaseModel):
    """What became of one order; `ignored`: this version, or a higher one, is here already."""

    source: str
    external_id: str
    version: int
    outcome: Literal["created", "updated", "ignored"]
    kept_version: int = Field(description="the version that is here now")
    differs: bool = Field(
        False,
        description="ignored, and what is here says something else. Under the same version that is a mistake: "
        "a correction needs a higher one",
    )


class Results(BaseModel):
    """What became of each order, in the order they came."""

    orders: list[Result]


class OrderOut(BaseModel):
    """One order as it is kept."""

    store: str
    source: str
    external_id: str
    version: int
    kind: str
    original_external_id: str | None
    business_date: date
    closed_at: datetime
    gross: Decimal
    discount: Decimal
    tax: Decimal
    net: Decimal
    currency: str
    units: int
    channel: str
    register_: str | None = Field(serialization_alias="register")
    staff_ref: str | None
    customer_hash: str | None = Field(description="keyed hash of the customer reference")
    is_test: bool


class Page(BaseModel):
    """Orders by closed_at; `next_cursor` is null on the last page."""

    orders: list[OrderOut]
    next_cursor: str | None


class ItemProblem(BaseModel):
    """What is wrong with one field of one order; `index` counts from 0, `field` is null where it is the whole."""

    index: int
    field: str | None
    message: str


class Problem(BaseModel):
    """RFC 9457: what went wrong and what to do."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[ItemProblem] = []


EXAMPLES: dict[str, Any] = {
    "sale": {
        "summary": "One sale",
        "value": {
            "store": "riverside", "source": "till", "external_id": "2026-000481", "version": 1, "kind": "sale",
            "closed_at": "2026-11-21T14:03:00+01:00", "gross": "64.90", "discount": "5.00", "tax": "9.56",
            "net": "59.90", "currency": "EUR", "units": 3, "register": "till-1", "customer_ref": "card-77120",
            "lines": [
                {"product": "mug-blue", "category": "kitchen", "units": "2", "net": "19.90"},
                {"product": "lamp-12", "category": "light", "units": "1", "net": "40.00"},
            ],
        },
    },
    "batch": {
        "summary": "A sale and the refund of one of its pieces",
        "value": [
            {
                "store": "riverside", "source": "till", "external_id": "2026-000482", "version": 1, "kind": "sale",
                "closed_at": "2026-11-21T14:07:30+01:00", "gross": "40.00", "net": "40.00", "currency": "EUR",
                "units": 2,
            },
            {
                "store": "riverside", "source": "till", "external_id": "2026-000490", "version": 1, "kind": "refund",
                "original_external_id": "2026-000482", "closed_at": "2026-11-21T16:20:00+01:00", "gross": "-20.00",
                "net": "-20.00", "currency": "EUR", "units": -1,
            },
        ],
    },
}  # fmt: skip
