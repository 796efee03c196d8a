"""What changed and why: a change in net sales as amounts for visitors, conversion and basket that add up to it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from dash import html

from analytics.comparison.decomposition import PARTS, Decomposition, rounded_parts
from analytics.comparison.like_for_like import LikeForLike
from analytics.definitions import DEFINITIONS
from dashboard.components.attributes import aria, data
from dashboard.components.figures import section, term, told
from dashboard.language import Language
from dashboard.reading.chain import NetworkView


def network_why(view: NetworkView, against: str, lang: Language, *, files: Any = None) -> Any:
    """Return why all stores' net sales changed, one line for each currency; nothing without sales to compare."""
    rows = [_row(None, one, currency, against, lang, as_of=view.now) for currency, one in view.why.items()]
    rows += _like_for_like(view.like, lang) if view.like is not None and view.like.stores else []
    if not rows:
        return ""
    return section(lang.t("What changed and why"), html.Div(rows, className="why"), files=files, name="changes")


def store_why(
    periods: Mapping[str, tuple[str, Decomposition]],
    currency: str,
    lang: Language,
    *,
    as_of: datetime,
    files: Any = None,
) -> Any:
    """Return a store's changes: for each period's name what it is compared with, and why its net sales changed."""
    if not periods:
        return ""
    rows = [_row(name, one, currency, against, lang, as_of=as_of) for name, (against, one) in periods.items()]
    title, body = lang.t("What changed and why"), html.Div(rows, className="why")
    return section(title, body, unit=currency, files=files, name="changes")


def change_sentence(why: Decomposition, currency: str, against: str, lang: Language, *, name: str | None = None) -> str:
    """Return “Net sales −¥2,100 (−2.1%) against the week before”."""
    share = why.share
    amount = signed_money(rounded_parts([why.change], why.change, step=1)[0], currency, lang)
    change = amount if share is None else f"{amount} ({lang.change(share)})"
    text = lang.t("Net sales {change} against {against}", change=change, against=against)
    return text if name is None else lang.t("{period}: {text}", period=name, text=text)


def effects_text(why: Decomposition, currency: str, lang: Language) -> str:
    """Return the parts in one line, as they add up."""
    named = ((lang.t(DEFINITIONS[part].name), amount) for part, amount in _amounts(why).items())
    return " · ".join(f"{name} {signed_money(amount, currency, lang)}" for name, amount in named)


def signed_money(amount: float, currency: str, lang: Language) -> str:
    """Return +¥300, −¥300 or ±¥0, in whole units."""
    sign = "" if round(amount) < 0 else "+" if round(amount) > 0 else "±"
    return sign + lang.money(amount, currency, digits=0)


def _row(name: str | None, why: Decomposition, currency: str, against: str, lang: Language, *, as_of: datetime) -> Any:
    widest = max((abs(amount) for amount in why.parts), default=0.0) or 1.0
    whole, *parts = why.figures(as_of=as_of)
    said = change_sentence(why, currency, against, lang, name=name)
    amounts = _amounts(why)
    lines = [
        html.Li(
            [
                term(lang, part.definition_id),
                html.Strong(told(lang, signed_money(amount, currency, lang), part, currency=currency)),
                _bar(amount / widest),
            ],
            **data(part=part.definition_id),
        )
        for part in parts
        if (amount := amounts.get(part.definition_id)) is not None
    ]
    head = html.P(told(lang, said, whole, currency=currency), className="why-head")
    return html.Div([head, html.Ul(lines, className="why-parts")], className="why-row", **data(currency=currency))


def _like_for_like(like: LikeForLike, lang: Language) -> list[Any]:
    """Return the same stores against a year before: their visitors, and why their net sales changed."""
    name = lang.t("Like for like, {n} of {all} stores", n=len(like.stores), all=like.of)
    against = lang.t("the same days last year")
    parts = [term(lang, "like_for_like", name)]
    if like.visitors_change is not None:
        said = lang.t("visitors {change}", change=lang.change(like.visitors_change))
        parts += [" · ", told(lang, said, like.figure())]
    parts += [" · ", lang.t("holidays on holidays") if like.holidays else lang.t("holidays not aligned")]
    rows = [_row(None, one, currency, against, lang, as_of=like.as_of) for currency, one in like.why.items()]
    return [html.P(parts, className="why-note"), *rows]


def _amounts(why: Decomposition) -> dict[str, float]:
    """Return by its definition each part that moved something, in whole units that add up to the change's."""
    whole = dict(zip(PARTS, rounded_parts(why.parts, why.change, step=1), strict=True))
    always = {"change_visitors", "change_conversion", "change_basket"}
    return {part: amount for part, amount in whole.items() if part in always or round(amount) != 0}


def _bar(share: float) -> Any:
    """Return a bar that grows to the right of the middle for a gain, to the left for a loss."""
    width = 50 * min(1.0, abs(share))
    left = 50.0 if share >= 0 else 50 - width
    return html.Span(
        html.I(style={"left": f"{left:.1f}%", "width": f"{width:.1f}%"}), className="why-bar", **aria(hidden="true")
    )
