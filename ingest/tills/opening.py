"""From the file of tills to adapters: each with the secrets that it needs."""

from pathlib import Path
from typing import assert_never

from ingest.tills.lightspeed import LightspeedTill
from ingest.tills.odoo import OdooTill
from ingest.tills.protocol import Till
from ingest.tills.settings import (
    AskedSettings,
    LightspeedSettings,
    OdooSettings,
    Secret,
    ShopifySettings,
    SquareSettings,
    ToastSettings,
    secret_of,
)
from ingest.tills.shopify import ShopifyTill
from ingest.tills.square import SquareTill
from ingest.tills.toast import ToastTill


def open_till(settings: AskedSettings, file: Path) -> Till:
    """Return the adapter of a till of the file of tills `file`.

    Raises:
        TillsFileError: a secret does not stand where the file says.
    """

    def told(secret: Secret | None) -> str | None:
        return secret_of(secret, file) if secret is not None else None

    match settings:
        case SquareSettings():
            return SquareTill(settings, token=secret_of(settings.token, file), webhook_key=told(settings.webhook_key))
        case ShopifySettings():
            return ShopifyTill(settings, token=secret_of(settings.token, file), webhook_key=told(settings.webhook_key))
        case LightspeedSettings():
            return LightspeedTill(
                settings, token=secret_of(settings.token, file), webhook_key=told(settings.webhook_key)
            )
        case ToastSettings():
            secret = secret_of(settings.client_secret, file)
            return ToastTill(settings, client_secret=secret, webhook_key=told(settings.webhook_key))
        case OdooSettings():
            return OdooTill(settings, api_key=secret_of(settings.api_key, file))
    assert_never(settings)
