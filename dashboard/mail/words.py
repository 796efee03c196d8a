"""Why a week is not mailed on purpose: kept with the week, and said on the account's page."""

from typing import Final

from analytics.definitions import mark

AWAY: Final = mark("nobody signed in with this account in the 14 days before")
ONE_TIME: Final = mark("the account's password was reset, and none was chosen since")
NO_LINK: Final = mark("no link can be put into a mail before head office sets FOOTFALL_DASHBOARD_URL")
DOMAIN: Final = mark("reports may not go to addresses of this domain")
