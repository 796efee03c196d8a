"""What can go wrong in the dashboard.

DashboardError
├── AddressError                the pages cannot be served at the address that was asked for
├── AccountError                an account cannot be made or changed as asked
│   ├── WrongPasswordError      no such account, or another password
│   └── LockedOutError          too many passwords were wrong, and for how long
├── OidcError                   signing in with a provider
│   ├── OidcSetUpError          its settings or its file of rules cannot be so
│   ├── OidcUnavailableError    the provider does not answer, or not as one
│   └── OidcRefusedError        the provider, or its answer, lets nobody in
├── ForbiddenError              whoever is signed in may not see or do this
├── FileUnknownError            a page has no such file to hand out
├── MailError                   a weekly mail cannot be sent, or not to that address
├── SetUpError                  a store or a box cannot be set up so, and what of it is wrong
└── CatalogueError              a language has no catalogue, or its file cannot be read
"""

from datetime import timedelta


class DashboardError(Exception):
    """The dashboard cannot show what was asked for."""


class AddressError(DashboardError):
    """The pages cannot be served at the address that was asked for: its port is taken, or it is not this machine's."""


class AccountError(DashboardError):
    """An account cannot be made or changed as asked; `what` of it is wrong, None: the message says it."""

    def __init__(self, message: str, *, what: str | None = None) -> None:
        super().__init__(message)
        self.what = what


class WrongPasswordError(AccountError):
    """No account has this name and this password."""

    def __init__(self) -> None:
        super().__init__(self.__doc__ or "")


class LockedOutError(AccountError):
    """Too many passwords were wrong; `left` is for how long none is taken."""

    def __init__(self, left: timedelta) -> None:
        super().__init__(f"too many passwords were wrong: none is taken for {left.total_seconds():.0f} s")
        self.left = left


class OidcError(DashboardError):
    """Nobody can sign in with the provider so."""


class OidcSetUpError(OidcError):
    """The provider's settings or its file of rules cannot be so."""


class OidcUnavailableError(OidcError):
    """The provider does not answer, or not as one."""


class OidcRefusedError(OidcError):
    """The provider, or what it says, lets nobody in."""


class OidcAnswerError(OidcRefusedError):
    """A browser came back without a code that the provider takes: nobody's word but the browser's."""


class ForbiddenError(DashboardError):
    """Whoever is signed in may not see or do this."""


class FileUnknownError(DashboardError):
    """A page has no such file to hand out."""


class UnreadError(DashboardError):
    """Part of a page could not be read, so that there is no file of it."""


class MailError(DashboardError):
    """A weekly mail cannot be sent, or not to that address.

    `what` is wrong: it is no "address", it is of another "domain", or one was asked for too "often".
    """

    def __init__(self, message: str, *, what: str) -> None:
        super().__init__(message)
        self.what = what


class SetUpError(DashboardError):
    """A store or a box cannot be set up so; `column` is what of it is wrong, None: the message says it."""

    def __init__(self, message: str, *, column: str | None = None) -> None:
        super().__init__(message)
        self.column = column


class CatalogueError(DashboardError):
    """A language has no catalogue, or its file cannot be read."""
