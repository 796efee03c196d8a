"""What the KPI API must be told about its surroundings, from the environment (`FOOTFALL_…`)."""

from typing import Annotated

from pydantic import Field, PostgresDsn
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """Facts of a deployment. Tests pass them as arguments."""

    model_config = SettingsConfigDict(env_prefix="FOOTFALL_", frozen=True)

    database_url: Annotated[PostgresDsn, Field(description="postgresql://user:password@host:port/name")]
    api_connections: Annotated[int, Field(ge=1, le=100, description="database connections of the KPI API")] = 8
    api_rate_per_s: Annotated[
        float, Field(gt=0, le=100_000, description="requests a second that one key may make; twice as many in a burst")
    ] = 50.0

    @property
    def dsn(self) -> str:
        """The database's URL as libpq reads it."""
        return str(self.database_url)
