"""Tables to take away: of every page, in both languages and forms, by those who may see them; nothing in them acts."""

import csv
import io
import zipfile
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

import psycopg2
import pytest

from dashboard.components.file_links import file_href
from dashboard.pages.saving import Saved, answered
from dashboard.routes import Route
from dashboard.tables.page import TABLES
from tests.integration.dashboard.conftest import House

OF_A_STORE: Final = {"history", "store"}
#: Tables of the chain, whatever store an address names; what else they begin with than a store.
OF_THE_CHAIN: Final = {page for page, _ in TABLES} & {"stores", "rollouts", "users", "log"}
FIRST: Final = {"groups": "区域", "weeks": "店名", "rollouts": "推送编号", "users": "用户名", "log": "时间（UTC）"}


def rows_of(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff"), "spreadsheets take it for another code without"
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def href(page: str, what: str, form: str, *, store: str = "north-one", lang: str = "en") -> str:
    of_a_store = page in OF_A_STORE or (page == "trust" and what != "trust")
    whose = f"store={store}&" if of_a_store else ""
    return f"/files/{page}/{what}.{form}?{whose}period=last_week&lang={lang}"


@pytest.mark.parametrize(("page", "what"), list(TABLES))
def test_every_table_is_handed_out_in_both_languages_and_forms_and_logged(house: House, page: str, what: str) -> None:
    olga, _ = house.sign_in("olga")
    house.later(seconds=1)
    heads = {}
    for lang in ("en", "zh"):
        saved = olga.get(href(page, what, "csv", lang=lang))
        assert (saved.status_code, saved.mimetype) == (200, "text/csv"), saved.get_data(as_text=True)
        heads[lang] = saved.get_data(as_text=True).splitlines()[0]
        sheet = olga.get(href(page, what, "xlsx", lang=lang))
        assert "attachment" in sheet.headers["Content-Disposition"]
        text = zipfile.ZipFile(io.BytesIO(sheet.data)).read("xl/worksheets/sheet1.xml").decode()
        assert heads[lang].removeprefix("\ufeff").split(",")[0] in text
    assert heads["zh"] != heads["en"]
    assert heads["zh"].startswith(f"\ufeff{FIRST.get(what, '门店')}")
    event = house.register.events(limit=1)[0]
    assert (event.action, event.login) == ("log_saved" if what == "log" else "table_saved", "olga")


def test_a_figure_in_a_file_has_its_range_its_quality_and_its_meaning_beside_it(house: House) -> None:
    mia, _ = house.sign_in("mia")
    rows = rows_of(mia.get(href("history", "sales", "csv")).get_data(as_text=True))
    visitors = next(row for row in rows if row["Figure"] == "Visitors")
    assert {"Value", "From (95 %)", "To (95 %)", "Unit", "Quality", "Completeness", "Definition"} <= set(visitors)
    assert visitors["Store"] == "north-one"
    assert visitors["Unit"] == "people"
    assert visitors["Definition"].startswith("People who crossed an entrance line inwards")
    assert visitors["Value"] == "", "nobody counted is no zero"


def test_files_are_for_those_who_may_see_what_is_in_them(house: House) -> None:
    refused = {
        "mia": [("history", "days", "north-two"), ("store", "quarters", "south-one"), ("trust", "doors", "north-two")],
        "ivan": [("history", "days", "north-one"), ("stores", "stores", ""), ("trust", "trust", "")],
    }
    for login, tables in refused.items():
        client, _ = house.sign_in(login)
        for page, what, store in tables:
            assert client.get(href(page, what, "csv", store=store)).status_code == 403, (login, page, what)
    mia, _ = house.sign_in("mia")
    for wrong in ("/files/history/people.csv?store=north-one", "/files/history/days.pdf?store=north-one",
                  "/files/wall/days.csv?store=north-one", "/files/history/days.csv?store=nowhere"):  # fmt: skip
        assert mia.get(wrong).status_code == 404
    rows = rows_of(mia.get(href("stores", "stores", "csv")).get_data(as_text=True))
    assert {row["Store"] for row in rows} == {"north-one"}, "a manager's own store alone"
    assert house.client().get(href("history", "days", "csv")).status_code == 302


HOSTILE: Final = ('setup.bat"; x="', "a\r\nSet-Cookie: b=c", "门店", "../../etc")


@pytest.mark.parametrize("store", HOSTILE)
def test_an_address_that_names_no_store_names_no_file_and_is_not_written_down(house: House, store: str) -> None:
    olga, _ = house.sign_in("olga")
    query = urlencode({"store": store, "period": "last_week", "lang": "en"})
    for page, what in TABLES:
        # Lines of the log of the same moment have no order.
        house.later(seconds=1)
        before = len(house.register.events(limit=100))
        saved = olga.get(f"/files/{page}/{what}.csv?{query}")
        if page in OF_THE_CHAIN or what == "trust":
            assert saved.headers["Content-Disposition"] == f'attachment; filename="all-{what}-last_week.csv"'
            subject = house.register.events(limit=1)[0].subject or ""
            assert subject == f"{page} all-{what}-last_week" or (what == "log" and subject.endswith(" lines"))
        else:
            assert saved.status_code == 404, (page, what)
            assert len(house.register.events(limit=100)) == before


def test_a_files_name_has_nothing_in_it_that_ends_its_line(house: House) -> None:
    with house.app.server.test_request_context("/"):
        answer = answered(lambda: Saved('a"\r\nb 门.csv', "text/csv", b""))
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a---b--.csv"'


def test_no_cell_is_taken_for_a_formula(house: House) -> None:
    olga, _ = house.sign_in("olga")
    connection = psycopg2.connect(house.database)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("UPDATE store SET name = '=cmd|calc' WHERE code = 'south-one'")
    try:
        house.later(seconds=30)
        text = olga.get(href("stores", "stores", "csv")).get_data(as_text=True)
        assert "'=cmd|calc" in text
        assert ",=cmd" not in text
        sheet = zipfile.ZipFile(io.BytesIO(olga.get(href("stores", "stores", "xlsx")).data))
        assert "<f>" not in sheet.read("xl/worksheets/sheet1.xml").decode()
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE store SET name = 'South-One' WHERE code = 'south-one'")
        connection.close()


def test_a_files_address_keeps_the_pages_filters() -> None:
    first, last = (datetime(2026, 11, day, tzinfo=UTC).date() for day in (2, 8))
    here = Route("history", "zh", "a b", "custom", first, last)
    assert file_href(here, "days", "csv") == (
        "/files/history/days.csv?store=a+b&period=custom&from=2026-11-02&to=2026-11-08&lang=zh"
    )
