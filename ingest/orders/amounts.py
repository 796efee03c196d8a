"""Amounts as people and tills write them; one that could mean two things is asked about, never guessed."""

import re
from decimal import Decimal
from typing import Final

_POINT: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)?(?:\.\d+)?", re.ASCII)
_COMMA: Final = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d+)?", re.ASCII)
#: How nearly all amounts are written, that mean the same whatever was said or not: told at a glance.
_PLAIN: Final = {
    None: re.compile(r"[+-]?\d+(?:\.\d\d?)?", re.ASCII),
    False: re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII),
    True: re.compile(r"[+-]?\d+(?:,\d+)?", re.ASCII),
}
#: French and Swedish exports group by (no-break) spaces; those mean nothing else.
_SPACED: Final = re.compile(r"(?<=\d)[ \u00a0\u202f](?=\d{3}(?:\D|$))")
#: One mark before three digits and nothing after: thousands in one country, thousandths in another.
_TWO_MEANINGS: Final = re.compile(r"[+-]?\d{1,3}[.,]\d{3}", re.ASCII)


def read_amount(name: str, text: str, *, decimal_comma: bool | None) -> Decimal:
    """Return the amount in `text`, written 1,234.50, or with `decimal_comma` 1.234,50.

    With None nobody said which: a point is the decimal mark, and `1,234` or `1.234` alone is refused: 1234, or 1.234?

    Raises:
        ValueError: it is no amount in this writing; names the option that reads it, where there is one.
    """
    if _PLAIN[decimal_comma].fullmatch(text):
        return Decimal(text.replace(",", ".") if decimal_comma else text)
    plain = _SPACED.sub("", text.strip())
    if decimal_comma is None and _TWO_MEANINGS.fullmatch(plain):
        whole, thousandths = plain.replace(",", "").replace(".", ""), plain.replace(",", ".")
        option = "--decimal-point" if "," in plain else "--decimal-comma"
        other = "--decimal-comma" if "," in plain else "--decimal-point"
        raise ValueError(
            f"{name}: {text!r} may be {whole} or {thousandths}: say {option} (it is {whole}) or {other} ({thousandths})"
        )
    if not _fits(plain, decimal_comma=bool(decimal_comma)):
        raise ValueError(f"{name}: {_expected(plain, text, decimal_comma=bool(decimal_comma))}")
    return Decimal(plain.replace(".", "").replace(",", ".") if decimal_comma else plain.replace(",", ""))


def _fits(plain: str, *, decimal_comma: bool) -> bool:
    pattern = _COMMA if decimal_comma else _POINT
    return any(character.isdigit() for character in plain) and pattern.fullmatch(plain) is not None


def _expected(plain: str, text: str, *, decimal_comma: bool) -> str:
    expected = f"expected an amount such as {'1.234,50' if decimal_comma else '1,234.50'}, got {text!r}"
    if not _fits(plain, decimal_comma=not decimal_comma):
        return expected
    if decimal_comma:
        return f"{expected}: a point is the decimal mark there, leave --decimal-comma out"
    return f"{expected}: a comma is the decimal mark there, say --decimal-comma"
