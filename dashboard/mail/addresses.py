"""Addresses that mails may go to: what can stand in a mail's header, of the domains that the installation allows."""

import re
from collections.abc import Sequence
from email.headerregistry import Address
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from dashboard.errors import MailError

_DOMAIN: Final = r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*"
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@" + _DOMAIN)
_ADDRESS_MAX: Final = 254


def _split(said: Any) -> Any:
    return [name.strip().lower() for name in said.split(",") if name.strip()] if isinstance(said, str) else said


#: Domains, as a comma list in the environment; none: any.
Domains = Annotated[
    tuple[Annotated[str, Field(pattern=f"^{_DOMAIN}$")], ...],
    NoDecode,
    BeforeValidator(_split),
    Field(description="domains that addresses of the weekly mail must be of, as a comma list; empty: any"),
]


class AddressSettings(BaseSettings):
    """Where mails may go, from the environment (`FOOTFALL_MAIL_DOMAINS`)."""

    model_config = SettingsConfigDict(env_prefix="FOOTFALL_", frozen=True, extra="ignore")

    mail_domains: Domains = ()


def check(address: str, domains: Sequence[str]) -> None:
    """Check that mails may go to an address.

    Raises:
        MailError: it is none, or of another domain.
    """
    try:
        whole = len(address) <= _ADDRESS_MAX and _ADDRESS.fullmatch(address) and Address(addr_spec=address)
    except ValueError:  # the header's own rules: no dot at an end of the name, nor two in a row
        whole = False
    if not whole:
        raise MailError(f"expected an e-mail address such as anna@example.com, got {address!r}", what="address")
    if not allowed(address, domains):
        said = f"expected an address of {', '.join(domains)} (FOOTFALL_MAIL_DOMAINS), got {address!r}"
        raise MailError(said, what="domain")


def allowed(address: str, domains: Sequence[str]) -> bool:
    """Return whether an address is of one of the domains, or any will do."""
    return not domains or address.rpartition("@")[2].lower() in domains
