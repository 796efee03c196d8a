"""What the dashboard must be told about its surroundings, from the environment (`FOOTFALL_…`)."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import Field, HttpUrl, PostgresDsn, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from dashboard.mail.addresses import Domains


class DashboardSettings(BaseSettings):
    """Facts of a deployment. Tests pass them as arguments."""

    model_config = SettingsConfigDict(env_prefix="FOOTFALL_", frozen=True)

    database_url: Annotated[PostgresDsn, Field(description="postgresql://user:password@host:port/name")]
    dashboard_host: Annotated[
        str, Field(description="address to listen on; others see the pages only if it is theirs")
    ] = "127.0.0.1"
    dashboard_port: Annotated[int, Field(ge=1, le=65535, description="port to listen on")] = 8050
    dashboard_threads: Annotated[int, Field(ge=1, le=64, description="requests worked on at a time")] = 24
    dashboard_url: Annotated[
        HttpUrl | None,
        Field(description="address that people type, when a proxy stands in between; https:// makes cookies secure"),
    ] = None
    dashboard_proxies: Annotated[
        int, Field(ge=0, le=5, description="how many trusted proxies each request comes through")
    ] = 0
    dashboard_idle_h: Annotated[
        float, Field(gt=0, le=720, description="hours without any request after which one has to sign in again")
    ] = 12
    dashboard_session_h: Annotated[
        float, Field(gt=0, le=8760, description="hours after which one has to sign in again in any case")
    ] = 168

    mail_domains: Domains = ()

    oidc_issuer: Annotated[
        str | None,
        Field(
            pattern=r"^(https://|http://(127\.0\.0\.1|localhost)[:/])",
            description="the OpenID provider's name for itself, https://…, exactly as it writes it",
        ),
    ] = None
    oidc_client_id: Annotated[str | None, Field(description="what we are called there")] = None
    oidc_client_secret: Annotated[SecretStr | None, Field(description="our secret there; none for a public client")] = (
        None
    )
    oidc_client_secret_file: Annotated[Path | None, Field(description="a file that holds the secret instead")] = None
    oidc_name: Annotated[str, Field(description="what the button says people sign in with")] = "OpenID Connect"
    oidc_scope: Annotated[str, Field(description="what is asked for")] = "openid profile email"
    oidc_rules: Annotated[
        Path | None,
        Field(description="TOML file: which groups get which role; without one accounts are linked by hand"),
    ] = None

    @property
    def in_the_clear(self) -> bool:
        """Whether other machines are served, and nothing says that TLS is in front."""
        local = self.dashboard_host in ("127.0.0.1", "::1", "localhost")
        return not local and (self.dashboard_url is None or self.dashboard_url.scheme != "https")

    @property
    def idle(self) -> timedelta:
        """How long a session may be without a request."""
        return timedelta(hours=self.dashboard_idle_h)

    @property
    def session(self) -> timedelta:
        """How long a session may be in all."""
        return timedelta(hours=self.dashboard_session_h)

    @property
    def dsn(self) -> str:
        """The database's URL as libpq reads it."""
        return str(self.database_url)
