"""A source's address as it may stand in a log: without whatever could be a login.

Users and passwords stand before the host, in the query, or, with some cameras, in the path (`/user=…_password=…`).
"""

import re
from typing import Final

_BEFORE_HOST: Final = re.compile(r"^(\w+://).*@", re.DOTALL)
_QUERY: Final = re.compile(r"\?.*", re.DOTALL)
_IN_PATH: Final = re.compile(r"((?:user|usr|login|pass|pwd|auth|token|secret|key)\w*=)[^/]*", re.IGNORECASE)


def shown(address: str) -> str:
    """Return `address` with users, passwords and queries replaced by …; a path or `usb:0` as it is."""
    if "://" not in address:
        return address
    # Up to the last @: a password may hold one, and a slash, too.
    hidden = _QUERY.sub("?…", _BEFORE_HOST.sub(r"\1…@", address))
    return _IN_PATH.sub(r"\1…", hidden)
