"""A store's report: one page in both languages whatever the week was like, and the figures of Look back on it."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg2
import pypdfium2
import pytest
from typer.testing import CliRunner

from analytics.cache import Cache
from analytics.database import Database
from analytics.quality.reliance import LineDay, LineDays
from dashboard.components.figures import interval_text, value_text
from dashboard.language import Code, language
from dashboard.reading.pages import PagesReading, pages_reading
from dashboard.reading.report import ReportView
from dashboard.report.sheet import report_pdf
from deploy.cli.main import app
from tests.integration.dashboard.conftest import House
from tests.support.floor_data import add_shifts
from tests.support.servers import Cluster
from tests.support.store_data import add_device, add_shop, fill

#: Monday, 9:07 in Shanghai.
NOW: Final = datetime(2026, 11, 23, 1, 7, tzinfo=UTC)
EMPTY: Final = (date(2026, 1, 5), date(2026, 1, 11))


@pytest.fixture(scope="module")
def shop(cluster: Cluster) -> Iterator[str]:
    """URL of a database with a store whose door was blind for an afternoon of last week."""
    url = cluster.create()
    connection = psycopg2.connect(url)
    connection.autocommit = True
    made = add_shop(connection, "nanjing-road", name="南京路 <Flagship & Co>", seed=1)
    fill(connection, made, now=NOW, weeks=5)
    add_device(connection, made.store_id, at=NOW, cameras=(("door", "up"), ("side", "up"), ("street", "up")))
    add_shifts(connection, made.store_id, until=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM camera_uptime WHERE at >= '2026-11-19 06:00Z' AND at < '2026-11-19 13:00Z'"
            " AND camera_id = (SELECT camera_id FROM camera WHERE code = 'door')"
        )
    connection.close()
    yield url
    cluster.drop(url)


@pytest.fixture(scope="module")
def reading(shop: str) -> Iterator[PagesReading]:
    database = Database(shop, clock=lambda: NOW, connections=2)
    yield pages_reading(database, Cache(), lambda: NOW)
    database.close()


@pytest.fixture(scope="module")
def week(reading: PagesReading) -> ReportView:
    return reading.report.store(reading.directory.stores()[0], "last_week")


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_report_says_the_figures_of_look_back_on_one_page(week: ReportView, code: Code) -> None:
    lang, seen = language(code), week.history
    (text,) = pages_of(report_pdf([week], lang))
    base, currency = seen.compared.now, seen.store.currency
    assert lang.many("{n} visitor", "{n} visitors", int(base.footfall.value or 0)) in text
    figures = [
        *(lang.number(day.base.footfall.value) for day in seen.days if day.base.footfall.value is not None),
        *(value_text(lang, stage.count) for stage in seen.funnel.stages),
        value_text(lang, base.conversion), interval_text(lang, base.conversion),
        value_text(lang, base.net_sales, currency=currency), interval_text(lang, base.spv, currency=currency),
    ]  # fmt: skip
    assert len(figures) > 15
    assert [one for one in figures if one not in text] == []
    assert "南京路 <Flagship & Co>" in text
    # Five weeks of a weekday make no target to hold staff against.
    assert "".join(lang.t("needs 6 of a weekday in 8 weeks").split()) in "".join(text.split())


def test_what_is_usual_stands_on_the_weeks_before_the_period(week: ReportView) -> None:
    assert sorted(week.usual) == list(range(7))
    counted = {day.business_date.weekday(): day.base.footfall.value for day in week.history.days}
    assert all(0.5 < (counted[day] or 0) / week.usual[day] < 2 for day in counted)


@pytest.mark.parametrize("code", ["en", "zh"])
def test_a_week_in_part_estimated_or_empty_stays_on_one_page(
    reading: PagesReading, week: ReportView, code: Code
) -> None:
    lang, store = language(code), week.history.store
    days = list(week.history.days)
    seen = days[3].base.footfall
    days[3] = replace(days[3], imputed=replace(seen, value=(seen.value or 0.0) + 250.0))
    torn = tuple(LineDay(one.business_date, 0.3, 6.0, 250.0) for one in week.history.days)
    many = tuple(LineDays(f"door-{n}-with-a-long-name", torn) for n in range(9))
    estimated = replace(week, history=replace(week.history, days=tuple(days)), lines=many)
    empty = reading.report.store(store, "custom", *EMPTY)
    long = reading.report.store(store, "custom", date(2025, 12, 1), date(2026, 11, 22))
    (part,), (told,), (none,), (year,) = (
        pages_of(report_pdf([one], lang)) for one in (week, estimated, empty, long)
    )  # fmt: skip
    assert lang.t("counted in part") in part
    assert lang.t("estimated") in told
    assert lang.t("Nobody counted in this period") in none
    assert "2026" in year
    assert len(pages_of(report_pdf([week, estimated, empty], lang))) == 3


def test_the_same_week_is_the_same_file(week: ReportView) -> None:
    assert report_pdf([week], language("zh")) == report_pdf([week], language("zh"))


def test_the_command_writes_the_week_that_was_asked_for(
    shop: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", shop)
    done = CliRunner().invoke(app, ["report", "nanjing-road", "--week", "2026-W47", "--out", str(tmp_path), "--json"])
    assert done.exit_code == 0, done.output
    (written,) = json.loads(done.output)
    assert (written["first"], written["last"], written["pages"]) == ("2026-11-16", "2026-11-22", 1)
    (text,) = pages_of(Path(written["file"]).read_bytes())
    assert "Week 47" in text
    every = CliRunner().invoke(app, ["report", "--all", "--out", str(tmp_path / "all"), "--lang", "zh"])
    assert every.exit_code == 0, every.output
    assert len(list((tmp_path / "all").glob("nanjing-road-*.pdf"))) == 1
    for wrong in (["report"], ["report", "x", "--week", "2026-W99"], ["report", "x", "--from", "2026-11-16"]):
        assert CliRunner().invoke(app, wrong).exit_code == 2


def test_the_page_hands_the_report_to_whom_the_store_belongs_and_the_log_says_so(house: House) -> None:
    mia, _ = house.sign_in("mia")
    house.later(seconds=1)
    saved = mia.get("/report/north-one.pdf?period=last_week&lang=zh")
    assert (saved.status_code, saved.mimetype) == (200, "application/pdf")
    first = house.clock.now.date() - timedelta(days=house.clock.now.weekday() + 7)
    assert f"north-one-{first}" in saved.headers["Content-Disposition"]
    assert "没有" in pages_of(saved.data)[0] or "North-One" in pages_of(saved.data)[0]
    event = house.register.events(limit=1)[0]
    assert (event.action, event.login) == ("report_saved", "mia")
    assert event.subject is not None
    assert event.subject.startswith(f"north-one {first}")
    assert mia.get("/report/south-one.pdf").status_code == 403
    ivan, _ = house.sign_in("ivan")
    assert ivan.get("/report/north-one.pdf").status_code == 403
    assert mia.get("/report/nowhere.pdf").status_code == 404


def test_every_letter_of_a_report_lies_in_the_file(week: ReportView) -> None:
    said = {code: report_pdf([week], language(code)) for code in ("en", "zh")}
    named = {code: set(re.findall(rb"/BaseFont /([^\s/]+)", pdf)) for code, pdf in said.items()}
    embedded = {code: {name for name in found if b"+" in name} for code, found in named.items()}
    # ReportLab names Helvetica in every file, and writes nothing with it.
    assert {code: found - embedded[code] for code, found in named.items()} == {
        "en": {b"Helvetica"},
        "zh": {b"Helvetica"},
    }
    assert any(name.endswith(b"+NotoSansSC-Regular") for name in embedded["zh"])
    assert len(said["zh"]) < 200_000, "only the letters that it uses"
