"""How long chunks should be: by what is written, within bounds, and not changed for little."""

from datetime import timedelta

import pytest

from ingest.chunks import Rate, chosen, fitting

DAY = timedelta(days=1)
GB = 2**30


def test_the_chunks_being_written_fit_into_memory_together() -> None:
    rates = [Rate(10_000_000, 1_500_000_000, 5.0), Rate(2_000_000, 250_000_000, 5.0)]
    assert rates[0].rows_per_day == 2_000_000
    assert rates[0].bytes_per_row == 150
    fits = fitting(rates, GB)
    assert fits is not None
    assert sum(rate.bytes_per_day for rate in rates) * (fits / DAY) == pytest.approx(GB)


def test_where_nothing_was_written_chunks_stay() -> None:
    assert fitting([], GB) is None
    assert chosen("crossing", 7 * DAY, None) == 7 * DAY


@pytest.mark.parametrize(
    ("table", "every", "fits", "days"),
    [
        ("crossing", 7, 3.9, 3),
        ("crossing", 7, 0.2, 1),
        ("crossing", 7, 500, 7),
        ("crossing", 1, 500, 7),
        ("crossing", 5, 4, 5),
        ("crossing", 4, 5, 4),
        ("crossing", 2, 3, 3),
        ("crossing", 30, 25, 7),
        ("heat", 28, 3, 7),
        ("heat", 28, 500, 28),
        ("flow", 7, 12, 12),
    ],
)
def test_a_length_keeps_to_its_bounds_and_changes_only_by_half(table: str, every: int, fits: float, days: int) -> None:
    assert chosen(table, every * DAY, timedelta(days=fits)) == days * DAY
