"""`footfall user` as one types it: passwords from standard input, never from the command line."""

import json
from typing import Any

import pytest
from typer.testing import CliRunner

from deploy.cli.main import app
from tests.integration.dashboard.conftest import House


@pytest.fixture
def footfall(house: House, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", house.database)

    def run(*arguments: str, typed: str | None = None) -> str:
        result = CliRunner().invoke(app, ["user", *arguments], input=typed)
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_an_account_lives_from_its_one_time_password_to_its_end(house: House, footfall: Any) -> None:
    said = footfall("add", "anna", "--role", "manager", "--store", "south-one", "--one-time")
    password = said.strip().rpartition(" ")[2]
    assert house.sign_in("anna", password)[1].location == "/password"
    footfall("passwd", "anna", typed="read from a pipe\n")
    client, answer = house.sign_in("anna", "read from a pipe")
    assert answer.location == "/"
    footfall("roles", "anna", "--role", "region", "--region", "North")
    listed = {each["login"]: each for each in json.loads(footfall("list", "--json"))}
    assert (listed["anna"]["role"], listed["anna"]["regions"], listed["anna"]["stores"]) == ("region", ["North"], [])
    assert listed["anna"]["sessions"] == 0, "by the real clock that session is over"
    footfall("sign-out", "anna")
    assert client.get("/").status_code == 302
    footfall("disable", "anna")
    assert house.sign_in("anna", "read from a pipe")[1].status_code == 401
    footfall("enable", "anna")
    assert house.sign_in("anna", "read from a pipe")[1].status_code == 303
    actions = {event["action"] for event in json.loads(footfall("log", "--json"))}
    assert actions >= {"account_added", "password_set", "role_set", "account_disabled", "account_enabled", "signed_in"}
    assert "anna" in footfall("list")
    assert "account_added" in footfall("log")
    assert "footfall user" in footfall("log"), "who did it, where no page was used"


def test_it_says_when_nobody_is_left_in_head_office(footfall: Any) -> None:
    footfall("add", "lee", "--role", "head_office", typed="a word from a pipe\n")
    others = [each["login"] for each in json.loads(footfall("list", "--json")) if each["role"] == "head_office"]
    for login in [other for other in others if other != "lee"]:
        assert "nobody is left" not in footfall("disable", login)
    assert "nobody is left in head office: footfall user enable lee" in footfall("disable", "lee")


def test_no_command_takes_a_password_as_an_argument() -> None:
    from deploy.cli import user  # noqa: PLC0415  # beside its only use

    for command in user.app.registered_commands:
        assert command.callback is not None
        assert "password" not in command.callback.__annotations__, command.name
