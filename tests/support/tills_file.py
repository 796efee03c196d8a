"""Files of tills for tests, and what goes round for the one till in such a file."""

from datetime import UTC, datetime
from pathlib import Path

from ingest.settings import OrdersSettings
from ingest.tills.asking import TillAsker
from ingest.tills.serving import open_rounds
from tests.support.clocks import ManualClock
from tests.support.tills import HASH_SECRET

NOW = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
KEY = "notification-key"
#: Where Square's notifications go: it signs the address, too.
HOOK = "https://footfall.example.com/v1/tills/square/events"


def settings_of(url: str, file: Path | None = None) -> OrdersSettings:
    return OrdersSettings.model_validate({"database_url": url, "hash_secret": HASH_SECRET, "tills_file": file})


def tills_file(folder: Path, kind: str, url: str, place: str, **more: str) -> Path:
    path = folder / "tills.toml"
    given = {"token": '{ env = "TILL_TOKEN" }', "webhook_key": '{ env = "TILL_KEY" }', **more}
    lines = [f"{key} = {value}" for key, value in given.items() if value]
    path.write_text(
        f'[[tills]]\nkind = "{kind}"\nname = "{kind}"\nurl = "{url}"\n' + "\n".join(lines)
        + f'\nstores = {{ "{place}" = "riverside" }}\n'
    )  # fmt: skip
    return path


def square_file(folder: Path, url: str) -> Path:
    return tills_file(folder, "square", url, "L1", webhook_url=f'"{HOOK}"')


def asker(url: str, file: Path, clock: ManualClock) -> TillAsker:
    [found] = open_rounds(file, settings_of(url), now=clock.now)
    assert isinstance(found, TillAsker)
    return found
