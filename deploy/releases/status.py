"""Which box runs what, and how far each is with the releases that were asked of it."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from contract.releases import ReleaseReport
from ingest.claims import SILENT_AFTER
from ingest.database import Database
from ingest.sql_blocks import parse_blocks

_SQL: Final = parse_blocks(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"), "status")


@dataclass(frozen=True, slots=True)
class BoxReleases:
    """A box that may speak; `version` is what it runs. None: nothing was asked of it, or it has not said."""

    store: str
    device: str
    version: str | None
    online: bool
    application: ReleaseReport | None
    model: ReleaseReport | None

    def as_dict(self) -> dict[str, Any]:
        """Return its fields for JSON."""
        known: dict[str, Any] = {"store": self.store, "device": self.device}
        known |= {"version": self.version, "online": self.online}
        return known | {"application": _plain(self.application), "model": _plain(self.model)}


def box_releases(database: Database, *, now: datetime, store: str | None = None) -> list[BoxReleases]:
    """Return the boxes by store and name."""
    with database.transaction() as cursor:
        cursor.execute(_SQL["boxes"], {"store": store, "heard_since": now - SILENT_AFTER})
        rows = cursor.fetchall()
    return [
        BoxReleases(code, device, version, online, _report(application), _report(model))
        for code, device, version, online, application, model in rows
    ]


def difference(report: ReleaseReport) -> str:
    """Return in words what two models counted over the same film; empty where nothing was compared."""
    if report.watched_s is None:
        return ""
    said = [
        f"{line.line}: in {line.old_in} → {line.new_in} ({line.matched_in} the same), "
        f"out {line.old_out} → {line.new_out} ({line.matched_out} the same)"
        for line in report.lines
    ]
    return f"{report.watched_s / 60:.1f} min compared; {'; '.join(said)}"


def _report(found: dict[str, Any] | None) -> ReleaseReport | None:
    return None if found is None else msgspec.convert(found, ReleaseReport)


def _plain(report: ReleaseReport | None) -> dict[str, Any] | None:
    return None if report is None else msgspec.to_builtins(report)
