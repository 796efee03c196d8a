"""Comparisons and targets through the KPI API: against plain reckoning, to whom, and what is kept back."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import psycopg2
import pytest
from fastapi.testclient import TestClient

from tests.integration.api.conftest import NOW, Kept, body, get, problem
from tests.support.kpi_api import bearer, kpi_api, reader_key
from tests.support.ledger import execute, rows
from tests.support.plain_comparing import Day, PlainStore, a_year_before, grown, peers_of, places_among, summed
from tests.support.served import HeldClock
from tests.support.servers import Cluster
from tests.support.store_data import add_shop, fill

SHOP = "/v1/stores/nanjing-road"
PARTS = ("change_visitors", "change_mix", "change_conversion", "change_basket", "change_rest")
WEEK = [date(2026, 11, 9) + timedelta(days=ahead) for ahead in range(7)]
KIOSKS = ("kiosk-a", "kiosk-b", "kiosk-c", "kiosk-d")
CHAIN = (*KIOSKS, "new", "blind")


@dataclass(frozen=True)
class Chain:
    """Four kiosks, a store that is new and one that was blind on a day, and the same days a year before."""

    url: str
    client: TestClient
    key: dict[str, str]
    partner: dict[str, str]
    plain: dict[str, PlainStore]

    def asked(self, path: str, key: dict[str, str] | None = None) -> Any:
        answer = self.client.get(path, headers=key or self.key)
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="module")
def chain(cluster: Cluster) -> Iterator[Chain]:
    url = cluster.create()
    opened = psycopg2.connect(url)
    opened.autocommit = True
    for number, code in enumerate(CHAIN):
        shop = add_shop(
            opened, code, visitors_per_day=40.0 + 25 * number, conversion=0.1 + 0.05 * number, seed=number + 1,
            currency="CNY" if number % 2 else "EUR", first=date(2025, 11, 1),
        )  # fmt: skip
        fill(opened, shop, now=NOW, weeks=3)
        fill(opened, shop, now=NOW - timedelta(days=5, weeks=52), weeks=1)
    opened.close()
    execute(url, "UPDATE store SET format = 'kiosk', size_m2 = 20 + 3 * store_id WHERE code LIKE 'kiosk%'")
    execute(url, "UPDATE store SET opened_on = CASE code WHEN 'new' THEN '2026-03-01'::date ELSE '2019-03-01' END")
    execute(
        url,
        "DELETE FROM camera_uptime USING store WHERE camera_uptime.store_id = store.store_id AND code = 'blind'"
        " AND camera_uptime.at BETWEEN '2025-11-12' AND '2025-11-13'",
    )
    clock = HeldClock(NOW)
    with kpi_api(url, clock) as client:
        keys = (bearer(reader_key(url)), bearer(reader_key(url, outside=True)))
        yield Chain(url, client, *keys, {code: plain_store(url, code) for code in CHAIN})
    cluster.drop(url)


def plain_store(url: str, code: str) -> PlainStore:
    """Read a store's days from its single rows."""
    came = rows(
        url,
        "SELECT (x.at AT TIME ZONE 'Asia/Shanghai')::date, count(*) FROM crossing AS x JOIN line AS l USING (line_id)"
        " JOIN store AS s ON s.store_id = x.store_id WHERE s.code = %s AND l.role = 'entrance' AND inward"
        " AND staff IS NOT TRUE GROUP BY 1",
        code,
    )
    sold = {
        day: (float(count), float(net))
        for day, count, net in rows(
            url,
            "SELECT (pos_order.closed_at AT TIME ZONE 'Asia/Shanghai')::date, count(*) FILTER (WHERE kind = 'sale'),"
            " sum(net) FROM pos_order JOIN store USING (store_id) WHERE code = %s GROUP BY 1",
            code,
        )
    }
    watched = dict(
        rows(
            url,
            "SELECT (camera_uptime.at AT TIME ZONE 'Asia/Shanghai')::date, sum(up_s) / (2 * 12 * 3600)"
            " FROM camera_uptime JOIN camera USING (camera_id) JOIN store ON store.store_id = camera.store_id"
            " WHERE store.code = %s AND camera.code IN ('door', 'side') GROUP BY 1",
            code,
        )
    )
    days = {day: Day(float(count), *sold.get(day, (0.0, 0.0)), float(watched.get(day, 0.0))) for day, count in came}
    ((kind, size, since),) = rows(url, "SELECT format, size_m2, opened_on FROM store WHERE code = %s", code)
    return PlainStore(code, since, days, kind=kind, size_m2=size)


def added_up(explained: Any) -> float:
    return float(sum(explained["figures"][part]["value"] for part in PARTS))


def test_the_parts_of_a_change_add_up_to_it_and_to_its_two_sides(kept: Kept) -> None:
    found = body(kept, f"{SHOP}/change?period=last_week")
    change = found["explained"]["figures"]["change_sales"]
    assert (change["unit"], change["quality"], change["withheld"]) == ("money", "measured", False)
    assert added_up(found["explained"]) == pytest.approx(change["value"], abs=1e-6)
    after, before = (found[side]["figures"]["net_sales"]["value"] for side in ("after", "before"))
    assert change["value"] == pytest.approx(after - before)
    assert found["explained"]["share"] == pytest.approx(after / before - 1)
    assert found["pairs"][0] == {"day": "2026-11-09", "compared_with": "2026-11-02", "by": "weekday"}
    assert (len(found["pairs"]), found["like_for_like"], found["takes_part"]) == (7, None, None)


def test_like_for_like_is_what_plain_reckoning_says(chain: Chain) -> None:
    found = chain.asked("/v1/comparison?period=last_week")
    like = found["like_for_like"]
    taking, visitors, _ = grown(list(chain.plain.values()), a_year_before(WEEK))
    assert taking == sorted(KIOSKS)
    assert (like["stores"], like["of"], like["holidays"]) == (4, 6, True)
    assert like["visitors"]["value"] == pytest.approx(visitors)
    told = {one["store"]: one["like_for_like"] for one in found["stores"]}
    assert told == dict.fromkeys(KIOSKS, "yes") | {"new": "open_too_short", "blind": "not_counted_in_full"}
    for number, currency in enumerate(("EUR", "CNY")):
        some = [chain.plain[code] for code in KIOSKS[number::2]]
        explained = next(one for one in like["sales"] if one["currency"] == currency)
        assert explained["share"] == pytest.approx(grown(some, a_year_before(WEEK))[2])
        assert added_up(explained) == pytest.approx(explained["figures"]["change_sales"]["value"], abs=1e-6)


def test_a_store_s_growth_says_which_day_meets_which(chain: Chain) -> None:
    own = chain.asked("/v1/stores/kiosk-a/change?period=last_week&against=year")
    _, visitors, net = grown([chain.plain["kiosk-a"]], a_year_before(WEEK))
    assert own["takes_part"] == "yes"
    assert own["like_for_like"]["visitors"]["value"] == pytest.approx(visitors)
    assert own["explained"]["share"] == pytest.approx(net)
    assert own["before"]["figures"]["footfall"]["value"] == sum(
        chain.plain["kiosk-a"].days[day].visitors for _, day in a_year_before(WEEK)
    )
    assert [(one["day"], one["compared_with"], one["by"]) for one in own["pairs"]] == [
        (str(day), str(before), "weekday") for day, before in a_year_before(WEEK)
    ]
    blind = chain.asked("/v1/stores/blind/change?period=last_week&against=year")
    assert (blind["takes_part"], blind["like_for_like"]["visitors"]["value"]) == ("not_counted_in_full", None)
    assert blind["explained"]["figures"]["change_rest"]["value"] != 0, "the day that was blind cannot be told apart"
    assert added_up(blind["explained"]) == pytest.approx(
        blind["explained"]["figures"]["change_sales"]["value"], abs=1e-6
    )


def test_a_holiday_meets_itself_and_the_answer_says_so(chain: Chain) -> None:
    days = "period=custom&first=2026-09-30&last=2026-10-08"
    shifted = chain.asked(f"/v1/comparison?{days}")["shifted"]
    assert {"country": "CN", "day": "2026-10-01", "compared_with": "2025-10-01", "by": "holiday"} in shifted
    assert {"country": "CN", "day": "2026-09-30", "compared_with": "2025-10-08", "by": "weekday"} in shifted
    assert chain.asked("/v1/comparison?period=last_week")["shifted"] == []


def test_places_and_peers_are_what_plain_reckoning_says(chain: Chain) -> None:
    found = {one["store"]: one for one in chain.asked("/v1/comparison?period=last_week")["stores"]}
    conversions = {code: one["figures"]["conversion"] for code, one in found.items()}
    intervals = {code: (one["low"], one["high"]) for code, one in conversions.items()}
    for code, one in found.items():
        days = [chain.plain[code].days[day] for day in WEEK]
        assert conversions[code]["value"] == pytest.approx(sum(d.sales for d in days) / sum(d.visitors for d in days))
        peers = peers_of(chain.plain[code], list(chain.plain.values()))
        assert one["peers"] == peers
        for told, among in ((one["place"], CHAIN), (one["place_among_peers"], (code, *peers) if peers else ())):
            if not among:
                assert told is None
                continue
            best, worst, of = places_among(code, {name: intervals[name] for name in among})
            assert (told["place"]["low"], told["place"]["high"], told["of"]) == (best, worst, of)
            assert told["level_with"] == worst - best
    assert {code for code, one in found.items() if one["peers"]} == set(KIOSKS)
    assert any(one["place"]["level_with"] for one in found.values()), "some overlap"
    assert any(one["place"]["level_with"] < len(CHAIN) - 1 for one in found.values()), "some do not"


def test_a_key_for_one_store_is_told_no_place_and_no_peer(kept: Kept) -> None:
    whole = body(kept, "/v1/comparison?period=last_week")
    assert [one["store"] for one in whole["stores"]] == ["nanjing-road", "riverside"]
    assert {one["place"]["of"] for one in whole["stores"]} == {2}
    own = body(kept, "/v1/comparison?period=last_week", kept.riverside)
    (row,) = own["stores"]
    assert (row["store"], row["place"], row["place_among_peers"], row["peers"]) == ("riverside", None, None, [])
    assert row["figures"] == whole["stores"][1]["figures"]
    problem(get(kept, f"{SHOP}/change", kept.riverside), 404)
    problem(get(kept, f"{SHOP}/targets", kept.riverside), 404)
    assert "nanjing" not in get(kept, "/v1/comparison", kept.riverside).text


def test_outside_the_company_days_of_few_are_in_no_change_and_no_place(chain: Chain) -> None:
    """The smallest kiosk sells fewer than ten times on most days."""
    few, none = (
        next(one for one in chain.asked("/v1/comparison?period=last_week", key)["stores"] if one["store"] == "kiosk-a")
        ["period"]["days_withheld"] for key in (chain.partner, chain.key)
    )  # fmt: skip
    assert none == 0
    days = chain.asked("/v1/stores/kiosk-a/kpis?period=last_week&grain=day", chain.partner)["rows"]
    assert few == sum(row["figures"]["net_sales"]["withheld"] for row in days) > 0
    told = chain.asked("/v1/stores/kiosk-a/change?period=last_week", chain.partner)
    before = chain.asked(
        "/v1/stores/kiosk-a/kpis?period=custom&first=2026-11-02&last=2026-11-08&grain=day", chain.partner
    )["rows"]
    shown = [
        (row["figures"]["net_sales"]["value"], other["figures"]["net_sales"]["value"])
        for row, other in zip(days, before, strict=True)
        if not row["figures"]["net_sales"]["withheld"] and not other["figures"]["net_sales"]["withheld"]
    ]
    for side, place in (("after", 0), ("before", 1)):
        value = None if told[side] is None else told[side]["figures"]["net_sales"]["value"]
        assert value == (pytest.approx(sum(pair[place] for pair in shown)) if shown else None)
    assert "see nothing of targets" in problem_of(chain, "/v1/stores/kiosk-a/targets")
    assert "finished days" in problem_of(chain, "/v1/comparison?period=today")


def problem_of(chain: Chain, path: str) -> str:
    answer = chain.client.get(path, headers=chain.partner)
    assert answer.status_code == 403
    return str(answer.json()["detail"])


def test_targets_and_how_far_they_are_met_are_what_plain_reckoning_says(chain: Chain) -> None:
    week: Mapping[str, list[float | None]] = {
        "visitors": [50, 50, 50, 50, 60, 80, None],
        "conversion": [0.1, 0.1, 0.1, 0.1, 0.1, 0.2, 0.2],
        "net_sales": [900.0] * 7,
    }
    for metric, values in week.items():
        execute(
            chain.url,
            "INSERT INTO store_target SELECT store_id, %s, '2026-11-11', %s, 'anna', %s FROM store"
            " WHERE code = 'kiosk-b'",
            metric, NOW - timedelta(days=3), values,
        )  # fmt: skip
    found = chain.asked("/v1/stores/kiosk-b/targets?period=last_week")
    names = {"footfall": "visitors", "conversion": "conversion", "net_sales": "net_sales"}
    month = [date(2026, 11, 1) + timedelta(days=ahead) for ahead in range(20)]
    for span, days in (("met", WEEK), ("month", month)):
        assert [one["reached"]["definition"] for one in found[span]] == list(names)
        for one in found[span]:
            metric = names[one["reached"]["definition"]]
            targets = {day: week[metric][day.weekday()] for day in days if day >= date(2026, 11, 11)}
            plain = summed(chain.plain["kiosk-b"].days, targets, metric)
            assert (one["reached"]["value"], one["target"], one["days"]) == pytest.approx(plain)
            assert one["share"] == pytest.approx(one["reached"]["value"] / one["target"])
    assert [one["definition"] for one in found["plans"]] == ["conversion", "net_sales", "footfall"]
    assert found["plans"][2]["by_weekday"] == week["visitors"]
    assert found["today"] == []
    today = chain.asked("/v1/stores/kiosk-b/targets?period=today")
    assert (today["met"], [one["days"] for one in today["today"]]) == ([], [1, 1, 1])
    earlier = chain.asked("/v1/stores/kiosk-b/targets?period=last_week&as_of=2026-11-17T04:00:00Z")
    assert (earlier["plans"], earlier["met"]) == ([], []), "they were said later"
    read = list(csv.DictReader(io.StringIO(get_text(chain, "/v1/stores/kiosk-b/targets?period=last_week&format=csv"))))
    assert [(row["span"], row["definition"]) for row in read] == [
        (span, name) for span in ("period", "month") for name in names
    ]
    assert [float(row["target"]) for row in read[:3]] == [one["target"] for one in found["met"]]


def get_text(chain: Chain, path: str) -> str:
    answer = chain.client.get(path, headers=chain.key)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def test_files_hold_every_figure_pages_every_store_and_what_is_unchanged_is_a_304(chain: Chain) -> None:
    whole = chain.asked("/v1/comparison?period=last_week")
    read = list(csv.DictReader(io.StringIO(get_text(chain, "/v1/comparison?period=last_week&format=csv"))))
    assert sum(row["side"] == "all" for row in read) == len(CHAIN)
    assert sum(row["side"] == "peers" for row in read) == len(KIOSKS)
    assert {row["definition"] for row in read} >= {"like_for_like", "outlier", "place", "conversion", *PARTS}
    stores, cursor = [], ""
    while cursor is not None:
        page = chain.asked(f"/v1/comparison?period=last_week&limit=4{cursor and f'&cursor={cursor}'}")
        stores += page["stores"]
        cursor = page["next_cursor"]
    assert stores == whole["stores"]
    for path in ("/v1/comparison?period=last_week", "/v1/stores/new/change?against=year&format=xlsx"):
        first = chain.client.get(path, headers=chain.key)
        again = chain.client.get(path, headers={**chain.key, "If-None-Match": first.headers["etag"]})
        assert (first.status_code, again.status_code) == (200, 304)
    refused = chain.client.get("/v1/comparison?period=custom&first=2026-01-01&last=2026-11-01", headers=chain.key)
    assert (refused.status_code, "at most 100 days" in refused.json()["detail"]) == (422, True)


def test_a_comparison_is_told_as_it_was_known_at_a_moment(chain: Chain) -> None:
    """Rows that came on the 21st were not known on the 20th: nothing was."""
    then = chain.asked("/v1/comparison?period=last_week&as_of=2026-11-20T04:00:00Z")
    assert {one["figures"]["conversion"]["value"] for one in then["stores"]} == {None}
    assert (then["like_for_like"]["visitors"]["value"], then["explained"]) == (None, [])
