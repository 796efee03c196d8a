"""Erasing on TimescaleDB as on plain PostgreSQL: `tests/integration/ingest/test_erasing.py` has the latter."""

import pytest

from tests.support.erased import check_erasing

pytestmark = pytest.mark.slow


def test_versions_go_with_what_is_erased_and_in_time_with_what_was_deleted(timescale: str) -> None:
    check_erasing(timescale)
