"""Head office's side of releases, against a `House`: a key, releases, wishes; and a box's state with them."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from analytics.clock import utc_now
from contract.releases import ApplicationRelease, Manifest, ModelRelease
from deploy.control.desires import Decision, desire, device_id_of
from deploy.control.publishing import ControlPublisher
from deploy.releases.building import build_application, build_model, load, save
from deploy.releases.keys import ReleaseKey
from ingest.database import Database
from tests.support.trusted import House


class Office:
    """Makes releases in `folder` with a key that the boxes of `house` are to trust."""

    def __init__(self, house: House, folder: Path, database_url: str) -> None:
        self.house = house
        #: The house's own serves its requests.
        self.database = Database(database_url)
        self.folder = folder
        self.key = ReleaseKey.create(folder / "release.key")
        house.depot.trust([self.key.public], self.key)

    def model(self, name: str, version: str, file: Path, **facts: Any) -> str:
        """Publish a model of one file; return what it is called."""
        out = self.folder / f"{name}-{version}"
        build_model(name, version, [file], out, now=utc_now(), **facts)
        return self.publish(out)

    def application(self, wheels: Path, **facts: Any) -> str:
        """Publish the wheels of a folder; return what that is called."""
        out = self.folder / f"release-of-{wheels.name}"
        build_application(wheels, out, now=utc_now(), **facts)
        return self.publish(out)

    def publish(self, out: Path) -> str:
        save(out, self.key.sign_manifest(load(out)))
        return self.house.depot.publish(out).sha256

    def manifest(self, sha256: str) -> Manifest:
        return next(each.manifest for each in self.house.depot.published() if each.sha256 == sha256)

    def want(self, **parts: ModelRelease | ApplicationRelease) -> None:
        """Want these parts of riverside/door-box from now on."""
        change: Mapping[str, Any] = {name: msgspec.to_builtins(part) for name, part in parts.items()}
        with self.database.transaction() as cursor:
            decision = Decision(by="anna", why="a test", at=utc_now())
            desire(cursor, [device_id_of(cursor, "riverside", "door-box")], change, decision)

    def told(self, part: str) -> dict[str, Any]:
        """What riverside/door-box reports of a part; empty where nothing."""
        with self.database.transaction() as cursor:
            cursor.execute("SELECT payload -> %(part)s FROM device_reported", {"part": part})
            row = cursor.fetchone()
        return dict(row[0]) if row and row[0] else {}


@contextmanager
def keeping(house: House, database_url: str) -> Iterator[None]:
    """The keeper that signs and publishes what is wanted."""
    stopping = threading.Event()
    broker_url = house.broker.url(house.broker.server)
    publisher = ControlPublisher(Database(database_url), house.authority, broker_url, now=utc_now)
    thread = threading.Thread(target=publisher.run, args=(stopping,))
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)
