"""JSON Schema of each message, generated from the classes and committed in `contract/schema/`.

`python -m contract.schema` rewrites the files; a test compares them with the classes.
"""

import json
from pathlib import Path

import msgspec

from contract.codec import MESSAGE_OF_LEAF

FOLDER = Path(__file__).with_name("schema")


def schemas() -> dict[str, str]:
    """Return the JSON Schema text of each message by file name."""
    texts = {}
    for leaf, kind in MESSAGE_OF_LEAF.items():
        schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(kind)}
        texts[f"{leaf}.json"] = json.dumps(schema, indent=2, sort_keys=True) + "\n"
    return texts


def main() -> None:
    """Write the schema files."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in schemas().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
