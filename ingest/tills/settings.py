"""The file of tills: which there are, which of their places is which store of ours, and where their secrets stand.

TOML. A secret is `{ env = "VARIABLE" }` or `{ file = "beside/this/file" }`, never the secret itself. Unknown keys are
refused. `ingest/tills/tills.example.toml` shows all of it.
"""

import os
import tomllib
from pathlib import Path
from typing import Annotated, Final, TypeAlias

import msgspec
from msgspec import Meta, Struct

from ingest.errors import TillsFileError

_Name = Annotated[str, Meta(pattern=r"^[a-z0-9](?:[a-z0-9_-]{0,38}[a-z0-9])?(?!\n)$", description="slug")]
_Text = Annotated[str, Meta(min_length=1, max_length=500)]
_Url = Annotated[str, Meta(pattern=r"^https?://[^\s]+$", max_length=500)]
#: Their place (location, outlet, shop) → our store's code.
_Stores = Annotated[dict[_Text, _Name], Meta(min_length=1, max_length=2_000)]

_LOCAL: Final = ("http://127.0.0.1", "http://localhost", "http://[::1]")


class Secret(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where a secret stands."""

    env: _Text | None = None
    file: _Text | None = None


class _Asked(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What all tills have in common that are asked over HTTP.

    `name` is the `source` of its orders. `net_includes_tax` says whether the orders' net is what was paid, or without
    tax. Every `poll_min` minutes it is asked what changed; once a day everything of the last `reconcile_days` is read
    again.
    """

    name: _Name
    stores: _Stores
    url: _Url
    net_includes_tax: bool = False
    poll_min: Annotated[int, Meta(ge=1, le=1_440)] = 15
    reconcile_days: Annotated[int, Meta(ge=1, le=60)] = 3


class SquareSettings(_Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="square"):
    """Square. `webhook_url` is the notification URL as it stands there: Square signs it, too."""

    url: _Url = "https://connect.squareup.com"
    token: Secret
    webhook_key: Secret | None = None
    webhook_url: _Url | None = None


class ShopifySettings(_Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="shopify"):
    """Shopify. `url` is https://SHOP.myshopify.com; `webhook_key` the app's client secret."""

    token: Secret
    webhook_key: Secret | None = None
    api_version: Annotated[str, Meta(pattern=r"^20\d\d-\d\d(?!\n)$")] = "2026-07"
    #: Of orders without a location, such as those of the web shop; None: they are left out.
    online_store: _Name | None = None


class LightspeedSettings(_Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="lightspeed"):
    """Lightspeed Retail X-Series. `url` is https://PREFIX.retail.lightspeed.app; `webhook_key` the app's secret."""

    token: Secret
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$")]
    webhook_key: Secret | None = None


class ToastSettings(_Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="toast"):
    """Toast. `url` is the host of the API access; a restaurant's GUID is a place."""

    client_id: _Text
    client_secret: Secret
    webhook_key: Secret | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$")] = "USD"


class OdooSettings(_Asked, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="odoo"):
    """Odoo, version 16 or newer. A point of sale's id (`pos.config`) is a place. Odoo sends no notifications."""

    database: _Text
    user: _Text
    api_key: Secret
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$")]
    poll_min: Annotated[int, Meta(ge=1, le=1_440)] = 5


class FolderSettings(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag_field="kind"):
    """What all drop folders have in common. A file is taken once it has not grown for `quiet_s` seconds."""

    name: _Name
    folder: _Text
    quiet_s: Annotated[int, Meta(ge=0, le=3_600)] = 10


class CsvSettings(FolderSettings, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="csv"):
    """A folder into which exports are dropped, over SFTP or by hand; `columns` is ours = theirs."""

    store: _Name
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$")]
    columns: dict[_Text, _Text] = {}
    timezone: _Text | None = None
    date_format: _Text | None = None
    decimal_comma: bool | None = None
    encoding: _Text = "utf-8-sig"
    #: A later file corrects an earlier one, where the rows say no version.
    replace: bool = False


class PosLogSettings(FolderSettings, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="poslog"):
    """A folder of POSLog 6 files; a RetailStoreID or UnitID is a place."""

    stores: _Stores
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}(?!\n)$")]
    timezone: _Text
    net_includes_tax: bool = False


AskedSettings: TypeAlias = SquareSettings | ShopifySettings | LightspeedSettings | ToastSettings | OdooSettings
TillSettings: TypeAlias = AskedSettings | CsvSettings | PosLogSettings


class TillsFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All tills of an installation."""

    tills: Annotated[tuple[TillSettings, ...], Meta(max_length=200)] = ()


def kind_of(settings: TillSettings) -> str:
    """Return what stands as `kind` in the file."""
    return str(settings.__struct_config__.tag)


def load_tills(path: Path) -> TillsFile:
    """Return the file at `path`.

    Raises:
        TillsFileError: not readable, not TOML, an unknown key, a value out of bounds, a name used twice; says where.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        file = msgspec.convert(raw, TillsFile)
    except OSError as error:
        raise TillsFileError(f"{path}: expected a file of tills, got: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise TillsFileError(f"{path}: expected TOML in UTF-8, got: {error}") from error
    except msgspec.ValidationError as error:
        raise TillsFileError(f"{path}: {error}. ingest/tills/tills.example.toml shows every key") from error
    names = [each.name for each in file.tills]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise TillsFileError(f"{path}: expected each name once, got {twice[0]!r} twice: orders are told apart by it")
    for each in file.tills:
        url = getattr(each, "url", None)
        if url is not None and not url.startswith(("https://", *_LOCAL)):
            raise TillsFileError(f"{path}: {each.name}: url: expected https://…, got {url!r}: it would carry a secret")
    return file


def secret_of(secret: Secret, beside: Path) -> str:
    """Return what stands where `secret` says; a relative file is beside the file `beside`.

    Raises:
        TillsFileError: nothing stands there, or it says both or neither.
    """
    if (secret.env is None) == (secret.file is None):
        raise TillsFileError(f"{beside}: a secret is {{ env = … }} or {{ file = … }}: expected one of them")
    if secret.env is not None:
        value = os.environ.get(secret.env, "").strip()
        if not value:
            raise TillsFileError(f"{beside}: the variable {secret.env} is not set, it should hold a secret")
        return value
    path = beside.resolve().parent / (secret.file or "")
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise TillsFileError(f"{path}: expected a file that holds a secret alone, got: {error}") from error
    if not value:
        raise TillsFileError(f"{path}: expected a secret, got an empty file")
    return value
