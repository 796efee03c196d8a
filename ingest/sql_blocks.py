"""SQL as named blocks: `-- :name words` opens a block in a `.sql` file, the next such line or the end closes it."""

import re
from importlib.resources import files
from typing import Final

_MARKER: Final = re.compile(r"^-- :name (\w+)\s*$", re.MULTILINE)


def load_blocks(name: str) -> dict[str, str]:
    """Return the blocks of `ingest/sql/<name>.sql` by their names.

    Raises:
        ValueError: text before the first block, or two blocks of one name.
    """
    text = (files("ingest") / "sql" / f"{name}.sql").read_text(encoding="utf-8")
    return parse_blocks(text, name)


def parse_blocks(text: str, name: str) -> dict[str, str]:
    """Return the blocks in `text`; `name` is for the message.

    Raises:
        ValueError: text before the first block, or two blocks of one name.
    """
    head, *parts = _MARKER.split(text)
    if re.sub(r"--.*", "", head).strip():
        raise ValueError(f"{name}.sql: expected '-- :name …' before the first statement, got {head.strip()[:60]!r}")
    names = parts[::2]
    if len(set(names)) != len(names):
        raise ValueError(f"{name}.sql: expected one block per name, got {', '.join(names)}")
    return {block: body.strip() for block, body in zip(names, parts[1::2], strict=True)}
