"""Many enrolled boxes that exist in the database only, and answer what is desired of them through ingest's own code."""

from collections.abc import Callable
from datetime import timedelta

from contract.control import Reported, State
from deploy.stores import Store, register
from ingest.database import Database
from ingest.names import Names
from ingest.presence import Heard
from ingest.reports import Reports
from tests.support.entries import NOON

SHA = "0" * 64
#: What a box makes of a version: its state and, where it is a failure, why.
Verdict = tuple[State, str | None]
RUNS: Verdict = ("applied", None)


class Fleet:
    """`stores` with `boxes` each, all online at `now`."""

    def __init__(self, url: str, *, stores: int, boxes: int = 1) -> None:
        self.database = Database(url)
        self.now = NOON
        self._reports = Reports(self.database, Names())
        codes = [f"s{number:03}" for number in range(stores)]
        for code in codes:
            register(self.database, Store(code=code, name=code), today=NOON.date())
        with self.database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO device (store_id, code) SELECT store_id, 'box-' || n FROM store, generate_series(1, %s) n",
                (boxes,),
            )
            cursor.execute(
                "INSERT INTO enrolment (device_id, name, key_sha256, enrolled_at)"
                " SELECT device_id, 'n' || device_id, '', now() FROM device"
            )
        self.online()

    def online(self, *, but: tuple[str, ...] = ()) -> None:
        """Have all boxes heard just now, but those of some stores."""
        with self.database.transaction() as cursor:
            cursor.execute(
                "INSERT INTO device_status (device_id, state, at, received_at, version, last_seq, queue_depth, cameras)"
                " SELECT device_id, CASE WHEN s.code = ANY(%(but)s) THEN 'offline' ELSE 'online' END, %(now)s, %(now)s,"
                " '1', 0, 0, '[]' FROM device JOIN store AS s USING (store_id)"
                " ON CONFLICT (device_id) DO UPDATE SET state = EXCLUDED.state, received_at = EXCLUDED.received_at",
                {"now": self.now, "but": list(but)},
            )

    def later(self, **passed: float) -> None:
        self.now += timedelta(**passed)
        self.online()

    def answer(self, verdict: Callable[[str], Verdict] = lambda _store: RUNS) -> int:
        """Have each online box that has not taken the latest version take it; return how many did."""
        with self.database.transaction() as cursor:
            cursor.execute(
                "SELECT s.code, d.code, max(w.version), max(r.running) FROM desired AS w"
                " JOIN device AS d USING (device_id) JOIN store AS s USING (store_id)"
                " JOIN device_status AS p USING (device_id) LEFT JOIN device_reported AS r USING (device_id)"
                " WHERE p.state = 'online' GROUP BY 1, 2, r.version HAVING max(w.version) > COALESCE(r.version, 0)"
            )
            rows = cursor.fetchall()
        for store, device, version, running in rows:
            state, reason = verdict(store)
            self._reports.store(
                Reported(
                    store=store, device=device, at=self.now, state=state, version=version, reason=reason,
                    running=version if state in ("applied", "current") else running, site_sha256=SHA,
                ),
                Heard(self.now),
            )  # fmt: skip
        return len(rows)

    def desired(self) -> dict[str, str | None]:
        """Return which standard is desired of each box now, by store/device."""
        return self._by_box("body -> 'standard' ->> 'number'")

    def by_whom(self) -> dict[str, str | None]:
        return self._by_box("by_whom")

    def _by_box(self, what: str) -> dict[str, str | None]:
        with self.database.transaction() as cursor:
            cursor.execute(
                f"SELECT DISTINCT ON (device_id) s.code || '/' || d.code, {what}"  # noqa: S608  # ours
                " FROM desired JOIN device AS d USING (device_id) JOIN store AS s USING (store_id)"
                " ORDER BY device_id, version DESC"
            )
            return dict(cursor.fetchall())
