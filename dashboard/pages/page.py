"""What every page does alike: show only what changed, and stay calm while the database is away."""

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from dash import no_update
from plotly.utils import PlotlyJSONEncoder

from analytics.cache import Cache
from analytics.errors import DatabaseUnavailableError, StoreUnknownError
from dashboard.accounts.desk import AccountDesk
from dashboard.components.figures import unread
from dashboard.components.frame import forbidden, no_database
from dashboard.errors import ForbiddenError
from dashboard.language import Language, language_of
from dashboard.reading.live import LiveView
from dashboard.routes import Route
from dashboard.set_up.desk import Desk, Note
from dashboard.theme import Scheme
from dashboard.viewing import ViewerReading

Prints = dict[str, str]
#: A page's parts by name, and the prints of all.
Drawn: TypeAlias = tuple[Mapping[str, Any], Prints]
#: Draws a live page's parts.
Sections: TypeAlias = Callable[[LiveView, Language, Scheme], Mapping[str, Any]]

#: So many drawn views are kept.
DRAWN_MAX: Final = 64
_DRAWN_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class Shown:
    """Whom and how a page is drawn for."""

    route: Route
    lang: Language
    scheme: Scheme


@dataclass(frozen=True, slots=True)
class Services:
    """What pages read from and what they may have done, as the viewer may."""

    reading: ViewerReading
    desk: Desk
    accounts: AccountDesk
    #: Writes (action, viewer, subject) into the audit log.
    note: Note
    #: The address that people type, without a path.
    origin: Callable[[], str]
    #: What was drawn of views that many look at, so that it is drawn once.
    drawn: Cache = field(default_factory=lambda: Cache(entries_max=DRAWN_MAX))


def changed(parts: Mapping[str, Any], prints: Prints | None) -> tuple[list[Any], Prints]:
    """Return each part, or `no_update` where the browser has it already, and the prints of all."""
    fresh = prints_of(parts)
    return unlike(parts, fresh, prints), fresh


def prints_of(parts: Mapping[str, Any]) -> Prints:
    """Return what tells each part from what it was before."""
    return {name: _print(part) for name, part in parts.items()}


def unlike(parts: Mapping[str, Any], fresh: Prints, prints: Prints | None) -> list[Any]:
    """Return each part, or `no_update` where its print in `fresh` is the one that the browser has."""
    known = prints or {}
    return [no_update if known.get(name) == fresh[name] else part for name, part in parts.items()]


def drawn_once(
    services: Services, view: LiveView, lang: Language, colours: Scheme, *, page: str, sections: Sections
) -> Drawn:
    """Return a live page's parts and their prints, drawn once of a reading for all who look at it in these colours."""

    def draw() -> Drawn:
        parts = sections(view, lang, colours)
        return parts, prints_of(parts)

    return services.drawn.get((view.reading, page, lang.code, colours), draw, for_s=_DRAWN_S)


def refreshed(
    services: Services,
    shown: Mapping[str, str],
    prints: Prints | None,
    *,
    places: int,
    draw: Callable[[LiveView, Language], Drawn],
) -> list[Any]:
    """Return a live page's callback's answer: what changed, the prints, and no banner; or only the banner."""
    lang = language_of(shown["lang"])

    def read() -> tuple[list[Any], Prints]:
        parts, fresh = draw(services.reading.live(shown["store"]), lang)
        return unlike(parts, fresh, prints), fresh

    return calm(read, prints, lang, places=places)


def calm(
    read: Callable[[], tuple[list[Any], Prints]], prints: Prints | None, lang: Language, *, places: int
) -> list[Any]:
    """Return the answer of a callback with so many places: what changed, the prints, and no banner; or only the banner.

    `read` returns what changed and the prints of all, as `changed` does.
    """
    try:
        parts, fresh = read()
    except DatabaseUnavailableError as error:
        return [no_update] * (places + 1) + [no_database(error.since, lang)]
    except (ForbiddenError, StoreUnknownError):
        return [no_update] * (places + 1) + [forbidden(lang)]
    return [*parts, fresh if fresh != prints else no_update, None]


def readable(failed: Collection[str], lang: Language, name: str, title: str, draw: Callable[[], Any]) -> Any:
    """Return a card, or under its title that it cannot be read, where the part `name` of a view has `failed`."""
    return unread(title, lang, name=f"unread-{name}") if name in failed else draw()


def _print(part: Any) -> str:
    text = json.dumps(part, cls=PlotlyJSONEncoder, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
