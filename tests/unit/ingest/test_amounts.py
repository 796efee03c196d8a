"""Amounts in a till's export: what is read, what is refused, and that neither writing is taken for the other."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.orders.amounts import read_amount

AMOUNTS = st.decimals(min_value=-10_000_000, max_value=10_000_000, places=2)


def point(amount: Decimal, *, grouped: bool) -> str:
    return f"{amount:,.2f}" if grouped else f"{amount:.2f}"


def comma(amount: Decimal, *, grouped: bool) -> str:
    return point(amount, grouped=grouped).translate(str.maketrans(".,", ",."))


@given(amount=AMOUNTS, grouped=st.booleans())
def test_an_amount_is_read_as_it_was_written(amount: Decimal, *, grouped: bool) -> None:
    assert read_amount("net", point(amount, grouped=grouped), decimal_comma=None) == amount
    assert read_amount("net", point(amount, grouped=grouped), decimal_comma=False) == amount
    assert read_amount("net", comma(amount, grouped=grouped), decimal_comma=True) == amount


@given(amount=AMOUNTS, grouped=st.booleans())
def test_the_other_writing_is_refused_and_never_another_amount(amount: Decimal, *, grouped: bool) -> None:
    with pytest.raises(ValueError, match="say --decimal-comma"):
        read_amount("net", comma(amount, grouped=grouped), decimal_comma=None)
    with pytest.raises(ValueError, match="leave --decimal-comma out"):
        read_amount("net", point(amount, grouped=grouped), decimal_comma=True)


@pytest.mark.parametrize("text", ["7,90", "12,5", "1.012,50", "1,0", ",5"])
def test_a_decimal_comma_that_nobody_announced_is_asked_for(text: str) -> None:
    with pytest.raises(ValueError, match=r"net: expected an amount such as 1,234\.50, got .*say --decimal-comma"):
        read_amount("net", text, decimal_comma=None)


@pytest.mark.parametrize("text", ["1,234", "-1,234", "12,900", "7,900", "1.012"])
def test_a_lone_mark_before_three_digits_means_what_was_said_and_nothing_unsaid(text: str) -> None:
    with pytest.raises(ValueError, match=r"may be -?\d+ or -?\d+\.\d{3}: say --decimal-\w+ .* or --decimal-\w+"):
        read_amount("net", text, decimal_comma=None)
    assert read_amount("net", text, decimal_comma=False) == Decimal(text.replace(",", ""))
    assert read_amount("net", text, decimal_comma=True) == Decimal(text.replace(".", "").replace(",", "."))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1,234,567", "1234567"),
        ("1 012.50", "1012.50"),
        ("1\u202f012", "1012"),
        ("+5", "5"),
        (".50", "0.50"),
        ("1234", "1234"),
        (" 7.90 ", "7.90"),
    ],
)
def test_other_plain_writings_are_read(text: str, amount: str) -> None:
    assert read_amount("net", text, decimal_comma=None) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "-", ".", "abc", "inf", "NaN", "1e5", "1,23,456", "1234,567", "1,234,56", "1.2.3", "12 34", "5.", "٣"]
)
@pytest.mark.parametrize("decimal_comma", [None, False])
def test_what_is_no_amount_is_refused(text: str, *, decimal_comma: bool | None) -> None:
    with pytest.raises(ValueError, match=r"net: "):
        read_amount("net", text, decimal_comma=decimal_comma)
