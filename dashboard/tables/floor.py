"""A store's last full weeks on the floor as tables: staffing, sales by alias, categories, the funnel of each zone."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from babel.dates import format_date

from analytics.definitions import mark
from analytics.stores import Store
from analytics.tables import Table
from dashboard.language import Language
from dashboard.reading.floor import Floor
from dashboard.tables.figures import STORE, ZONE, Row, figure_table

_HOURS: Final = (STORE, mark("Weekday"), mark("Hour of the day"), mark("Weeks"), mark("Power hour"), mark("Verdict"))
_VERDICTS: Final = {"short": mark("too few staff"), "enough": mark("enough staff"), "spare": mark("staff to spare")}
#: A Monday.
_MONDAY: Final = date(2024, 1, 1)


def staffing(floor: Floor, store: Store, lang: Language) -> Table:
    """Return the store's figures, and those of each hour of a usual week; hours of few people without numbers."""

    def rows() -> Iterator[Row]:
        if floor.staffing is None:
            return
        for one in floor.staffing.figures:
            yield Row((store.code, *[None] * 5), one)
        for hour in floor.staffing.hours:
            day = str(format_date(_MONDAY + timedelta(days=hour.weekday - 1), "EEEE", locale=lang.locale))
            verdict = lang.t(_VERDICTS[hour.verdict]) if hour.verdict else None
            of = (store.code, day, hour.hour, hour.weeks, hour.power, verdict)
            for one in (hour.visitors, hour.on_floor, hour.star, hour.needed):
                yield Row(of, one, withheld=hour.withheld)

    return figure_table("staffing", _HOURS, rows(), lang)


def staff(floor: Floor, store: Store, lang: Language) -> Table:
    """Return what each alias sold; an alias of few sales without numbers."""
    rows = [
        Row((store.code, sold.alias), one, withheld=sold.withheld, currency=store.currency)
        for sold in floor.staff
        for one in sold.figures
    ]
    return figure_table("staff", (STORE, mark("Alias")), rows, lang)


def categories(floor: Floor, store: Store, lang: Language) -> Table:
    """Return where visitors stop against what is sold there; what is of few people without numbers."""
    rows = [
        Row((store.code, found.category, ", ".join(found.zones)), one, withheld=withheld, currency=store.currency)
        for found in floor.categories
        for one, withheld in found.figures
    ]
    return figure_table("categories", (STORE, mark("Category"), mark("Zones")), rows, lang)


def zone_funnels(floor: Floor, store: Store, lang: Language) -> Table:
    """Return each zone's stages and their shares; what is of few people without numbers."""

    def rows() -> Iterator[Row]:
        for found in floor.zones:
            of = (store.code, found.zone, ", ".join(found.categories))
            for stage in found.stages:
                yield Row((*of, stage.name), stage.count, withheld=stage.withheld)
                if stage.rate is not None:
                    yield Row((*of, stage.name), stage.rate, withheld=stage.withheld or stage.rate_withheld)

    return figure_table("zone-funnels", (STORE, ZONE, mark("Categories"), mark("Stage")), rows(), lang)
