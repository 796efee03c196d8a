"""All stores as rows of a file: plain numbers under names that do not change with the language."""

from typing import Any, Final

from analytics.comparison.network import StoreRow

FILE_FIELDS: Final = (
    "store", "name", "region", "format", "visitors", "visitors_low", "visitors_high", "visitors_estimated",
    "visitors_change", "passers_by", "capture_rate", "sales", "conversion", "conversion_low", "conversion_high",
    "place_best", "place_worst", "places", "outlier", "net_sales", "net_sales_change", "currency", "average_sale",
    "sales_per_visitor", "completeness",
)  # fmt: skip


def file_row(row: StoreRow) -> tuple[Any, ...]:
    """Return a store's values in the order of `FILE_FIELDS`; None where nobody knows."""
    base, store, place = row.compared.now, row.store, row.place
    return (
        store.code, store.name, store.region, store.format, base.footfall.value, base.footfall.low, base.footfall.high,
        None if row.estimated is None else row.estimated.value, row.compared.visitors_change, base.passers_by.value,
        base.capture_rate.value, base.transactions.value, base.conversion.value, base.conversion.low,
        base.conversion.high, *((None, None, None) if place is None else (place.best, place.worst, place.of)),
        row.outlier, base.net_sales.value, row.compared.sales_change, store.currency, base.atv.value, base.spv.value,
        base.footfall.completeness,
    )  # fmt: skip
