"""The desk in front of the register of accounts: asks who it is before anything is shown or changed."""

from collections.abc import Callable

from analytics.clock import Clock
from dashboard.accounts.passwords import one_time
from dashboard.accounts.register import By, Event, Listed, Register, Scope, Wanted
from dashboard.errors import AccountError
from dashboard.viewing import ViewerReading


class AccountDesk:
    """What pages have of the register: for those with the right to accounts, who are written down with all they do.

    Methods raise ForbiddenError where the viewer may not, AccountError where it cannot be done, and
    DatabaseUnavailableError while the database does not answer.
    """

    def __init__(self, register: Register, reading: ViewerReading, address: Callable[[], str], now: Clock) -> None:
        self._register = register
        self._reading = reading
        self._address = address
        self.now = now

    def listed(self) -> list[Listed]:
        """Return the accounts by name."""
        self._reading.require("accounts")
        return self._register.listed(now=self.now())

    def account(self, login: str) -> Listed:
        """Return one account.

        Raises:
            AccountError: no such account.
        """
        found = next((one for one in self.listed() if one.login == login), None)
        if found is None:
            raise AccountError(f"no account is named {login!r}", what="login_unknown")
        return found

    def add(self, login: str, scope: Scope, password: str | None) -> str | None:
        """Add an account; return its one-time password where no `password` was given."""
        by, once = self._by(), None if password else one_time()
        self._register.add(login, scope, password or once or "", now=self.now(), one_time=once is not None, by=by)
        return once

    def set_password(self, login: str, password: str | None) -> str | None:
        """Give an account another password and sign it out; return a one-time one where no `password` was given."""
        by, once = self._by(), None if password else one_time()
        self._register.set_password(login, password or once or "", now=self.now(), one_time=once is not None, by=by)
        return once

    def set_scope(self, login: str, scope: Scope) -> None:
        """Give an account another role or other stores; holds from its next request."""
        self._register.set_scope(login, scope, now=self.now(), by=self._about(login))

    def disable(self, login: str) -> None:
        """Shut an account out, its open browsers included."""
        self._register.disable(login, now=self.now(), by=self._about(login))

    def enable(self, login: str) -> None:
        """Let an account in again."""
        self._register.enable(login, now=self.now(), by=self._by())

    def sign_out(self, login: str) -> int:
        """Sign an account out everywhere; return how many browsers were signed in."""
        return self._register.sign_out(login, now=self.now(), by=self._by())

    def events(self, wanted: Wanted, *, limit: int) -> list[Event]:
        """Return the latest lines of the audit log that are wanted, the newest first."""
        self._reading.require("accounts")
        return self._register.events(limit=limit, wanted=wanted)

    def _by(self) -> By:
        return By(self._reading.require("accounts").account_id, self._address())

    def _about(self, login: str) -> By:
        """Return who asks, who may not take their own rights away: so somebody with them is always left."""
        if self._reading.require("accounts").login == login:
            raise AccountError(f"{login} asks for it: somebody else of head office has to", what="self")
        return self._by()
