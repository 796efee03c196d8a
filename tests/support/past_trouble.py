"""A past that was not whole: an afternoon without a camera that is estimated, and a day that changed afterwards."""

from contextlib import closing
from datetime import datetime, timedelta

from deploy import imputation
from ingest.database import Database
from ingest.restating import restate
from tests.support.store_data import Connection, Shop, add_sale


def trouble_the_past(url: str, connection: Connection, shop: Shop, code: str, *, now: datetime) -> None:
    """Blind the side door nine days ago for three hours and estimate them; bring a late sale of two days ago."""
    dark = now - timedelta(days=9, hours=3)
    blind(connection, shop, "side", dark, dark + timedelta(hours=3))
    with closing(Database(url)) as database:
        imputation.run(database, code, first=dark.date(), last=dark.date(), now=now)
        _keep_days(connection, now)
        restate(database, now=now - timedelta(days=1, hours=14))
        late = now - timedelta(days=2, hours=2)
        add_sale(connection, shop.store_id, late, net=1299.0, units=3)
        _keep_days(connection, now)
        restate(database, now=now - timedelta(hours=7))
    with connection.cursor() as cursor:
        # What came late is noted at the real time, which is not the sample's.
        cursor.execute(
            "UPDATE known_day SET known_at = %(at)s WHERE reasons <> '[]' AND store_id = %(store_id)s",
            {"at": now - timedelta(hours=7), "store_id": shop.store_id},
        )


def blind(connection: Connection, shop: Shop, line: str, from_at: datetime, until: datetime) -> None:
    """Take away what a line's camera saw in a range."""
    line_id = shop.lines[line]
    span = {"line_id": line_id, "store_id": shop.store_id, "from_at": from_at, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM crossing WHERE line_id = %(line_id)s AND at >= %(from_at)s AND at < %(until)s", span
        )
        cursor.execute(
            "DELETE FROM camera_uptime USING line WHERE line.line_id = %(line_id)s AND"
            " camera_uptime.camera_id = line.camera_id AND camera_uptime.store_id = %(store_id)s"
            " AND at >= %(from_at)s AND at < %(until)s",
            span,
        )


def _keep_days(connection: Connection, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CALL keep_store_days(%(now)s)", {"now": now})
