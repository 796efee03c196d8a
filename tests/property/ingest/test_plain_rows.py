"""Plain rows are understood by the column as they are one by one: the same orders, and no row taken that is refused."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ingest.orders.bodies import OrderIn
from ingest.orders.book import Terms, customer_hash
from ingest.orders.checks import KnownStore, check
from ingest.orders.keys import EVERY_STORE
from ingest.orders.plain_rows import COLUMNS, NOTHING, PlainRows
from ingest.orders.problems import ProblemError
from ingest.orders.till_csv import FIELDS, Layout, RowReader
from tests.support.tills import HASH_SECRET

STORE = KnownStore(7, "EUR")
TERMS = Terms(hash_secret=HASH_SECRET.encode(), now=datetime(2026, 11, 21, 12, tzinfo=UTC), ahead=timedelta(days=1))
NUMBERS = ("gross", "discount", "tax", "net")

TEXTS = st.sampled_from(["", "A1", " A1 ", "Größe 3", "till \\ 3", "a\tb", "a\nb", "\\N", "x" * 100, "x" * 101, "\x7f"])
AMOUNTS = st.sampled_from(
    ["", "0", "-0.00", "12.50", "12.5", "2.50", "10", "10.00", "-12.50", "+3", "1,234", "1.234", "12,50", "1e3", ".5",
     "999999999999.99", "9999999999999.99", " 7.00 ", "soon", "٣"]
) | st.integers(-500, 500).map(lambda cents: f"{Decimal(cents) / 100:.2f}")  # fmt: skip
MOMENTS = st.sampled_from(
    ["", "2026-11-21 10:00:00", "2026-11-21T10:00:00+01:00", "2026-11-21T09:00:00Z", "2026-11-21 10:00:00.123456+01:00",
     "2026-10-25 02:30:00", "2026-03-29 02:30:00", "20261121T100000", "2026-11-22T12:00:01Z", "1890-01-01 10:00",
     "2026-11-21T10:00:00+01:00:30", "noon", "2031-01-01 10:00"]
)  # fmt: skip
CELLS = {
    "external_id": TEXTS,
    "version": st.sampled_from(["", "1", "007", "2.0", "-1", "9223372036854775807", "99999999999999999999", "x"]),
    "kind": st.sampled_from(["", "sale", "Refund", "EXCHANGE", "void", "gift"]),
    "original_external_id": TEXTS,
    "business_date": st.sampled_from(["", "2026-11-21", "2026-11-23", "2026-11-24", "2026-02-30", "21.11.2026"]),
    "closed_at": MOMENTS,
    "gross": AMOUNTS,
    "discount": AMOUNTS,
    "tax": AMOUNTS,
    "net": AMOUNTS,
    "currency": st.sampled_from(["", "EUR", "eur", "USD", "euro"]),
    "units": st.sampled_from(["", "1", "-1", "0", "-0", "03", "2.0", "2.5", "100000", "100001", "99999", "many"]),
    "channel": st.sampled_from(["", "in_store", "online", "In_Store", "post"]),
    "register": TEXTS,
    "staff_ref": TEXTS,
    "customer_ref": st.sampled_from(["", "card 7", "x" * 200, "x" * 201, "a\tb", "\\"]),
    "is_test": st.sampled_from(["", "1", "Yes", "no", "t"]),
}


@st.composite
def rows(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    """Return the fields that an export has, and rows of it; nearly every cell of most rows is plain."""
    needed = {"external_id", "closed_at", "units"} | draw(st.sampled_from([{"net"}, {"gross"}, {"net", "gross"}]))
    fields = [name for name in FIELDS if name in needed or draw(st.booleans())]
    usual = {
        "external_id": "A1", "version": "3", "closed_at": "2026-11-21 10:00:00", "gross": "12.50", "discount": "2.50",
        "tax": "1.00", "net": "10.00", "units": "2", "business_date": "2026-11-21", "register": "till-1",
    }  # fmt: skip
    made = []
    for _ in range(draw(st.integers(1, 6))):
        odd = draw(st.sets(st.sampled_from(fields), max_size=3))
        made.append([draw(CELLS[name]) if name in odd else usual.get(name, "") for name in fields])
    return fields, made


@st.composite
def layouts(draw: st.DrawFn) -> Layout:
    return Layout(
        store=draw(st.sampled_from(["riverside", "riverside", "River side"])),
        source="till",
        currency=draw(st.sampled_from(["EUR", "eur", "USD"])),
        zone=draw(st.sampled_from([ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Shanghai"), None])),
        decimal_comma=draw(st.sampled_from([None, None, True, False])),
        version=draw(st.sampled_from([1, 1_700_000_000_000])),
    )


def one_by_one(reader: RowReader, cells: Sequence[str]) -> dict[str, object] | None:
    """Return what is stored of a row as it is understood alone, None where it is refused."""
    row = reader.row(1, list(cells))
    if row.order is None:
        return None
    try:
        order = OrderIn.model_validate(row.order)
        check([order], {reader.layout.store: STORE}, EVERY_STORE, now=TERMS.now, ahead=TERMS.ahead)
    except (ValidationError, ProblemError):
        return None
    told = order.model_dump(exclude={"store", "lines", "register_"})
    return {
        **told, "store_id": STORE.store_id, "register": order.register_,
        "customer_ref": customer_hash(order, TERMS.hash_secret),
    }  # fmt: skip


def as_copied(text: str) -> dict[str, object]:
    """Return what the database makes of a line for COPY."""
    assert text.endswith("\n")
    names = [name.strip() for name in COLUMNS.split(",")][1:]
    said = dict(zip(names, text[:-1].split("\t"), strict=True))
    made: dict[str, object] = {name: None if value == NOTHING else value for name, value in said.items()}
    made |= {name: Decimal(said[name]) for name in NUMBERS}
    made |= {name: int(said[name]) for name in ("store_id", "version", "units")}
    day = said["business_date"]
    made["closed_at"] = datetime.fromisoformat(said["closed_at"])
    made["business_date"] = None if day == NOTHING else datetime.fromisoformat(day).date()
    made["is_test"] = said["is_test"] in ("t", "True")
    return made


@given(rows(), layouts(), st.integers(0, 1))
def test_what_is_plain_is_what_it_is_one_by_one(
    export: tuple[list[str], list[list[str]]], layout: Layout, short: int
) -> None:
    fields, cells = export
    reader = RowReader(layout, {name: index for index, name in enumerate(fields)}, len(fields), {})
    cells[0] = cells[0][: len(cells[0]) - short]
    plain = PlainRows(reader, STORE, TERMS)(list(enumerate(cells)))
    assert len(plain) == len(cells)
    for text, row in zip(plain, cells, strict=True):
        if text is not None:
            assert as_copied(text) == one_by_one(reader, row)


def test_usual_rows_are_plain() -> None:
    fields = list(CELLS)
    reader = RowReader(
        Layout(store="riverside", source="till", currency="EUR", zone=ZoneInfo("Europe/Berlin")),
        {name: index for index, name in enumerate(fields)}, len(fields), {},
    )  # fmt: skip
    sale = ["Ä-1", "", "", "", "", "2026-11-21 10:00:00", "12.50", "2.50", "", "10", "", "2", "", "till 1", "", "c", ""]
    refund = ["A2", "2", "", "A1", "2026-11-21", "2026-11-21T10:00:00Z", "", "", "", "-3.5", "EUR", "2", *[""] * 5]
    texts = PlainRows(reader, STORE, TERMS)([(2, sale), (3, refund)])
    told = [as_copied(text) for text in texts if text is not None]
    assert [(each["kind"], each["net"], each["units"]) for each in told] == [
        ("sale", 10, 2),
        ("refund", Decimal("-3.5"), -2),
    ]
