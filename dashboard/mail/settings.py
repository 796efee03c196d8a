"""What the weekly mail must be told about its surroundings, from the environment (`FOOTFALL_…`)."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, HttpUrl, PostgresDsn, SecretStr

from dashboard.mail.addresses import AddressSettings


class MailSettings(AddressSettings):
    """The server that takes mail, and who writes it."""

    database_url: Annotated[PostgresDsn, Field(description="postgresql://user:password@host:port/name")]
    smtp_host: Annotated[str, Field(description="server that takes mail; without one none is sent", min_length=1)]
    smtp_port: Annotated[int, Field(ge=1, le=65535, description="its port")] = 587
    smtp_security: Annotated[
        Literal["starttls", "tls", "none"],
        Field(description="TLS after a greeting, from the first byte, or none, for a server on this machine"),
    ] = "starttls"
    smtp_user: Annotated[str | None, Field(description="name to sign in there; without one nobody signs in")] = None
    smtp_password: Annotated[SecretStr | None, Field(description="its password")] = None
    smtp_password_file: Annotated[Path | None, Field(description="a file that holds the password instead")] = None
    mail_from: Annotated[str, Field(pattern=r"^[^\s@<>]+@[^\s@<>]+$", description="address that the mail comes from")]
    mail_hour: Annotated[int, Field(ge=0, le=23, description="hour of Monday, in the stores' time, when it goes")] = 7
    dashboard_url: Annotated[HttpUrl | None, Field(description="address that people type")] = None

    @property
    def password(self) -> str | None:
        """The password, wherever it is kept."""
        if self.smtp_password_file is not None:
            return self.smtp_password_file.read_text(encoding="utf-8").strip()
        return self.smtp_password.get_secret_value() if self.smtp_password is not None else None

    @property
    def origin(self) -> str:
        """The dashboard's address without a path; empty where it is not known."""
        return "" if self.dashboard_url is None else str(self.dashboard_url).rstrip("/")
