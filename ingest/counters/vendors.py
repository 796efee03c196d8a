"""The makers whose counters are understood."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias, get_args

from ingest.counters.axis import Axis
from ingest.counters.milesight import Milesight
from ingest.counters.onvif import Onvif
from ingest.counters.protocol import Vendor
from ingest.counters.xovis import Xovis

VendorName: TypeAlias = Literal["axis", "milesight", "onvif", "xovis"]
VENDOR_NAMES: Final[tuple[VendorName, ...]] = get_args(VendorName)
VENDORS: Final[Mapping[str, Vendor]] = {
    "axis": Axis(),
    "milesight": Milesight(),
    "onvif": Onvif(),
    "xovis": Xovis(),
}
