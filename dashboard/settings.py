"""What the dashboard must be told about its surroundings, from the environment (`FOOTFALL_…`)."""

from typing import Annotated

from pydantic import Field, PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict


class DashboardSettings(BaseSettings):
    """Facts of a deployment. Tests pass them as arguments."""

    model_config = SettingsConfigDict(env_prefix="FOOTFALL_", frozen=True)

    database_url: Annotated[PostgresDsn, Field(description="postgresql://user:password@host:port/name")]
    dashboard_host: Annotated[
        str, Field(description="address to listen on; others see the pages only if it is theirs")
    ] = "127.0.0.1"
    dashboard_port: Annotated[int, Field(ge=1, le=65535, description="port to listen on")] = 8050
    dashboard_threads: Annotated[int, Field(ge=1, le=64, description="requests worked on at a time")] = 8

    @property
    def dsn(self) -> str:
        """The database's URL as libpq reads it."""
        return str(self.database_url)
