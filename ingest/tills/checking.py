"""The work of `footfall tills check`: one till of the file, asked for what it sold lately, understood, not stored."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any, Final

from ingest.errors import DocumentError, NotYetError, TillError
from ingest.orders.bodies import OrderIn
from ingest.tills.opening import open_till
from ingest.tills.protocol import Till
from ingest.tills.settings import CsvSettings, PosLogSettings, TillSettings, kind_of

_LATELY: Final = timedelta(days=1)
_DOCUMENTS: Final = 50


def checked(till: TillSettings, file: Path, *, ask: bool, many: int, now: datetime) -> dict[str, Any]:
    """Return what is to be said of a till: `ok`, a `verdict`, and the first orders of the last day."""
    said: dict[str, Any] = {"till": till.name, "kind": kind_of(till), "ok": True, "orders": []}
    if isinstance(till, CsvSettings | PosLogSettings):
        folder = file.resolve().parent / till.folder
        there = folder.is_dir()
        return said | {"ok": there, "verdict": f"takes files from {folder}" if there else f"no folder {folder}"}
    try:
        opened = open_till(till, file)
        if not ask:
            return said | {"verdict": "its secrets are there; not asked"}
        wrong: list[str] = []
        orders = list(islice(_orders(opened, now - _LATELY, wrong), many))
    except TillError as error:
        return said | {"ok": False, "verdict": str(error)}
    verdict = "answers" + (f"; not understood: {wrong[0]}" if wrong else "" if orders else "; sold nothing lately")
    return said | {"ok": not wrong, "verdict": verdict, "orders": [each.model_dump(mode="json") for each in orders]}


def _orders(till: Till, since: datetime, wrong: list[str]) -> Iterator[OrderIn]:
    documents = (document for page in till.changed(None, since) for document in page.documents)
    for document in islice(documents, _DOCUMENTS):
        try:
            yield from till.understand(document)
        except NotYetError:
            continue
        except DocumentError as error:
            wrong.append(f"{document.number}: {error}")
