"""`edge/audit/words.zh.json`: the audit page's Chinese out of the dashboard's catalogue, which a box does not carry.

`python -m deploy.audit_words` writes it anew; a test keeps the two equal.
"""

import json

from dashboard.language import language
from edge.audit.words import CATALOGUE, WORDS


def translations() -> str:
    """Return the file's text: English → Chinese, in the order of the page's words."""
    chinese = language("zh")
    return json.dumps({text: chinese.t(text) for text in WORDS.values()}, ensure_ascii=False, indent=1) + "\n"


def main() -> None:
    """Write the file."""
    CATALOGUE.write_text(translations(), encoding="utf-8")


if __name__ == "__main__":
    main()
