"""Settings: what is missing, malformed or a placeholder is refused by name."""

import secrets

import pytest

from ingest.errors import SettingsError
from ingest.settings import DatabaseSettings, IngestSettings, OrdersSettings, load

DATABASE = "postgresql://footfall:7f3kq@127.0.0.1:5432/footfall"


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "BROKER_URL", "HASH_SECRET", "INGEST_NAME", "BROKER_SESSION_S"):
        monkeypatch.delenv(f"FOOTFALL_{name}", raising=False)


def test_what_is_not_set_is_named_with_what_it_is() -> None:
    with pytest.raises(
        SettingsError, match=r"FOOTFALL_DATABASE_URL is not set: .*; FOOTFALL_BROKER_URL is not set: MQTT"
    ):
        load(IngestSettings)


@pytest.mark.parametrize("password", ["changeme", "password", "CHANGE_ME", "<secret>", "your-password"])
def test_a_placeholder_password_is_refused(monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", f"postgresql://footfall:{password}@127.0.0.1/footfall")
    with pytest.raises(SettingsError, match="placeholder") as raised:
        load(DatabaseSettings)
    assert f":{password}@" not in str(raised.value)


@pytest.mark.parametrize("secret", ["short", "a" * 40, "changeme-changeme-changeme-changeme-1"])
def test_a_weak_hash_secret_is_refused(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", DATABASE)
    monkeypatch.setenv("FOOTFALL_HASH_SECRET", secret)
    with pytest.raises(SettingsError, match="FOOTFALL_HASH_SECRET: expected at least 32 random characters"):
        load(OrdersSettings)


def test_a_random_hash_secret_is_taken_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = secrets.token_urlsafe(32)
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", DATABASE)
    monkeypatch.setenv("FOOTFALL_HASH_SECRET", secret)
    settings = load(OrdersSettings)
    assert settings.hash_secret.get_secret_value() == secret
    assert secret not in repr(settings)


@pytest.mark.parametrize("url", ["http://broker", "mqtt://", "mqtt://broker:port", "broker:1883"])
def test_what_is_no_broker_is_refused(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("FOOTFALL_DATABASE_URL", DATABASE)
    monkeypatch.setenv("FOOTFALL_BROKER_URL", url)
    with pytest.raises(SettingsError, match="FOOTFALL_BROKER_URL"):
        load(IngestSettings)
