"""What the broker knows of trust, as files in its folder: certificates, the revoked ones, and each box's rules.

They are made from the register alone, whole, under a lock: whoever writes last has read last. Mosquitto reads them anew
at SIGHUP: rules hold from then on for boxes that are connected, too; the list of revoked certificates for new ones.
"""

import fcntl
import logging
import os
import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from contract.topics import LEAVES, Leaf, topic
from deploy.broker import ENROLLED_RULES, access_rules
from deploy.children import load, seen_now
from deploy.errors import TrustError
from deploy.home import Home
from deploy.process import Account
from deploy.trust.authority import Authority
from deploy.trust.enrolments import Allowed, Enrolments
from edge.identity import write_secret

_log = logging.getLogger(__name__)
#: What a box says; what it may hear of the rest.
SAYS: Final[tuple[Leaf, ...]] = ("ledger", "live", "status", "reported", "picture")
HEARS: Final[tuple[Leaf, ...]] = ("receipt", "config", "command")
REVOKED: Final = "revoked.pem"


class BrokerFiles:
    """The files in `folder`, owned by the account that the broker runs as; `reload` tells it to read them anew.

    Raises:
        TrustError: the folder cannot be written.
    """

    def __init__(
        self, folder: Path, authority: Authority, *, account: Account | None, reload: Callable[[], None]
    ) -> None:
        self.folder = folder
        self._authority = authority
        self._owner = (account.uid, account.gid) if account else None
        self._reload = reload

    def prepare(self, hosts: Sequence[str]) -> None:
        """Put what the broker needs to start: certificates for `hosts`, and the lists of last time or empty ones."""
        with self._locked():
            self._write_certificates(hosts)
            for name, empty in ((REVOKED, self._authority.revocations([])), (ENROLLED_RULES, b"")):
                if not (self.folder / name).exists():
                    self._write(name, empty)

    def update(self, enrolments: Enrolments, *, now: datetime, hosts: Sequence[str] = ()) -> bool:
        """Write the register's state and have the broker read it; return whether anything had changed.

        With `hosts` the server's certificate is looked after, too.
        """
        with self._locked():
            changed = self._write_certificates(hosts) if hosts else False
            rules = rules_of(enrolments.allowed()).encode("ascii")
            revoked = enrolments.revoked(now=now)
            stamp = "".join(f"{each.serial:x}\n" for each in revoked).encode("ascii")
            changed |= self._put(ENROLLED_RULES, rules)
            changed |= self._put("acl", access_rules(self.folder).encode("ascii"))
            # A signature differs each time it is made: what is compared is what it is about.
            if not self._holds("revoked.serials", stamp):
                self._write(REVOKED, self._authority.revocations(revoked))
                self._write("revoked.serials", stamp)
                changed = True
            if changed:
                self._reload()
        return changed

    def _write_certificates(self, hosts: Sequence[str]) -> bool:
        certificate, key = self._authority.server_identity(hosts)
        wanted = {"root.pem": self._authority.pem}
        wanted |= {"server.key": key.read_bytes(), "server.pem": certificate.read_bytes()}
        changed = [name for name, content in wanted.items() if self._put(name, content)]
        return bool(changed)

    def _put(self, name: str, content: bytes) -> bool:
        if self._holds(name, content):
            return False
        self._write(name, content)
        return True

    def _holds(self, name: str, content: bytes) -> bool:
        path = self.folder / name
        return path.exists() and path.read_bytes() == content

    def _write(self, name: str, content: bytes) -> None:
        path = self.folder / name
        try:
            write_secret(path, content, owner=self._owner)
        except OSError as error:
            raise TrustError(f"cannot write {path}: {error}. Run this as the user that runs `footfall up`.") from error

    @contextmanager
    def _locked(self) -> Iterator[None]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / "trust.lock").open("a", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield
        except PermissionError as error:
            raise TrustError(f"{error}. Run this as the user that runs `footfall up`.") from error


def rules_of(allowed: Iterable[Allowed]) -> str:
    """Return Mosquitto's rules for enrolled boxes: each under its own store and device, and nothing else."""
    return "".join(
        f"\nuser {each.name}\n"
        + "".join(f"topic write {topic(each.store, each.device, leaf)}\n" for leaf in LEAVES if leaf in SAYS)
        + "".join(f"topic read {topic(each.store, each.device, leaf)}\n" for leaf in LEAVES if leaf in HEARS)
        for each in allowed
    )


def reload_broker(home: Home) -> None:
    """Tell the Mosquitto of the `footfall up` in `home`, where one runs, to read its files anew."""
    for child in seen_now(load(home.record)):
        if child.name == "mosquitto" and child.pid:
            os.kill(child.pid, signal.SIGHUP)
            _log.info("the broker reads its rules anew", extra={"action": "broker_reloaded"})
