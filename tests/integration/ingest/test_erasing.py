"""Erasing orders, customers and hours: nothing of them is left, not even what they said before they were changed."""

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from deploy.cli.main import app
from tests.support.erased import check_erasing
from tests.support.ledger import rows
from tests.support.tills import HASH_SECRET, order


def test_versions_go_with_what_is_erased_and_in_time_with_what_was_deleted(database: str) -> None:
    check_erasing(database)


def test_the_command_erases_what_was_posted(api: TestClient, store: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", store)
    monkeypatch.setenv("FOOTFALL_HASH_SECRET", HASH_SECRET)
    for number in ("A-1", "A-2"):
        for version in (1, 2):
            sent = order(external_id=number, version=version, customer_ref="card-7", units=version)
            assert api.post("/v1/orders", json=sent).status_code == 200

    def erase(*words: str, said: str | None = None) -> tuple[int, str]:
        done = CliRunner().invoke(app, ["orders", "erase", "--source", "till", *words], input=said)
        return done.exit_code, done.output

    left = "SELECT external_id, customer_ref IS NULL FROM pos_order UNION ALL SELECT external_id, customer_ref IS NULL FROM pos_order_past"  # noqa: E501
    before = rows(store, left)
    assert erase("--order", "A-1", said="n\n")[0] == 1
    assert rows(store, left) == before, "it was asked first"
    assert erase("--order", "A-1", "--yes") == (0, "erased: 1 order, the customer of 0 orders, 0 shifts\n")
    assert erase("--customer", "card-7", "--yes") == (0, "erased: 0 orders, the customer of 1 order, 0 shifts\n")
    assert set(rows(store, left)) == {("A-2", True)}
    code, told = erase("--yes")
    assert code == 2
    assert "at least one" in told
