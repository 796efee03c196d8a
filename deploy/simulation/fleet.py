"""The fleet: stores that a person might run, and what is mounted in each.

Every store has a box `front` with four cameras: `entrance` (line `door`), `street` (line `street`), `floor` (zones
`new-arrivals` and `accessories`) and `checkout` (zone `checkout`). A store with a second door has a box `side` too.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from contract.messages import LineInfo, ZoneInfo
from deploy.simulation.errors import SimulationError
from deploy.simulation.model import DayShape

#: Opening and closing minute of a day after local midnight, beyond 1440 after the next one; None: closed.
Hours = tuple[tuple[int, int] | None, ...]

DOOR: Final = "door"
SIDE_DOOR: Final = "side-door"
STREET: Final = "street"
CHECKOUT: Final = "checkout"
ENGAGEMENT_ZONES: Final = ("new-arrivals", "accessories")
FLOOR_CAMERA: Final = "floor"
#: Which of the till's categories lie in which zone; the till has one more that lies nowhere in view.
ZONE_CATEGORIES: Final = MappingProxyType({"new-arrivals": ("dresses", "tops"), "accessories": ("bags", "jewellery")})
ELSEWHERE: Final = "basics"


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """One device and what it counts."""

    device: str
    lines: tuple[LineInfo, ...]
    zones: tuple[ZoneInfo, ...] = ()

    @property
    def cameras(self) -> tuple[str, ...]:
        """Return its cameras, each once."""
        named = [info.camera for info in self.lines] + [info.camera for info in self.zones]
        return tuple(dict.fromkeys(named))


FRONT_BOX: Final = Box(
    device="front",
    lines=(
        LineInfo(line=DOOR, role="entrance", camera="entrance"),
        LineInfo(line=STREET, role="pass_by", camera="street"),
    ),
    zones=(
        *(ZoneInfo(zone=zone, role="engagement", camera=FLOOR_CAMERA) for zone in ENGAGEMENT_ZONES),
        ZoneInfo(zone=CHECKOUT, role="queue", camera="checkout"),
    ),
)
SIDE_BOX: Final = Box(device="side", lines=(LineInfo(line=SIDE_DOOR, role="entrance", camera="side-entrance"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreProfile:
    """One store: who it is and how busy.

    Attributes:
        visitors: mean visitors on an average open day, before trend.
        passers_per_visitor: people who walk past for each who enters.
        conversion: share of buying units that want to buy, at noon.
        price: median price of one unit, tax not included, in `currency`.
        tax: tax rate that the till states beside the net amount.
        growth: relative growth of traffic in a year.
    """

    code: str
    name: str
    region: str
    timezone: str
    currency: str
    opened_on: date
    hours: Hours
    visitors: float
    shape: DayShape
    price: float
    tax: float
    passers_per_visitor: float = 3.0
    conversion: float = 0.36
    tills: int = 1
    staff: int = 4
    side_door: bool = False
    growth: float = 0.0

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Return the devices mounted here."""
        return (FRONT_BOX, SIDE_BOX) if self.side_door else (FRONT_BOX,)


def week(opens: str, closes: str, *, weekend: tuple[str, str] | None = None, sunday: bool = True) -> Hours:
    """Return weekly hours from "HH:MM" texts; a closing time that is not after the opening is on the next day."""
    workday = _span(opens, closes)
    saturday = _span(*weekend) if weekend else workday
    return (workday,) * 5 + (saturday, saturday if sunday else None)


def _span(opens: str, closes: str) -> tuple[int, int]:
    start, end = (int(hour) * 60 + int(minute) for hour, minute in (opens.split(":"), closes.split(":")))
    return start, end if end > start else end + 1440


def fleet(stores: int) -> tuple[StoreProfile, ...]:
    """Return the first `stores` stores.

    Raises:
        SimulationError: fewer than one or more than there are.
    """
    every = tuple(_stores())
    if not 1 <= stores <= len(every):
        raise SimulationError(f"expected 1 to {len(every)} simulated stores, got {stores}")
    return every[:stores]


def _stores() -> Iterator[StoreProfile]:
    yield StoreProfile(
        code="nanjing-road", name="Nanjing Road", region="East China", timezone="Asia/Shanghai", currency="CNY",
        opened_on=date(2019, 4, 12), hours=week("10:00", "22:00"), visitors=330, shape="leisure", price=168, tax=0.13,
        passers_per_visitor=3.6, staff=6, side_door=True, growth=0.04,
    )  # fmt: skip
    yield StoreProfile(
        code="xidan", name="Xidan", region="North China", timezone="Asia/Shanghai", currency="CNY",
        opened_on=date(2020, 9, 26), hours=week("10:00", "21:30", weekend=("10:00", "22:00")), visitors=290,
        shape="leisure", price=155, tax=0.13, staff=5,
    )  # fmt: skip
    yield StoreProfile(
        code="causeway-bay", name="Causeway Bay", region="Hong Kong", timezone="Asia/Hong_Kong", currency="HKD",
        opened_on=date(2018, 11, 3), hours=week("12:00", "00:30", weekend=("11:00", "01:00")), visitors=310,
        shape="evening", price=195, tax=0.0, passers_per_visitor=4.2, staff=5, growth=-0.05,
    )  # fmt: skip
    yield StoreProfile(
        code="kurfuerstendamm", name="Kurfürstendamm", region="Europe", timezone="Europe/Berlin", currency="EUR",
        opened_on=date(2021, 6, 17), hours=week("10:00", "20:00", sunday=False), visitors=230, shape="office",
        price=32, tax=0.19, conversion=0.33, staff=3,
    )  # fmt: skip
    yield StoreProfile(
        code="tianhe", name="Tianhe", region="South China", timezone="Asia/Shanghai", currency="CNY",
        opened_on=date(2022, 1, 15), hours=week("10:00", "22:00", weekend=("10:00", "22:30")), visitors=280,
        shape="office", price=142, tax=0.13, staff=5, growth=0.10,
    )  # fmt: skip
    yield StoreProfile(
        code="connaught-place", name="Connaught Place", region="South Asia", timezone="Asia/Kolkata", currency="INR",
        opened_on=date(2023, 3, 4), hours=week("10:30", "21:30"), visitors=260, shape="leisure", price=1450, tax=0.12,
        passers_per_visitor=3.4, conversion=0.30, staff=5, growth=0.12,
    )  # fmt: skip
    yield StoreProfile(
        code="fifth-avenue", name="Fifth Avenue", region="North America", timezone="America/New_York", currency="USD",
        opened_on=date(2017, 5, 20), hours=week("10:00", "21:00", weekend=("10:00", "20:00")), visitors=270,
        shape="leisure", price=41, tax=0.08875, passers_per_visitor=3.8, staff=4, side_door=True,
    )  # fmt: skip
    yield StoreProfile(
        code="chunxi-road", name="Chunxi Road", region="West China", timezone="Asia/Shanghai", currency="CNY",
        opened_on=date(2025, 8, 9), hours=week("10:30", "22:00", weekend=("10:00", "22:30")), visitors=240,
        shape="evening", price=136, tax=0.13, conversion=0.39, staff=4, growth=0.18,
    )  # fmt: skip
    yield from _more_stores()


def _more_stores() -> Iterator[StoreProfile]:
    rows: tuple[tuple[str, str, str, str, str, float, float, DayShape, float], ...] = (
        ("wangfujing", "Wangfujing", "North China", "Asia/Shanghai", "CNY", 160, 0.13, "leisure", 275),
        ("oxford-street", "Oxford Street", "Europe", "Europe/London", "GBP", 27, 0.20, "office", 300),
        ("xinjiekou", "Xinjiekou", "East China", "Asia/Shanghai", "CNY", 148, 0.13, "evening", 250),
        ("orchard-road", "Orchard Road", "South-East Asia", "Asia/Singapore", "SGD", 46, 0.09, "evening", 260),
        ("jiefangbei", "Jiefangbei", "West China", "Asia/Shanghai", "CNY", 131, 0.13, "evening", 235),
        ("le-marais", "Le Marais", "Europe", "Europe/Paris", "EUR", 35, 0.20, "leisure", 215),
        ("pitt-street", "Pitt Street", "Oceania", "Australia/Sydney", "AUD", 52, 0.10, "office", 225),
        ("thamel", "Thamel", "South Asia", "Asia/Kathmandu", "NPR", 1900, 0.13, "leisure", 205),
        ("gran-via", "Gran Vía", "Europe", "Europe/Madrid", "EUR", 30, 0.21, "evening", 245),
        ("michigan-avenue", "Michigan Avenue", "North America", "America/Chicago", "USD", 39, 0.1025, "leisure", 240),
        ("shinsaibashi", "Shinsaibashi", "Japan", "Asia/Tokyo", "JPY", 4200, 0.10, "leisure", 290),
        ("queen-street", "Queen Street", "North America", "America/Toronto", "CAD", 45, 0.13, "office", 220),
    )
    for number, (code, name, region, timezone, currency, price, tax, shape, visitors) in enumerate(rows):
        yield StoreProfile(
            code=code, name=name, region=region, timezone=timezone, currency=currency,
            opened_on=date(2018 + number % 8, 1 + number, 8), hours=week("10:00", "21:00"), visitors=visitors,
            shape=shape, price=price, tax=tax,
        )  # fmt: skip
