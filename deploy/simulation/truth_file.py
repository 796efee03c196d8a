"""The truth on disk: `.json` (one row per hour, nested measures) or `.csv` (one row per hour and measure, no rates)."""

import csv
from collections import defaultdict
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Final

import msgspec

from deploy.simulation.errors import TruthError
from deploy.simulation.rates import Rates
from deploy.simulation.truth import TruthRow

_FORMAT: Final = 2
_COLUMNS: Final = ("store", "business_date", "hour", "measure", "counted", "true")


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    v: int
    rows: list[TruthRow]
    rates: list[Rates] = []


def write_truth(path: Path, rows: list[TruthRow], rates: list[Rates]) -> None:
    """Write rows to `path`, whole or not at all; the suffix chooses the format.

    Raises:
        TruthError: the suffix is neither .json nor .csv.
    """
    if path.suffix not in (".json", ".csv"):
        raise TruthError(f"truth file: expected a name ending in .json or .csv, got {path}")
    text = (
        _as_csv(rows)
        if path.suffix == ".csv"
        else msgspec.json.encode(_File(v=_FORMAT, rows=rows, rates=rates)).decode()
    )
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)


def read_truth(path: Path) -> list[TruthRow]:
    """Return the rows in `path`.

    Raises:
        TruthError: it cannot be read.
    """
    return read_truth_and_rates(path)[0]


def read_truth_and_rates(path: Path) -> tuple[list[TruthRow], list[Rates]]:
    """Return the rows in `path` and the rates behind its days, where it has some.

    Raises:
        TruthError: it cannot be read.
    """
    try:
        if path.suffix == ".csv":
            return _from_csv(path.read_text(encoding="utf-8")), []
        file = msgspec.json.decode(path.read_bytes(), type=_File)
    except (OSError, ValueError, KeyError) as error:
        raise TruthError(f"{path}: expected a file that `footfall simulate run --truth` wrote, got: {error}") from error
    return file.rows, file.rates


def _as_csv(rows: list[TruthRow]) -> str:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for row in rows:
        for measure in sorted(row.counted.keys() | row.true.keys()):
            writer.writerow(
                (row.store, row.business_date, row.hour.isoformat(), measure, row.counted.get(measure, 0),
                 row.true.get(measure, 0))
            )  # fmt: skip
    return text.getvalue()


def _from_csv(text: str) -> list[TruthRow]:
    hours: defaultdict[tuple[str, str, str], tuple[dict[str, int], dict[str, int]]] = defaultdict(lambda: ({}, {}))
    for line in csv.DictReader(StringIO(text)):
        counted, true = hours[line["store"], line["business_date"], line["hour"]]
        for numbers, column in ((counted, "counted"), (true, "true")):
            if int(line[column]):
                numbers[line["measure"]] = int(line[column])
    return [
        TruthRow(
            store=store,
            business_date=date.fromisoformat(day),
            hour=datetime.fromisoformat(hour),
            counted=seen,
            true=happened,
        )
        for (store, day, hour), (seen, happened) in hours.items()
    ]
