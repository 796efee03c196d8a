"""How far a store's numbers can be relied on, as tables: its doors' days, audits, changes of past days, boxes."""

from collections.abc import Iterator
from typing import Final

from analytics.definitions import mark
from analytics.figure import figure
from analytics.fleet.devices import Device
from analytics.quality.accuracy import LineAccuracy, accuracy, found, genuine
from analytics.tables import Table, Value
from dashboard.components.restated import TOLD, reason_words
from dashboard.language import Language
from dashboard.reading.trust import StoreTrust
from dashboard.tables.figures import DAY, STORE, Row, figure_table, plain_table

_LINE: Final = mark("Line")
_DOORS: Final = (
    STORE, mark("Door"), DAY, mark("Counted share"), mark("Hours estimated"), mark("Visitors estimated"),
)  # fmt: skip
_RESTATED: Final = (
    STORE, DAY, mark("Before or after"), mark("Why"), mark("Seen so on (UTC)"), mark("Changed on (UTC)"),
)  # fmt: skip
_BOXES: Final = (
    STORE, mark("Box"), mark("Camera"), mark("Sees"), mark("Last heard (UTC)"), mark("Version"), mark("Model"),
    mark("To send"), mark("Temperature (°C)"), mark("Disk free (MB)"),
)  # fmt: skip


def doors(seen: StoreTrust, lang: Language) -> Table:
    """Return what each door counted, day by day, and what is estimated of it."""
    code = seen.live.store.code
    rows = [
        [code, line.line, day.business_date, day.share, day.estimated_h or None, day.estimated or None]
        for line in seen.lines
        for day in line.days
    ]
    return plain_table("doors", _DOORS, rows, lang)


def audits(seen: StoreTrust, lang: Language) -> Table:
    """Return each line's audited accuracy, and whether the last finished day's sums meet."""

    def rows() -> Iterator[Row]:
        day, code = seen.live.store_day, seen.live.store.code
        if day is None:
            return
        for line in day.trust.lines:
            yield from _audited(code, line, seen, lang)
        balance = day.trust.balance
        if balance is not None:
            yield Row((code, None, None, None, None), balance.figure(as_of=day.now))

    return figure_table("audits", (STORE, _LINE, mark("Way"), mark("Last audit"), mark("Audited by")), rows(), lang)


def restated(seen: StoreTrust, lang: Language) -> Table:
    """Return what changed of past days after they were over: figures before and after, or that sales are withheld."""
    store = seen.live.store

    def rows() -> Iterator[Row]:
        for one in seen.restated:
            why = ", ".join(reason_words(reason, lang) for reason in one.reasons)
            for change in one.changes:
                if change.definition_id not in TOLD:
                    continue
                for side, told in zip((lang.t("before"), lang.t("after")), one.figures(change), strict=True):
                    of = (store.code, one.business_date, side, why, one.before_at, one.at)
                    yield Row(of, told, currency=store.currency)
            if one.withheld:
                of = (store.code, one.business_date, lang.t("after"), why, one.before_at, one.at)
                sales = figure("net_sales", None, as_of=one.at, completeness=None)
                yield Row(of, sales, withheld=True, currency=store.currency)

    return figure_table("restated", _RESTATED, rows(), lang)


def cameras(seen: StoreTrust, lang: Language) -> Table:
    """Return the store's boxes, a line for each of their cameras."""
    day, code = seen.live.store_day, seen.live.store.code
    rows: list[list[Value]] = [
        [code, box.code, camera, up, box.heard_at, box.version, box.model, box.queue_depth, box.temperature_c,
         box.disk_free_mb]
        for box in (day.devices if day else ())
        for camera, up in _cameras(box)
    ]  # fmt: skip
    return plain_table("cameras", _BOXES, rows, lang)


def _cameras(box: Device) -> list[tuple[str | None, bool | None]]:
    """Return each camera and whether it sees; a box without any has a line all the same."""
    return [(name, up and not trouble) for name, up, _, trouble in box.cameras] or [(None, None)]


def _audited(code: str, line: LineAccuracy, seen: StoreTrust, lang: Language) -> Iterator[Row]:
    store = seen.live.store
    last = None if line.last_at is None else line.last_at.astimezone(store.zone).date()
    for way, tallies in ((lang.t("In"), line.ins), (lang.t("Out"), line.outs)):
        for make in (accuracy, found, genuine):
            yield Row((code, line.line, way, last, line.last_by), make(tallies, as_of=seen.live.now))
