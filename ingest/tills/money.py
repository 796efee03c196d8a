"""Money in documents of tills: whole cents, decimal text or JSON numbers, to exact amounts of two places."""

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, Final

from ingest.errors import DocumentError

_CENT: Final = Decimal("0.01")
#: ISO 4217: currencies without a smaller unit.
_WHOLE: Final = frozenset(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split()  # noqa: SIM905  # reads better
)
#: As above: a thousandth is the smallest unit; amounts here have two places.
_THOUSANDTHS: Final = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


def minor(value: Any, currency: str, where: str) -> Decimal:
    """Return an amount given in the currency's smallest unit; None is zero.

    Raises:
        DocumentError: no whole number, or a currency of thousandths.
    """
    if value is None:
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int):
        raise DocumentError(f"{where}: expected a whole number of the smallest unit, got {value!r}")
    if currency in _THOUSANDTHS:
        raise DocumentError(f"{where}: amounts in {currency} have three places, orders here have two")
    return Decimal(value) if currency in _WHOLE else Decimal(value).scaleb(-2)


def decimal(value: Any, where: str) -> Decimal:
    """Return an amount given as text or a JSON number, rounded to two places; None and "" are zero.

    A JSON number went through binary floating point: its shortest decimal writing is what the till wrote.

    Raises:
        DocumentError: it is no number.
    """
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise DocumentError(f"{where}: expected an amount, got {value!r}")
    try:
        return Decimal(str(value)).quantize(_CENT, rounding=ROUND_HALF_EVEN)
    except InvalidOperation as error:
        raise DocumentError(f"{where}: expected an amount, got {value!r}") from error


def quantity(value: Any, where: str) -> Decimal:
    """Return how much was sold, to three places.

    Raises:
        DocumentError: it is no number.
    """
    try:
        return Decimal(str(value)).quantize(Decimal("0.001"), rounding=ROUND_HALF_EVEN)
    except InvalidOperation as error:
        raise DocumentError(f"{where}: expected a quantity, got {value!r}") from error


def pieces(quantities: list[Decimal]) -> int:
    """Return how many pieces these are: what is sold by weight is one piece, whatever it weighs."""
    return sum(int(each) if each == each.to_integral_value() else (1 if each > 0 else -1) for each in quantities)
