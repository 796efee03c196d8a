"""Forms outside of Dash: a page of its own with a heading, what was said about the last try, fields and a button."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import parse_qs, parse_qsl, urlencode

import flask

from dashboard.language import CODES, NAMES, Language, best, language

_PAGE: Final = """<!DOCTYPE html>
<html lang="{tag}">
<head>
<meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} · Footfall</title>
<link rel="icon" type="image/svg+xml" href="/assets/favicon.svg">
<link rel="stylesheet" href="/assets/footfall.css">
<script src="/assets/browser.js"></script>
</head>
<body>
<div class="frame door">
<header>
<a class="brand" href="/" aria-label="Footfall">Footfall</a><div class="where"></div>
<div class="settings"><div class="choices languages">{languages}</div></div>
</header>
<main>
<h1>{title}</h1>
{body}
</main>
</div>
</body>
</html>
"""
_FORM: Final = """{said}
<form method="post" action="{action}">
{fields}
<button type="submit" class="button">{submit}</button>
</form>
{other}
<p class="advice">{advice}</p>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form; `fields` are HTML, everything else is text. `after` is where one goes from there."""

    title: str
    action: str
    fields: Sequence[str]
    submit: str
    said: Sequence[str]
    advice: str
    after: str = "/"
    #: Another way: its words and its address.
    other: tuple[str, str] | None = None
    #: HTML below the form, such as another one.
    more: str = ""


def drawn(form: Form, lang: Language) -> str:
    """Return the form's page as HTML."""
    lines = "".join(f"<span>{escape(line)}</span>" for line in form.said if line)
    body = _FORM.format(
        said=f'<div class="banner" role="alert">{lines}</div>' if lines else "",
        action=form.action,
        fields="\n".join(form.fields),
        submit=escape(form.submit),
        other=_other(form) + form.more,
        advice=escape(form.advice),
    )
    return _PAGE.format(tag=lang.tag, title=escape(form.title), languages=_languages(form, lang), body=body)


def told(title: str, text: str, lang: Language) -> str:
    """Return a page that has only something to say, as HTML, with the way to the pages."""
    way = escape(lang.t("To the stores"))
    body = f'<p class="lead" role="status">{escape(text)}</p>'
    body += f'<p class="other"><a class="quiet" href="/?lang={lang.code}">{way}</a></p>'
    return _PAGE.format(tag=lang.tag, title=escape(title), languages="", body=body)


def field(name: str, label: str, kind: str, autocomplete: str, *, value: str = "") -> str:
    """Return a field that has to be filled in, under its label."""
    return (
        f'<label for="{name}">{escape(label)}</label><input id="{name}" name="{name}" type="{kind}" required '
        f'autocomplete="{autocomplete}" autocapitalize="none" spellcheck="false" maxlength="128" '
        f'value="{escape(value)}">'
    )


def hidden(name: str, value: str) -> str:
    """Return a field that travels unseen."""
    return f'<input type="hidden" name="{name}" value="{escape(value)}">'


def _other(form: Form) -> str:
    if form.other is None:
        return ""
    words, address = form.other
    return f'<p class="other"><a class="quiet" href="{escape(address)}">{escape(words)}</a></p>'


def asked_language() -> Language:
    """Return the language that a request asks for in its form or address, or where it goes next; else its browser's."""
    there = parse_qs(flask.request.values.get("next", "").partition("?")[2]).get("lang", [None])[0]
    return language(best(flask.request.values.get("lang") or there, _accepted()))


def in_asked_language(path: str) -> str:
    """Return a path in the language that its asker reads now; as it is where the browser asks for that anyway."""
    lang, (bare, _, query) = asked_language(), path.partition("?")
    kept = [(name, value) for name, value in parse_qsl(query) if name != "lang"]
    if lang.code != best(None, _accepted()):
        kept.append(("lang", lang.code))
    return f"{bare}?{urlencode(kept)}" if kept else bare


def _accepted() -> str:
    return flask.request.headers.get("Accept-Language", "")


def _languages(form: Form, lang: Language) -> str:
    links = []
    for code in CODES:
        query = urlencode({"lang": code, **({"next": form.after} if form.after != "/" else {})})
        chosen = "choice on" if code == lang.code else "choice"
        links.append(f'<a class="{chosen}" href="{form.action}?{escape(query)}">{NAMES[code]}</a>')
    return "".join(links)
