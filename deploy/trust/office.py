"""The office of trust: register, authority and broker brought together, so that each decision holds at once."""

from collections.abc import Callable, Sequence
from datetime import datetime

from cryptography import x509

from contract.enrolment import EnrolmentCode, RenewRequest
from deploy.home import Home
from deploy.process import unprivileged
from deploy.releases.depot import Depot
from deploy.releases.service import Handing
from deploy.trust.authority import Authority
from deploy.trust.broker_files import BrokerFiles, reload_broker
from deploy.trust.enrolments import Enrolments, Identity
from deploy.trust.sessions import end_session
from ingest.database import Database


class Office:
    """Decides who may speak, and has the broker know it before a method returns.

    `broker_url` is the server's login, to end live sessions; None: they end at their next message. Methods raise as
    those of `Enrolments`, and TrustError where the broker's files cannot be written.
    """

    def __init__(
        self, enrolments: Enrolments, files: BrokerFiles, *, now: Callable[[], datetime], broker_url: str | None
    ) -> None:
        self.enrolments = enrolments
        self._files = files
        self._now = now
        self._broker_url = broker_url
        self._spoke: set[tuple[str, str]] = set()

    def redeem(self, code: EnrolmentCode, request_pem: bytes, address: str) -> Identity:
        """Let a box in; the box that it replaces is out."""
        identity = self.enrolments.redeem(code, request_pem, now=self._now(), address=address)
        self.publish()
        if identity.replaced:
            self._end_sessions([(identity.store, identity.device)])
        return identity

    def renew(self, asked: RenewRequest, address: str) -> x509.Certificate:
        """Return a box's next certificate."""
        return self.enrolments.renew(asked, now=self._now(), address=address)

    def revoke(self, store: str, device: str) -> bool:
        """Shut a device out from now on; return whether it could speak until now."""
        names = self.enrolments.revoke(store, device, now=self._now())
        self.publish()
        self._end_sessions([(store, device)] if names else [])
        return bool(names)

    def close_store(self, store: str) -> int:
        """Close a store and shut its devices out; return how many could speak until now."""
        boxes = self.enrolments.close_store(store, now=self._now())
        self.publish()
        self._end_sessions(boxes)
        return len(boxes)

    def publish(self, hosts: Sequence[str] = ()) -> bool:
        """Bring the broker's files up to the register; return whether anything had changed."""
        return self._files.update(self.enrolments, now=self._now(), hosts=hosts)

    def keep(self, hosts: Sequence[str]) -> bool:
        """Do what others decided since the last call: `publish`, and end the sessions of boxes they shut out."""
        changed = self.publish(hosts)
        speak = {(each.store, each.device) for each in self.enrolments.allowed()}
        self._end_sessions(sorted(self._spoke - speak))
        self._spoke = speak
        return changed

    def _end_sessions(self, boxes: Sequence[tuple[str, str]]) -> None:
        if self._broker_url:
            for store, device in boxes:
                end_session(self._broker_url, store, device)


def authority_of(home: Home, *, now: Callable[[], datetime], create: bool = False) -> Authority:
    """Return the authority of an installation; with `create` made where there is none.

    Raises:
        TrustError: there is none, or it cannot be used.
    """
    return Authority(home.folder / "trust", now=now, create=create)


def broker_files_of(home: Home, authority: Authority) -> BrokerFiles:
    """Return the files of the broker of the `footfall up` in `home`."""
    return BrokerFiles(
        home.folder / "broker", authority, account=unprivileged("mosquitto"), reload=lambda: reload_broker(home)
    )


def open_office(home: Home, database: Database, *, now: Callable[[], datetime], broker_url: str | None) -> Office:
    """Return the office of the installation in `home`.

    Raises:
        TrustError: its authority cannot be used.
    """
    authority = authority_of(home, now=now)
    return Office(Enrolments(database, authority), broker_files_of(home, authority), now=now, broker_url=broker_url)


def handing_of(home: Home, office: Office, authority: Authority, *, now: Callable[[], datetime]) -> Handing:
    """Return what hands the releases in `home` to the boxes that `office` lets speak."""
    return Handing(Depot(home.folder / "releases"), authority, vouch=office.enrolments.vouch, now=now)


def hosts_of(reach: Sequence[str]) -> list[str]:
    """Return what a server certificate is for: this machine, and the names and addresses that boxes use."""
    return ["localhost", "127.0.0.1", *reach]
