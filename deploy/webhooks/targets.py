"""Where a webhook may go: https, and no address of our own network unless that was allowed.

A name is looked up once, and what was checked is what is connected to: a name that changes its mind in between leads
nowhere.
"""

import ipaddress
import socket
from dataclasses import dataclass
from typing import Final, TypeAlias
from urllib.parse import urlsplit

from deploy.errors import WebhookError

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

URL_MAX: Final = 2_000
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in parts; `path` with its query."""

    tls: bool
    host: str
    port: int
    path: str


def parse_url(url: str) -> Target:
    """Return the parts of an endpoint's URL.

    Raises:
        WebhookError: not https (or http), with a user or a fragment in it, or too long.
    """
    expected = "expected https://host/path, without user, password or fragment"
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WebhookError(f"{expected}, got {url[:200]!r}: {error}") from error
    printable = url.isascii() and url.isprintable() and " " not in url
    if (
        parts.scheme not in ("https", "http")
        or not parts.hostname
        or parts.username
        or parts.password
        or parts.fragment
    ):
        raise WebhookError(f"{expected}, got {url[:200]!r}")
    if len(url) > URL_MAX or not printable:
        raise WebhookError(f"{expected}, at most {URL_MAX} printable ASCII characters")
    tls = parts.scheme == "https"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(tls, parts.hostname, port or (443 if tls else 80), path)


def addresses_of(target: Target, *, allow_private: bool) -> list[Address]:
    """Return the addresses of a target's host, all of which may be connected to.

    Raises:
        WebhookError: it has none, or one that is not allowed.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise WebhookError(f"{target.host} has no address: {error}") from error
    addresses: list[Address] = list(
        dict.fromkeys(ipaddress.ip_address(str(where[0]).partition("%")[0]) for *_, where in found)
    )
    for address in addresses:
        if not allow_private and not _is_public(address):
            raise WebhookError(
                f"{target.host} is {address}, which is not on the public internet: say --allow-private if it is yours"
            )
        if not target.tls and not address.is_loopback:
            raise WebhookError(f"{target.host} is {address}: without https only this machine itself can be told")
    return addresses


def _is_public(address: Address) -> bool:
    inner = _embedded(address)
    return address.is_global and not address.is_multicast and (inner is None or _is_public(inner))


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 one stands for."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
