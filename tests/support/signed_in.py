"""A browser that is signed in already: head office, in every database that the dashboard is served over in tests."""

from datetime import datetime, timedelta
from typing import Final

import psycopg2
from playwright.sync_api import StorageState

from dashboard.accounts.sessions import digest

TOKEN: Final = "a-token-that-every-test-database-knows"
LOGIN: Final = "office"
#: What a browser context is made with: cookies are a host's, whatever the port.
SIGNED_IN: Final[StorageState] = {
    "cookies": [
        {
            "name": "footfall-session", "value": TOKEN, "domain": "127.0.0.1", "path": "/", "expires": -1,
            "httpOnly": True, "secure": False, "sameSite": "Lax",
        }
    ],
    "origins": [],
}  # fmt: skip


def sign_in(
    database: str, now: datetime, *, login: str = LOGIN, role: str = "head_office", token: str = TOKEN,
    stores: tuple[str, ...] = (), regions: tuple[str, ...] = (),
) -> None:  # fmt: skip
    """Put an account and a session with a known token into a database; the account's password fits nothing."""
    values = {"login": login, "role": role, "token": digest(token), "at": now, "end": now + timedelta(days=7)}
    connection = psycopg2.connect(database)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO account (login, role, password, created_at) VALUES (%(login)s, %(role)s, '-', %(at)s)"
            " ON CONFLICT (login) DO UPDATE SET role = EXCLUDED.role RETURNING account_id",
            values,
        )
        ((account_id,),) = cursor.fetchall()
        values |= {"account_id": account_id, "stores": list(stores), "regions": list(regions)}
        cursor.execute(
            "INSERT INTO account_session (token_sha256, account_id, created_at, seen_at, expires_at)"
            " VALUES (%(token)s, %(account_id)s, %(at)s, %(at)s, %(end)s) ON CONFLICT DO NOTHING",
            values,
        )
        cursor.execute(
            "INSERT INTO account_store SELECT %(account_id)s, store_id FROM store WHERE code = ANY (%(stores)s)", values
        )
        cursor.execute("INSERT INTO account_region SELECT %(account_id)s, unnest(%(regions)s::text[])", values)
    connection.close()
