"""JSON Schema of each message and of each signed body, generated from the classes and committed in `contract/schema/`.

`python -m contract.schema` rewrites the files; a test compares them with the classes.
"""

import inspect
import json
from pathlib import Path
from typing import Any

import msgspec

from contract.codec import MESSAGE_OF_LEAF
from contract.control import Command, Desired

FOLDER = Path(__file__).with_name("schema")


def schemas() -> dict[str, str]:
    """Return the JSON Schema text of each message by file name."""
    texts = {}
    kinds = [*MESSAGE_OF_LEAF.items(), ("config-body", Desired), ("command-body", Command)]
    for name, kind in kinds:
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(kind)}
        texts[f"{name}.json"] = json.dumps(_dedented(schema), indent=2, sort_keys=True) + "\n"
    return texts


def _dedented(node: Any) -> Any:
    """Return the schema with docstrings as Python 3.13 keeps them; earlier ones keep the indentation."""
    if isinstance(node, dict):
        return {
            key: inspect.cleandoc(value) if key == "description" and isinstance(value, str) else _dedented(value)
            for key, value in node.items()
        }
    return [_dedented(value) for value in node] if isinstance(node, list) else node


def main() -> None:
    """Write the schema files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
