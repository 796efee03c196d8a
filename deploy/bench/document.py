"""Sections of a document that commands write: between two markers, the rest is left as it is."""

from pathlib import Path


def replace_section(document: Path, name: str, text: str, *, title: str = "") -> None:
    """Put `text` between the markers of section `name` in `document`.

    A document that is not there is made, with `title` first; a section that is not there is put at its end.
    """
    begin, end = f"<!-- {name}: written by a command -->", f"<!-- {name}: end -->"
    old = document.read_text(encoding="utf-8") if document.exists() else title
    before, found, rest = old.partition(begin)
    after = rest.partition(end)[2] if found else ""
    parts = [before.rstrip("\n"), "", begin, text.strip("\n"), end]
    new = "\n".join(parts).lstrip("\n") + (after if after.strip() else "\n")
    document.parent.mkdir(parents=True, exist_ok=True)
    document.write_text(new, encoding="utf-8")
