"""What was sold: conversion with its interval, and the baskets."""

from typing import Any

from dash import html

from analytics.stores import Store
from analytics.visits.kpis import Kpis
from dashboard.components.figures import interval_bar, interval_text, joined, kpi, section, told
from dashboard.language import Language


def sales_panel(base: Kpis, store: Store, lang: Language, *, files: Any = None) -> Any:
    """Return the till's figures; where no order ever came they stay empty and say so."""
    conversion = base.conversion
    scale = max(0.4, (conversion.high or 0.0) * 1.1)
    note = [interval_bar(conversion, scale=scale), interval_text(lang, conversion)]
    silent = None if base.transactions.known else lang.t("no orders from this till yet")
    spv = interval_text(lang, base.spv, currency=store.currency)
    body = html.Div(
        [
            kpi(lang, conversion, note=note),
            kpi(lang, base.net_sales, currency=store.currency, note=silent),
            kpi(lang, base.atv, currency=store.currency),
            kpi(lang, base.upt),
            kpi(lang, base.spv, currency=store.currency, note=joined([spv])),
            kpi(lang, base.buying_units, note=_groups(base, lang)),
        ],
        className="kpis kpis-sales",
    )
    return section(lang.t("Sales"), body, unit=store.currency, files=files, name="sales")


def _groups(base: Kpis, lang: Language) -> Any:
    if not base.buying_units.known:
        return lang.t("not told apart here")
    one = base.buying_unit_conversion
    if one.value is None:  # without an order there is nothing to say of how many bought
        return None
    text, between = lang.t("{share} of groups bought", share=lang.percent(one.value)), interval_text(lang, one)
    return told(lang, joined([text, between]), one)
