"""Under which names boxes may be told to find a server."""

import pytest
import typer

from deploy.cli.reach import checked_hosts


@pytest.mark.parametrize("host", ["localhost", "footfall.example.com", "192.0.2.7", "2001:db8::7", "store_box-1"])
def test_a_host_name_or_an_address_is_taken(host: str) -> None:
    assert checked_hosts([host]) == [host]


@pytest.mark.parametrize(
    "host", ["", "bad name!", "https://footfall.example.com", "footfall.example.com:8443", "a..b", "-a", "büro", "a\n"]
)
def test_what_no_certificate_can_be_for_is_refused(host: str) -> None:
    with pytest.raises(typer.BadParameter, match="host name or an address"):
        checked_hosts([host])
