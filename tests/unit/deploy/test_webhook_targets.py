"""Where webhooks may go, and where not."""

import ipaddress
from typing import Any

import pytest

from deploy.errors import WebhookError
from deploy.webhooks.posting import post
from deploy.webhooks.targets import addresses_of, parse_url
from tests.support.receiver import receiving


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1", "::1", "fe80::1",
     "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::1"],
)  # fmt: skip
def test_an_address_inside_is_told_nothing_unless_it_is_allowed(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(monkeypatch, address)
    target = parse_url("https://erp.example.com/")
    with pytest.raises(WebhookError, match="--allow-private"):
        addresses_of(target, allow_private=False)
    assert addresses_of(target, allow_private=True) == [ipaddress.ip_address(address)]


def test_a_name_that_leads_inside_later_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiving() as receiver:
        url = f"https://erp.example.com:{receiver.url.split(':')[2]}"
        lead_to(monkeypatch, "93.184.216.34")
        assert addresses_of(parse_url(url), allow_private=False)
        lead_to(monkeypatch, "127.0.0.1")
        outcome = post(url, b"{}", {}, allow_private=False)
    assert receiver.got == []
    assert "not on the public internet" in (outcome.failure or "")


def test_without_https_only_this_machine_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_to(monkeypatch, "192.168.0.9")
    outcome = post("http://till.lan/hook", b"{}", {}, allow_private=True)
    assert "without https only this machine" in (outcome.failure or "")


@pytest.mark.parametrize(
    "url",
    ["ftp://example.com/", "https://user:secret@example.com/", "https://example.com/#part", "example.com", "https://",
     "https://example.com/a b", "https://example.com:99999/", f"https://example.com/{'a' * 2000}"],
)  # fmt: skip
def test_a_url_that_cannot_be_told_is_refused_with_what_was_expected(url: str) -> None:
    with pytest.raises(WebhookError, match="expected https://host/path"):
        parse_url(url)


def lead_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    found: Any = [(2, 1, 6, "", (address, 443))]
    monkeypatch.setattr("deploy.webhooks.targets.socket.getaddrinfo", lambda *_, **__: found)
