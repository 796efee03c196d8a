"""Where mails may go."""

import pytest

from dashboard.errors import MailError
from dashboard.mail.addresses import AddressSettings, check


@pytest.mark.parametrize("address", ["anna@shop.example", "a.b+week@x", "a!b@SHOP.example"])
def test_an_address_that_can_stand_in_a_header_is_one(address: str) -> None:
    check(address, ())


@pytest.mark.parametrize(
    "address",
    [
        "a..b@x.com",
        ".a@x.com",
        "a.@x.com",
        "anna",
        "@x.com",
        "a@",
        "a b@x.com",
        "a@x\r\nBcc: all@y",
        "a" * 251 + "@x.y",
    ],
)
def test_what_would_fail_in_a_header_on_monday_is_refused_when_it_is_typed(address: str) -> None:
    with pytest.raises(MailError, match="expected an e-mail address such as") as refused:
        check(address, ())
    assert refused.value.what == "address"


def test_an_address_is_of_the_domains_that_are_set_and_of_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert AddressSettings().mail_domains == ()
    monkeypatch.setenv("FOOTFALL_MAIL_DOMAINS", "shop.example, Shop.CN ,")
    domains = AddressSettings().mail_domains
    assert domains == ("shop.example", "shop.cn")
    check("anna@Shop.Example", domains)
    for other in ("anna@gmail.example", "anna@mail.shop.example", "anna@shop.example.evil", "shop.example@x.com"):
        with pytest.raises(MailError, match=r"shop\.example, shop\.cn") as refused:
            check(other, domains)
        assert refused.value.what == "domain"


def test_what_is_no_domain_is_refused_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_MAIL_DOMAINS", "@shop.example")
    with pytest.raises(ValueError, match="mail_domains"):
        AddressSettings()
