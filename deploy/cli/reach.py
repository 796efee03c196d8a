"""The option `--reach`: under which names boxes find a server."""

import ipaddress
import re
from collections.abc import Sequence
from typing import Final

import typer

_NAME: Final = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*", re.IGNORECASE
)


def checked_hosts(hosts: Sequence[str] | None) -> Sequence[str] | None:
    """Return `hosts`, if a certificate can be for each of them.

    Raises:
        typer.BadParameter: one is neither a host name nor an IP address.
    """
    for host in hosts or ():
        if not _NAME.fullmatch(host) and not _is_address(host):
            raise typer.BadParameter(
                f"expected a host name or an address alone, such as footfall.example.com or 192.0.2.7, got {host!r}"
            )
    return hosts


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
