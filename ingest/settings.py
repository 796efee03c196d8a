"""Settings of the server side, from `FOOTFALL_…` environment variables; passed in, never global."""

import socket
from pathlib import Path
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from ingest.dead_letters import LETTERS_MAX
from ingest.errors import SettingsError

PREFIX = "FOOTFALL_"
HASH_SECRET_LENGTH_MIN = 32
_PLACEHOLDERS = frozenset(
    {"changeme", "change-me", "change_me", "changethis", "password", "secret", "example", "placeholder", "xxx", "todo"}
)

_S = TypeVar("_S", bound=BaseSettings)


def _no_placeholder(url: SecretStr) -> SecretStr:
    password = urlsplit(url.get_secret_value()).password or ""
    if _is_placeholder(password):
        raise ValueError("the password in it is a placeholder: put the real one there")
    return url


def _postgres(url: SecretStr) -> SecretStr:
    if urlsplit(url.get_secret_value()).scheme not in ("postgresql", "postgres"):
        raise ValueError("expected postgresql://user:password@host:5432/database")
    return url


def _mqtt(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or parts.path not in ("", "/"):
        raise ValueError("expected mqtt://user:password@host:1883, or mqtts://…:8883 for TLS")
    _ = parts.port  # raises ValueError where it is no port number
    return url


def _long_secret(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value()
    if len(text) < HASH_SECRET_LENGTH_MIN or _is_placeholder(text) or len(set(text)) < 8:  # noqa: PLR2004  # "aaaa…"
        raise ValueError(
            f"expected at least {HASH_SECRET_LENGTH_MIN} random characters: "
            "python -c 'import secrets; print(secrets.token_urlsafe(32))' makes some. Keep it: with another one, "
            "returning customers look new"
        )
    return secret


def _is_placeholder(text: str) -> bool:
    plain = text.strip("<>{}[]").lower()
    return plain in _PLACEHOLDERS or plain.startswith(("changeme", "change-me", "change_me", "your-", "your_"))


DatabaseUrl = Annotated[
    SecretStr,
    AfterValidator(_postgres),
    AfterValidator(_no_placeholder),
    Field(description="PostgreSQL or TimescaleDB: postgresql://user:password@host:5432/database"),
]
BrokerUrl = Annotated[
    SecretStr,
    AfterValidator(_mqtt),
    AfterValidator(_no_placeholder),
    Field(description="MQTT broker, the server's login: mqtt://user:password@host:1883 or mqtts://…:8883"),
]


class DatabaseSettings(BaseSettings):
    """What every command that reads or writes the store needs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    database_url: DatabaseUrl


class ChunkSettings(BaseSettings):
    """What chunks are cut for."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    chunk_memory_mb: int | None = Field(
        None, ge=1, description="Memory for the chunks being written; None: half of the database's shared_buffers"
    )


class IngestSettings(DatabaseSettings, ChunkSettings):
    """The ingest service."""

    broker_url: BrokerUrl
    broker_tls_ca: str | None = Field(None, description="CA file for mqtts://; None: the system's own")
    broker_session_s: int = Field(
        0,
        ge=0,
        le=86_400,
        description="How long the broker keeps messages for an absent ingest. 0 for iotcore, whose router dies of a "
        "kept session that shares a subscription; 300 suits Mosquitto",
    )
    ingest_name: str = Field(
        default_factory=lambda: f"footfall-ingest-{socket.gethostname()}",
        min_length=1,
        max_length=100,
        description="MQTT client id: one per worker, two of the same name throw each other out",
    )
    ingest_in_flight: int = Field(
        200, ge=1, le=10_000, description="Most messages taken from the broker and not yet committed"
    )
    ingest_batch_bytes: int = Field(
        4 * 1024 * 1024, ge=1024, le=256 * 1024 * 1024, description="Most payload bytes per transaction"
    )
    ingest_batch_age_s: float = Field(
        0.1, ge=0, le=0.2, description="How long the first message of a transaction waits for company at most"
    )
    dead_letters_max: int = Field(
        LETTERS_MAX, ge=100, le=10_000_000, description="Most dead letters kept; the oldest go"
    )


class OrdersSettings(DatabaseSettings):
    """The orders API."""

    hash_secret: Annotated[SecretStr, AfterValidator(_long_secret)] = Field(
        description="Key of the hash under which a customer reference is stored"
    )
    orders_ahead_h: int = Field(
        24,
        ge=1,
        le=1_000_000,
        description="How many hours ahead of the server's clock an order may have closed; a simulation faster than "
        "real time needs more",
    )
    tills_file: Path | None = Field(
        None, description="The file of tills that are asked, or that tell us by themselves; None: there are none"
    )
    orders_connections: int = Field(8, ge=1, le=100, description="Database connections of the orders API")


class CountersSettings(DatabaseSettings):
    """The service that people counters of other makers push to."""

    broker_url: BrokerUrl | None = Field(None, description="MQTT broker, the server's login; None: HTTP only")
    broker_tls_ca: str | None = Field(None, description="CA file for mqtts://; None: the system's own")
    broker_session_s: int = Field(0, ge=0, le=86_400, description="As of ingest")
    counters_name: str = Field(
        default_factory=lambda: f"footfall-counters-{socket.gethostname()}",
        min_length=1,
        max_length=100,
        description="MQTT client id: two of the same name throw each other out",
    )


def load(kind: type[_S]) -> _S:
    """Return the settings of `kind` from the environment.

    Raises:
        SettingsError: names each variable that is missing or wrong and what is expected there.
    """
    try:
        return kind()
    except ValidationError as error:
        raise SettingsError(_explain(kind, error)) from error


def _explain(kind: type[BaseSettings], error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        field = str(problem["loc"][0])
        variable = f"{PREFIX}{field.upper()}"
        if problem["type"] == "missing":
            lines.append(f"{variable} is not set: {kind.model_fields[field].description}")
        else:
            lines.append(f"{variable}: {problem['msg'].removeprefix('Value error, ')}")
    return "; ".join(lines)
