"""Column names of every DataFrame this package returns."""

from typing import Final

SLICE: Final = "slice"
BUCKET: Final = "bucket"
SLOT: Final = "slot"
LINE_ID: Final = "line_id"
HOUR: Final = "hour"
STORE_ID: Final = "store_id"
CODE: Final = "code"
NAME: Final = "name"
BUSINESS_DATE: Final = "business_date"

INS: Final = "ins"
OUTS: Final = "outs"
STAFF_INS: Final = "staff_ins"
STAFF_OUTS: Final = "staff_outs"
PASSERS: Final = "passers"
GROUPED_INS: Final = "grouped_ins"
BUYING_UNITS: Final = "buying_units"
UP_S: Final = "up_s"
EXPECTED_S: Final = "expected_s"
LOST: Final = "lost"
DOORS_DOWN: Final = "doors_down"
STREET_UP_S: Final = "street_up_s"
STREET_EXPECTED_S: Final = "street_expected_s"
STREETS_DOWN: Final = "streets_down"

TRANSACTIONS: Final = "transactions"
REFUNDS: Final = "refunds"
NET_SALES: Final = "net_sales"
UNITS: Final = "units"
TILL_KNOWN: Final = "till_known"

AT: Final = "at"
ZONE: Final = "zone"
ROLE: Final = "role"
DWELL_S: Final = "dwell_s"
CENSORED: Final = "censored"
ENGAGED: Final = "engaged"
WAIT_S: Final = "wait_s"
SERVED: Final = "served"
LENGTH: Final = "length"

LOW: Final = "low"
HIGH: Final = "high"
MEDIAN: Final = "median"

#: Columns of a row of facts that may be added up over days and stores.
ADDITIVE: Final = (
    INS, OUTS, STAFF_INS, PASSERS, GROUPED_INS, BUYING_UNITS, UP_S, EXPECTED_S, DOORS_DOWN, STREET_UP_S,
    STREET_EXPECTED_S, STREETS_DOWN, TRANSACTIONS, REFUNDS, NET_SALES, UNITS,
)  # fmt: skip
