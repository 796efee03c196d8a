"""Two moments of the past: what their difference tells of a day, and of whom.

Everything was received as it happened, so a day of which each moment told its own sums would say when each came in.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg2
import pytest

from tests.integration.api.conftest import NOW, Kept
from tests.support.known import as_if_known_in_time
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.served import HeldClock
from tests.support.servers import Cluster
from tests.support.store_data import add_audit, add_shop, copy, fill

SHOP = "/v1/stores/late"
DAY, WEEK = ("period=custom&first=2026-11-20&last=2026-11-20", "period=custom&first=2026-11-14&last=2026-11-20")
#: Friday the 20th, open from 01:00 to 13:00 UTC, its till until 14:00.
RUNNING = ("04:00:00", "04:37:12", "13:30:00", "14:59:59")
CELLS = (f"{SHOP}/hours?", f"{SHOP}/traffic?limit=1000&grain=15min&", f"{SHOP}/traffic?limit=1000&grain=hour&")
SUMS = (
    f"{SHOP}/kpis?compare=previous&", f"{SHOP}/kpis?grain=day&", f"{SHOP}/change?", f"{SHOP}/change?against=year&",
    f"{SHOP}/funnel?", f"{SHOP}/traffic?grain=day&", f"{SHOP}/targets?", f"{SHOP}/quality?", f"{SHOP}/queue?",
    f"{SHOP}/occupancy?", "/v1/comparison?", "/v1/export/kpis?",
)  # fmt: skip
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def heard(cluster: Cluster) -> Iterator[Kept]:
    """An API over one store all of whose rows were received as they happened."""
    url = cluster.create()
    opened = psycopg2.connect(url)
    opened.autocommit = True
    shop = add_shop(opened, "late", visitors_per_day=60.0)
    fill(opened, shop, now=NOW, weeks=3)
    for line in ("door", "side"):
        add_audit(opened, shop.store_id, shop.lines[line], datetime(2026, 11, 9, 3, 0, tzinfo=UTC))
    # A week of queues: enough in one hour of each day, few in another, and in a third few on its Sunday alone.
    monday = datetime(2026, 11, 2, tzinfo=UTC)
    copy(
        opened,
        "queue_exit (at, store_id, zone_id, wait_s, served)",
        [
            (monday + timedelta(days=day, hours=hour, minutes=number), shop.store_id, shop.zones["till"], 40.0, True)
            for day in range(7)
            for hour, people in ((4, 9), (5, 3), (6, 9 if day < 6 else 3))
            for number in range(people)
        ],
    )
    as_if_known_in_time(opened)
    opened.close()
    clock = HeldClock(NOW)
    with kpi_api(url, clock) as client:
        own, partner = (bearer(reader_key(url, outside=outside)) for outside in (False, True))
        yield Kept(url, clock, client, own, own, partner)
    cluster.drop(url)


def told(kept: Kept, path: str, key: dict[str, str] | None = None) -> Any:
    """Return what an answer says to the last digit, but for up to when."""
    answer = kept.client.get(path, headers=key or kept.head_office)
    assert answer.status_code == 200, answer.text
    if path.startswith("/v1/export"):
        return undated(list(csv.DictReader(io.StringIO(answer.text))))
    return undated(answer.json())


def undated(some: Any) -> Any:
    if isinstance(some, dict):
        return {name: undated(one) for name, one in some.items() if name not in ("as_of", "running")}
    return [undated(one) for one in some] if isinstance(some, list) else some


def values(some: Any) -> Any:
    """Return an answer without its intervals, which rest on the audits and the baskets of their moment."""
    if isinstance(some, dict):
        return {name: values(one) for name, one in some.items() if name not in ("low", "high")}
    return [values(one) for one in some] if isinstance(some, list) else some


def moments(hour: str) -> tuple[str, str, str]:
    """Return an hour as `as_of`, the second after it, and now."""
    return f"&as_of={hour}:00:00Z", f"&as_of={hour}:00:01Z", ""


def test_no_two_moments_of_a_day_that_was_running_tell_who_came_between_them(heard: Kept) -> None:
    for path in (*SUMS, *CELLS):
        for period in (DAY, WEEK):
            first, *others = (told(heard, f"{path}{period}&as_of=2026-11-20T{at}Z") for at in RUNNING)
            assert all(one == first for one in others), (path, period)
    today = [told(heard, f"{SHOP}/kpis?period=this_week&as_of=2026-11-21T{at}Z") for at in ("05:00:00", "06:00:00")]
    assert today[0] == today[1], "nor of the day that still runs"


def test_outside_the_company_no_digit_moves_with_the_day_that_runs(heard: Kept) -> None:
    with kpi_api(heard.url, HeldClock(NOW - timedelta(hours=2))) as client:
        before = replace(heard, client=client)
        for path in SUMS[:5]:
            assert told(before, f"{path}{WEEK}", heard.partner) == told(heard, f"{path}{WEEK}", heard.partner), path


def test_a_day_is_told_as_of_a_moment_once_it_had_been_over_for_an_hour(heard: Kept) -> None:
    before, after, now = (values(told(heard, f"{SHOP}/kpis?{DAY}{at}")) for at in moments("2026-11-20T15"))
    assert before["rows"][0]["figures"]["footfall"]["value"] is None
    assert after == now
    assert now["rows"][0]["figures"]["footfall"]["value"] > 0


def test_hours_and_quarters_are_told_as_of_a_moment_once_nothing_comes_late_to_them(heard: Kept) -> None:
    day = "period=custom&first=2026-11-12&last=2026-11-12"
    for path in CELLS:
        early, late, now = (told(heard, f"{path}{day}{at}") for at in moments("2026-11-19T14"))
        name = "hours" if "hours" in path else "rows"
        assert early[name] == []
        assert values(late[name]) == values(now[name]) != []


def test_hours_of_a_week_that_grows_tell_by_their_differences_of_no_cell_of_few(heard: Kept) -> None:
    """Day by day until the week is whole, then all of it together: each moment is held against each before."""
    week = f"{SHOP}/queue?period=custom&first=2026-11-02&last=2026-11-08&grain=hour"

    def joins(day: int) -> dict[int, float | None]:
        rows = heard.client.get(f"{week}&as_of=2026-11-{day:02}T14:00:01Z", headers=heard.head_office).json()["rows"]
        return {row["hour"]: row["figures"]["queue_joins"]["value"] for row in rows}

    told = [joins(day) for day in range(9, 17)]
    grown = 0
    for at, later in enumerate(told):
        for earlier in told[:at]:
            both = [(new, was) for hour, was in earlier.items() if was is not None and (new := later[hour]) is not None]
            assert all(new == was or new - was >= 5 for new, was in both), (at, both)
            grown += sum(new > was for new, was in both)
    assert grown, "the whole week tells more of an hour than its days do, one by one"
