"""Which address the links of mails lead to when all of Footfall runs on one machine."""

import socket

import pytest

from deploy.one_machine import linked_address


@pytest.mark.parametrize(
    ("host", "url", "address"),
    [
        ("", "", None),
        ("127.0.0.1", "", None),
        ("localhost", "", None),
        ("", "https://footfall.example", "https://footfall.example"),
        ("192.0.2.1", "", "http://192.0.2.1:8050"),
        ("2001:db8::1", "", "http://[2001:db8::1]:8050"),
        ("0.0.0.0", "", f"http://{socket.getfqdn()}:8050"),  # noqa: S104  # what is tested
    ],
)
def test_a_link_leads_to_where_others_can_open_it_or_nowhere(host: str, url: str, address: str | None) -> None:
    set_to = {"FOOTFALL_DASHBOARD_HOST": host, "FOOTFALL_DASHBOARD_URL": url}
    assert linked_address(set_to, 8050) == address
    assert linked_address({name: value for name, value in set_to.items() if value}, 8050) == address
