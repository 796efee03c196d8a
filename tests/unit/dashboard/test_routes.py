"""Addresses round-trip; what cannot be read falls back."""

from datetime import date
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.periods import PERIODS
from dashboard.language import CODES
from dashboard.routes import Route, route

codes = st.from_regex(r"[a-z0-9]([a-z0-9_-]{0,20}[a-z0-9])?", fullmatch=True)


@given(
    st.one_of(st.none(), codes),
    st.sampled_from([None, *PERIODS[:-1]]),
    st.one_of(st.none(), st.sampled_from(CODES)),
    st.one_of(st.none(), st.text(min_size=1, max_size=20).filter(str.isprintable)),
)
def test_an_address_reads_back_as_the_route_it_came_from(
    store: str | None, period: str | None, lang: str | None, region: str | None
) -> None:
    code = next((one for one in CODES if one == lang), None)
    name = next((one for one in PERIODS if one == period), None)
    here = Route(
        "store" if store else "stores", code or "en", store, name, None, None, code, region=region, format=region
    )
    parts = urlsplit(here.href())
    assert route(parts.path, parts.query) == here


@given(st.text(max_size=20), st.booleans(), st.sampled_from(["", "files"]), st.sampled_from([None, "net.desc"]))
def test_what_is_looked_for_chosen_and_sorted_reads_back(find: str, need: bool, kind: str, sort: str | None) -> None:
    find = find.encode("utf-8", "ignore").decode()
    for here in (
        Route("devices", "en", find=find, need=need, sort=sort),
        Route("alarms", "en", find=find, alarms="act"),
        Route("users", "en", find=find),
        Route("log", "en", find=find, kind=kind, first=date(2026, 11, 1)),
        Route("trust", "en", sort=sort),
        Route("stores", "en", sort=sort),
    ):
        parts = urlsplit(here.href())
        assert route(parts.path, parts.query) == here
        assert here.to_store("xidan").href() == "/store/xidan", "another page lists something else"


def test_a_custom_period_keeps_its_days_and_an_unreadable_one_is_none() -> None:
    here = route("/", "?period=custom&from=2026-11-01&to=2026-11-10&lang=zh")
    assert (here.first, here.last, here.period) == (date(2026, 11, 1), date(2026, 11, 10), "custom")
    assert route("/", urlsplit(here.href()).query) == here
    for broken in ("?period=custom", "?period=custom&from=2026-11-10&to=2026-11-01", "?period=never", "?from=x"):
        assert route("/", broken).period is None


@pytest.mark.parametrize("path", ["/nothing", "/store", "/store/a/b"])
def test_other_paths_are_unknown(path: str) -> None:
    assert route(path, "").page == "unknown"


def test_language_and_period_go_along_to_a_store_and_back() -> None:
    here = route("/", "?period=last_week&lang=zh")
    there = here.to_store("xidan")
    assert there.href() == "/store/xidan?period=last_week&lang=zh"
    assert there.to_stores() == here
