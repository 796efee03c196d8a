"""Counts from a file: CSV in long form, one row per series and hour: `unique_id`, `ds`, `y`.

`ds` is the local wall clock's hour in ISO 8601, or has a UTC offset where the zone is given. An hour without a row, or
with an empty `y`, was not measured. One that comes twice at night is one that the clock told twice; a row that is
repeated as it is counts once.
"""

from pathlib import Path
from typing import Final, NoReturn

import pandas as pd

from analytics.forecast.errors import CountsError

COLUMNS: Final = ("unique_id", "ds", "y")
_OFFSET: Final = r"(?:[Zz]|\d[+-]\d\d:?\d\d)$"
#: Clocks go back in these hours, once a year: an hour of them may come twice.
_TOLD_TWICE: Final = range(4)
#: A file of fewer hours of the day than this is none of hours.
_HOURS_MIN: Final = 2
#: Line of a file's first row of data, as an editor counts.
_FIRST_LINE: Final = 2


def read_counts(path: Path, *, timezone: str | None = None) -> pd.DataFrame:
    """Return an hourly frame, index local wall-clock hours, one column per series; NaN where not measured.

    Args:
        path: the file.
        timezone: IANA zone; wanted when `ds` carries offsets.

    The hour that a clock told twice becomes their mean.

    Raises:
        CountsError: a column is missing, a time cannot be read, an hour comes twice, a count is negative or no number,
            or there are only days, no hours.
    """
    table = _read(path)
    local = _local_hours(table, path, timezone)
    counts = _numbers(table, path)
    names = table["unique_id"]
    _refuse(path, table, names.isna() | (names.str.strip() == ""), "unique_id", "a name")
    long = pd.DataFrame({"series": names.str.strip(), "hour": local, "y": counts, "told": table["ds"]})
    return _wide(long, path, repeated=timezone is not None)


def _read(path: Path) -> pd.DataFrame:
    try:
        table = pd.read_csv(path, dtype=str, skipinitialspace=True, encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise CountsError(f"{path}: there is no such file") from error
    except pd.errors.EmptyDataError as error:
        raise CountsError(f"{path}: expected a header unique_id,ds,y, got an empty file") from error
    except (UnicodeDecodeError, pd.errors.ParserError, OSError) as error:
        raise CountsError(f"{path}: expected CSV in UTF-8: {error}") from error
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise CountsError(
            f"{path}: expected the columns unique_id, ds, y; missing: {', '.join(missing)}; "
            f"got: {', '.join(map(str, table.columns))}"
        )
    if table.empty:
        raise CountsError(f"{path}: expected rows below the header, got none")
    return table


def _local_hours(table: pd.DataFrame, path: Path, timezone: str | None) -> "pd.Series[pd.Timestamp]":
    told = table["ds"].str.strip()
    offsets = told.str.contains(_OFFSET, regex=True).fillna(value=False).astype(bool)
    if offsets.any() and timezone is None:
        _stop(path, table, offsets, "ds", "local wall-clock time, or --timezone ZONE for times with an offset")
    if timezone is not None and not offsets.all():
        _stop(path, table, ~offsets, "ds", f"a time with a UTC offset, as --timezone {timezone} was given")
    hours = pd.to_datetime(told, format="ISO8601", errors="coerce", utc=bool(offsets.any()))
    _refuse(path, table, hours.isna(), "ds", "a time such as 2025-03-01T09:00")
    if timezone is not None:
        try:
            hours = hours.dt.tz_convert(timezone).dt.tz_localize(None)
        except (KeyError, ValueError) as error:
            raise CountsError(f"--timezone: expected an IANA zone such as Europe/Berlin, got {timezone}") from error
    _refuse(path, table, hours != hours.dt.floor("h"), "ds", "a full hour of the local clock (sum finer counts up)")
    return hours


def _numbers(table: pd.DataFrame, path: Path) -> "pd.Series[float]":
    told = table["y"].str.strip()
    counts = pd.to_numeric(told, errors="coerce").astype(float)
    _refuse(path, table, counts.isna() & told.notna() & (told != ""), "y", "a number, or nothing where not measured")
    _refuse(path, table, counts.abs() == float("inf"), "y", "a finite number")
    _refuse(path, table, counts < 0, "y", "a count of 0 or more")
    return counts


def _wide(long: pd.DataFrame, path: Path, *, repeated: bool) -> pd.DataFrame:
    # Exports that overlap repeat whole rows; that is no contradiction.
    long = long.drop_duplicates()
    # With offsets an hour that the clock told twice is no mistake: only the same instant twice is.
    keys = ["series", "hour", "told"] if repeated else ["series", "hour"]
    twice = long.duplicated(keys, keep="first")
    if not repeated:
        twice &= ~_clock_went_back(long, twice)
    if twice.any():
        row = long[twice].iloc[0]
        line = int(long.index.to_numpy()[twice.to_numpy().argmax()])
        raise CountsError(
            f"{path}, line {line + _FIRST_LINE}: expected one count an hour, got two of {row['told']} of "
            f"{row['series']!r}. Where the clock goes back, give times with their UTC offset and --timezone"
        )
    if long["y"].isna().all():
        raise CountsError(f"{path}: expected counts, got no number in the whole column y")
    hours = sorted(set(long["hour"].dt.hour))
    if len(hours) < _HOURS_MIN and len(long) > 1:
        raise CountsError(
            f"{path}: expected a row for each hour, got days (each ds at {hours[0]}:00): no forecast by the hour"
        )
    return long.pivot_table(index="hour", columns="series", values="y", aggfunc="mean", dropna=False)


def _clock_went_back(long: pd.DataFrame, twice: "pd.Series[bool]") -> "pd.Series[bool]":
    """Return which repeated rows are a clock's: at night, and one of its series and year."""
    night = twice & long["hour"].dt.hour.isin(_TOLD_TWICE)
    of_year = long[night].groupby(["series", long["hour"].dt.year])["hour"].transform("size")
    lone = of_year.reindex(long.index) == 1
    return pd.Series(night & lone, index=long.index)


def _refuse(path: Path, table: pd.DataFrame, wrong: "pd.Series[bool]", column: str, expected: str) -> None:
    if wrong.any():
        _stop(path, table, wrong, column, expected)


def _stop(path: Path, table: pd.DataFrame, wrong: "pd.Series[bool]", column: str, expected: str) -> NoReturn:
    line = int(wrong.to_numpy().argmax())
    more = f" ({int(wrong.sum())} such rows)" if wrong.sum() > 1 else ""
    raise CountsError(
        f"{path}, line {line + _FIRST_LINE}, {column}: expected {expected}, got {table[column].iloc[line]!r}{more}"
    )
