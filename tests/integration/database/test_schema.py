"""The schema: as its snapshot says, described, and with no time that has lost its zone."""

from collections.abc import Iterator

import psycopg2
import pytest
from psycopg2.extensions import cursor as Cursor  # noqa: N812  # a class with a lower-case name

from deploy.schema import schema_of
from deploy.snapshot import SNAPSHOT


@pytest.fixture
def catalogue(database: str) -> Iterator[Cursor]:
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        yield cursor
    connection.close()


def test_the_snapshot_is_what_the_migrations_make(database: str) -> None:
    assert schema_of(database).splitlines() == SNAPSHOT.read_text(encoding="utf-8").splitlines(), (
        "a migration has changed: run python -m deploy.snapshot"
    )


def test_every_table_and_view_is_described(catalogue: Cursor) -> None:
    catalogue.execute(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v', 'm', 'p')"
        " AND obj_description(oid, 'pg_class') IS NULL"
    )
    assert catalogue.fetchall() == []


def test_every_routine_is_described(catalogue: Cursor) -> None:
    catalogue.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND obj_description(oid, 'pg_proc') IS NULL"
    )
    assert catalogue.fetchall() == []


def test_every_instant_has_a_time_zone(catalogue: Cursor) -> None:
    catalogue.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND data_type ~ '^time' AND data_type <> 'timestamp with time zone'"
    )
    assert catalogue.fetchall() == []


def test_no_column_could_hold_a_picture_or_a_person(catalogue: Cursor) -> None:
    catalogue.execute(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_schema = 'public'"
        " AND (data_type = 'bytea' OR column_name ~ 'track|person_id|embedding|image|face')"
    )
    # A message that nobody could read, its hash, the hashes of keys, passwords, codes, tokens, sign-ins and what Home
    # Assistant was told, the secret that aliases are made with, head office's drawing of a shop, and the one picture
    # from a box that may be there for a day: of nobody.
    assert set(catalogue.fetchall()) == {
        ("dead_letter", "payload"),
        ("dead_letter", "payload_sha256"),
        ("api_key", "key_sha256"),
        ("counter", "token_sha256"),
        ("enrolment", "key_sha256"),
        ("enrolment_code", "code_sha256"),
        ("floor_plan", "image"),
        ("setup_picture", "image"),
        ("account_session", "token_sha256"),
        ("known_browser", "token_sha256"),
        ("oidc_logout", "token_sha256"),
        ("weekly_mail", "confirm_sha256"),
        ("sign_in_failure", "browser"),
        ("home_assistant_topic", "sha256"),
        ("pseudonym_key", "key"),
        ("oidc_attempt", "state_sha256"),
    }


def test_every_rollup_is_noted_with_what_it_reads(catalogue: Cursor) -> None:
    catalogue.execute("SELECT name, source, of_raw FROM rollup ORDER BY rollup_id")
    noted = catalogue.fetchall()
    assert ("line_traffic_hour", "line_traffic_15m", False) in noted
    catalogue.execute("SELECT table_name FROM information_schema.tables WHERE table_name LIKE '%\\_archive'")
    archives = {name.removesuffix("_archive") for (name,) in catalogue.fetchall()}
    assert archives == {name for name, _, of_raw in noted if of_raw}
