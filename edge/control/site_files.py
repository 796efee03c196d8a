"""The files that a box is set up by: the site file, and the standard that head office lays over it.

A site file from head office comes without what is the box's own: who it is, its broker, its outbox, and its audit page
and metrics where head office says nothing of them. Those are kept as they stand on the box.
"""

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from edge.config import SiteConfig, load_site, parse_site, standard_file, with_standard
from edge.errors import ConfigError, ControlError
from edge.identity import write_secret

#: What head office's text must leave to the box, and what is kept of the box's file where it says nothing.
_NOT_HERS: Final = ("store", "device", "broker", "outbox")
_KEPT: Final = ("broker", "outbox", "audit", "metrics")
_HEADER: Final = """\
# From head office. A change that is made here by hand is kept and told to head office.
# All settings with their meaning: edge/site.example.toml
"""


class SiteTexts(Struct, frozen=True, kw_only=True):
    """What stands in the two files; `standard` None: there is none."""

    site: str
    standard: str | None = None


class SiteFiles:
    """The site file at `path` and the standard beside it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._standard = standard_file(path)

    def read(self) -> SiteTexts:
        """Return what stands there.

        Raises:
            ControlError: the site file cannot be read.
        """
        try:
            standard = self._standard.read_text(encoding="utf-8") if self._standard.exists() else None
            return SiteTexts(site=self.path.read_text(encoding="utf-8"), standard=standard)
        except (OSError, ValueError) as error:
            raise ControlError(f"the site file cannot be read: {error}") from error

    def write(self, texts: SiteTexts) -> None:
        """Replace what stands there, each file as a whole; both together are the caller's business.

        Raises:
            ControlError: the disk does not take it.
        """
        present = self.read()
        try:
            if present.site != texts.site:
                write_secret(self.path, texts.site.encode())
            if texts.standard is None:
                self._standard.unlink(missing_ok=True)
            elif present.standard != texts.standard:
                write_secret(self._standard, texts.standard.encode())
        except OSError as error:
            raise ControlError(f"the set-up cannot be written: {error}") from error

    def parsed(self, texts: SiteTexts) -> SiteConfig:
        """Return the site that `texts` describe; its own paths are as they stand there.

        Raises:
            ConfigError: they describe none; see edge.config.load_site.
        """
        raw = with_standard(_toml(texts.site), texts.standard or "", self._standard)
        return parse_site(raw, where="site")

    def loaded(self) -> SiteConfig:
        """Return the site that stands there, with its paths made absolute.

        Raises:
            ConfigError: as `parsed`.
        """
        return load_site(self.path)


def from_head_office(present: str, text: str) -> str:
    """Return head office's `text` as a whole site file, with what is the box's own out of the `present` one.

    Raises:
        ConfigError: one of them is not TOML.
        ControlError: `text` says what only the box may.
    """
    own, hers = _toml(present), _toml(text)
    claimed = [key for key in _NOT_HERS if key in hers]
    if claimed:
        raise ControlError(f"expected a site text without {', '.join(_NOT_HERS)}, got {', '.join(claimed)}")
    kept: dict[str, Any] = {key: own[key] for key in ("store", "device", *_KEPT) if key in own and key not in hers}
    whole = _HEADER + "\n" + "\n\n".join([*(_lines(key, value) for key, value in kept.items()), text.strip()]) + "\n"
    if _toml(whole) != {**kept, **hers}:
        raise ControlError("the site text cannot be joined with the box's own: is a key outside of every table?")
    return whole


def digest(text: str) -> str:
    """Return the SHA-256 of a text in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def _lines(key: str, value: Any) -> str:
    """Return a plain value, or a table of plain values, as TOML; JSON writes them alike."""
    if isinstance(value, dict):
        return "\n".join([f"[{key}]", *(_lines(name, each) for name, each in value.items())])
    return f"{key} = {json.dumps(value, ensure_ascii=False)}"


def _toml(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise ConfigError("site", "", expected="TOML", got=str(error)) from error
