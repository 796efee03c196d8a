"""Words around numbers in what commands print."""

from collections.abc import Sequence
from typing import Final

_RANGES_SHOWN: Final = 8


def count_of(number: int, noun: str, plural: str | None = None) -> str:
    """Return `1 row`, `2 rows`."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def ranges_of(ranges: Sequence[tuple[int, int]]) -> str:
    """Return closed ranges as `1-4, 9`, the first few of them."""
    shown = ", ".join(f"{first}-{last}" if first < last else str(first) for first, last in ranges[:_RANGES_SHOWN])
    return shown + (f" and {len(ranges) - _RANGES_SHOWN} more ranges" if len(ranges) > _RANGES_SHOWN else "")


def number_of(value: float | None) -> str:
    """Return `1,234.5`, `0.2345`; nothing measured is a dash."""
    return "–" if value is None else f"{value:.4g}" if abs(value) < 1 else f"{value:,.2f}".rstrip("0").rstrip(".")


def percent_of(share: float | None) -> str:
    """Return `12.3 %` for 0.123; nothing measured is a dash."""
    return "–" if share is None else f"{100 * share:.1f} %"
