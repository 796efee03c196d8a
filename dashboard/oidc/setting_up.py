"""The settings of a provider made into a door; without an issuer there is none, and nothing of it is imported."""

from typing import TYPE_CHECKING

from analytics.clock import Clock
from analytics.database import Database
from dashboard.accounts.linking import Linking
from dashboard.accounts.sessions import Sessions
from dashboard.errors import OidcSetUpError
from dashboard.guard import Guard
from dashboard.oidc.rules import read_rules
from dashboard.settings import DashboardSettings

if TYPE_CHECKING:
    from dashboard.oidc.entrance import OidcEntrance


def oidc_entrance(
    settings: DashboardSettings, guard: Guard, accounts: Database, sessions: Sessions, clock: Clock
) -> "OidcEntrance | None":
    """Return the door to the provider that the settings name; None: they name none.

    Raises:
        OidcSetUpError: a setting is missing, or the rules cannot be.
    """
    if settings.oidc_issuer is None:
        return None
    if not settings.oidc_client_id:
        raise OidcSetUpError("FOOTFALL_OIDC_ISSUER is set: set FOOTFALL_OIDC_CLIENT_ID, too")
    try:
        from dashboard.oidc.entrance import OidcEntrance  # noqa: PLC0415  # an extra of its own
        from dashboard.oidc.provider import Client, Provider  # noqa: PLC0415  # as above
    except ModuleNotFoundError as error:
        raise OidcSetUpError(
            f"FOOTFALL_OIDC_ISSUER is set, and {error.name} is not installed: "
            "pip install '.[oidc]' in Footfall's checkout"
        ) from error
    client = Client(settings.oidc_issuer, settings.oidc_client_id, _secret(settings), settings.oidc_scope)
    rules, provider = read_rules(settings.oidc_rules), Provider(client, now=clock)
    return OidcEntrance(settings.oidc_name, guard, Linking(accounts, sessions), sessions, provider, rules, clock)


def _secret(settings: DashboardSettings) -> str | None:
    file = settings.oidc_client_secret_file
    if file is None:
        return settings.oidc_client_secret.get_secret_value() if settings.oidc_client_secret else None
    if settings.oidc_client_secret is not None:
        raise OidcSetUpError("expected FOOTFALL_OIDC_CLIENT_SECRET or FOOTFALL_OIDC_CLIENT_SECRET_FILE, got both")
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise OidcSetUpError(f"FOOTFALL_OIDC_CLIENT_SECRET_FILE: {error}") from error
