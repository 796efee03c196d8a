"""The letter: an account's week in a sentence, its stores beside it, and the report as a PDF."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from html import escape
from typing import Final

from analytics.definitions import mark
from analytics.stores import Store
from dashboard.accounts.viewer import Viewer
from dashboard.components.figures import part_text
from dashboard.components.period_picker import against
from dashboard.components.sentence import history_words, network_words
from dashboard.language import NOTHING, Language
from dashboard.reading.chain import NetworkView
from dashboard.reading.pages import PagesReading
from dashboard.report.sheet import period_words, report_pdf
from dashboard.routes import Route

#: Stores that have a page in the PDF, and a line in the mail.
PAGES_MAX: Final = 12
LINES_MAX: Final = 40
_SEPARATOR: Final = " · "
#: Ink and ground are the mail program's own, so that a dark one stays dark; what is named has a colour for each.
_HEAD: Final = (
    '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">'
    "<style>body{margin:16px;max-width:640px;font:16px/1.5 sans-serif}h1{font-size:22px;line-height:1.3;margin:0}"
    "table{border-collapse:collapse;font-variant-numeric:tabular-nums}"
    ".quiet{font-size:13px;color:#5b6470}a{color:#1b5fb4}"
    "@media (prefers-color-scheme:dark){.quiet{color:#9aa5b2}a{color:#78aefb}}</style>"
)
_WHO_ASKS: Final = mark("The Footfall account {login} asked for its stores' week by mail, each Monday, to {to}.")


@dataclass(frozen=True, slots=True)
class Post:
    """What every letter of an installation says of itself: who writes, and where the pages are (empty: unknown)."""

    sender: str
    origin: str


@dataclass(frozen=True, slots=True)
class Told:
    """A week in words: the headline, what belongs to it, a line per store, and the report."""

    head: str
    parts: list[str]
    lines: list[tuple[str, str, str]]
    days: str
    pdf: bytes


def stores_of(reading: PagesReading, viewer: Viewer) -> tuple[Store, ...]:
    """Return the stores whose figures an account may see."""
    if not viewer.may("figures"):
        return ()
    return tuple(store for store in reading.directory.stores() if viewer.may_see(store))


def told(reading: PagesReading, stores: Sequence[Store], monday: date, lang: Language) -> Told:
    """Return the week that began on `monday`, of stores of which there is one at least."""
    last = monday + timedelta(days=6)
    network = reading.chain.network(tuple(stores), "custom", monday, last)
    words = against("last_week", lang)
    reports = [reading.report.store(store, "custom", monday, last) for store in _most_changed(network, stores)]
    if len(stores) == 1:
        head, parts = history_words(reports[0].history.compared, lang, words)
    else:
        head, first, second = network_words(network, lang, words)
        parts = [*first, *second]
    days = period_words(network.period, lang)
    return Told(head, parts, _lines(network, lang, monday, last), days, report_pdf(reports, lang))


def letter(told_: Told, post: Post, *, to: str, lang: Language, number: str, end: str, now: datetime) -> EmailMessage:
    """Return the mail; `number` makes its Message-ID, `end` is the address that ends it."""
    subject = f"{told_.days}: {_SEPARATOR.join([told_.head, *told_.parts[:1]])}"
    message = _addressed(post, to=to, subject=subject, number=number, now=now)
    if end:
        message["List-Unsubscribe"] = f"<{end}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(_plain(told_, post, lang, end))
    message.add_alternative(_html(told_, post, lang, end), subtype="html")
    message.add_attachment(told_.pdf, maintype="application", subtype="pdf", filename=f"footfall-{number[-10:]}.pdf")
    return message


def question(post: Post, *, to: str, login: str, link: str, lang: Language, number: str, now: datetime) -> EmailMessage:
    """Return the mail that asks whether reports may come to an address: no figures, and a link that says yes."""
    subject = lang.t("Footfall: is this your address?")
    message = _addressed(post, to=to, subject=subject, number=number, now=now)
    lines = [
        lang.t(_WHO_ASKS, login=login, to=to),
        lang.t("Was that you? Open this link within three days, and say yes there:"), link,
        lang.t("If it was not, do nothing: no figures are sent here."),
    ]  # fmt: skip
    message.set_content("\n\n".join(lines) + "\n")
    return message


def _addressed(post: Post, *, to: str, subject: str, number: str, now: datetime) -> EmailMessage:
    message = EmailMessage()
    local, _, domain = post.sender.rpartition("@")
    message["From"] = Address("Footfall", local, domain)
    message["To"] = Address(addr_spec=to)
    message["Subject"] = subject
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{number}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    return message


def _most_changed(network: NetworkView, stores: Sequence[Store]) -> list[Store]:
    """Return the stores that have a page, by name: all, or those whose visitors changed most."""
    changed = {row.store.store_id: abs(row.compared.visitors_change or 0.0) for row in network.rows}
    kept = sorted(stores, key=lambda one: -changed.get(one.store_id, 0.0))[:PAGES_MAX]
    return sorted(kept, key=lambda one: one.name)


def _lines(network: NetworkView, lang: Language, first: date, last: date) -> list[tuple[str, str, str]]:
    """Return (name, figures, path) of each store."""
    lines = []
    for row in network.rows[:LINES_MAX]:
        now = row.compared.now
        came = NOTHING if now.footfall.value is None else lang.number(now.footfall.value)
        change = row.compared.visitors_change
        parts = [came + ("" if change is None else f" ({lang.change(change)})")]
        if now.conversion.value is not None:
            parts.append(lang.t("{share} bought", share=lang.percent(now.conversion.value)))
        if now.net_sales.value is not None:
            parts.append(lang.money(now.net_sales.value, row.store.currency, digits=0))
        if part := part_text(lang, now.footfall):
            parts.append(part)
        there = Route("history", lang.code, row.store.code, "custom", first, last, lang.code).href()
        lines.append((row.store.name, _SEPARATOR.join(parts), there))
    return lines


def _plain(told_: Told, post: Post, lang: Language, end: str) -> str:
    lines = [told_.head, _SEPARATOR.join(told_.parts), told_.days, ""]
    for name, figures, there in told_.lines:
        lines += [f"{name}: {figures}", *([f"  {post.origin}{there}"] if post.origin else [])]
    lines += ["", lang.t("The report is attached as a PDF."), ""]
    if end:
        lines.append(lang.t("No more of these mails: {link}", link=end))
    return "\n".join(lines) + "\n"


def _html(told_: Told, post: Post, lang: Language, end: str) -> str:
    rows = "".join(
        f'<tr><td style="padding:8px 16px 8px 0;vertical-align:top">{_linked(name, post.origin, there)}</td>'
        f'<td style="padding:8px 0">{escape(figures)}</td></tr>'
        for name, figures, there in told_.lines
    )
    stop = f'<p class="quiet"><a href="{escape(end)}">{escape(lang.t("No more of these mails"))}</a></p>' if end else ""
    return (
        f'<!DOCTYPE html><html lang="{lang.tag}"><head><meta charset="utf-8">{_HEAD}</head><body>'
        f"<h1>{escape(told_.head)}</h1>"
        f'<p>{escape(_SEPARATOR.join(told_.parts))}</p><p class="quiet">{escape(told_.days)}</p>'
        f"<table>{rows}</table>"
        f'<p class="quiet">{escape(lang.t("The report is attached as a PDF."))}</p>{stop}</body></html>'
    )


def _linked(name: str, origin: str, there: str) -> str:
    return f'<a href="{escape(origin + there)}">{escape(name)}</a>' if origin else escape(name)
