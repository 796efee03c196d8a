"""The MQTT broker of one machine: Mosquitto where it is installed, else iotcore on loopback.

Mosquitto keeps sessions over a restart and enforces topic ACLs; iotcore (rumqttd inside a wheel) does neither and is
for a demo only. Neither is trusted with a count: only ingest's receipt is proof of storage.
"""

import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from contract.messages import MESSAGE_BYTES_MAX
from deploy.counter_logins import CounterLogins
from deploy.errors import BrokerMissingError
from deploy.process import Service, free_port, listens, unprivileged

Kind = Literal["mosquitto", "iotcore"]
#: Debian puts the broker where an ordinary user's PATH does not look; Homebrew has its own place.
_SEARCH_PATH = os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin"))
#: The rules of enrolled boxes, in the broker's folder.
ENROLLED_RULES = "enrolled.acl"
#: What Home Assistant's login may read, in the broker's folder; without it, nothing.
HOME_ASSISTANT_RULES = "homeassistant.acl"
_PACKET_BYTES_MAX = MESSAGE_BYTES_MAX + 1024


@dataclass(frozen=True, slots=True)
class Login:
    """A user name and password at the broker."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class TlsListener:
    """A listener for boxes with certificates of our own authority, and for nobody else.

    Its files lie in the broker's folder, where `deploy.trust.broker_files` puts them.
    """

    port: int
    address: str = "127.0.0.1"


class Broker:
    """A broker on 127.0.0.1 with a login each for servers and devices, and for Home Assistant, kept in `folder`.

    `counters_at` is where counters of other makers come in from the network, with a password each.

    Raises:
        BrokerMissingError: neither Mosquitto nor iotcore is installed.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int | None = None,
        kind: Kind | None = None,
        tls: TlsListener | None = None,
        counters_at: TlsListener | None = None,
    ) -> None:
        self.folder = folder.resolve()
        self.port = port or free_port()
        self.kind: Kind = kind or installed_kind()
        self.tls = tls if self.kind == "mosquitto" else None
        self.counters_at = counters_at if self.tls else None
        self.account = unprivileged("mosquitto") if self.kind == "mosquitto" else None
        self.folder.mkdir(parents=True, exist_ok=True)
        self.server = self._login("server")
        self.device = self._login("device")
        # Its rules are all that keeps it from what is not its own: where there are none, there is no such login.
        self.homeassistant = self._login("homeassistant") if self.kind == "mosquitto" else None
        self.counters = CounterLogins(self.folder)

    def url(self, login: Login) -> str:
        """Return `mqtt://user:password@host:port` for a login."""
        return f"mqtt://{login.username}:{login.password}@127.0.0.1:{self.port}"

    def service(self) -> Service:
        """Write the configuration and return how to run the broker."""
        write = self._mosquitto if self.kind == "mosquitto" else self._iotcore
        return Service(
            name=self.kind,
            argv=write(),
            ready=lambda: listens(self.port),
            log_file=self.folder / "broker.log",
            account=self.account,
        )

    @property
    def _logins(self) -> tuple[Login, ...]:
        return self.server, self.device, *((self.homeassistant,) if self.homeassistant else ())

    def _login(self, username: str) -> Login:
        path = self.folder / f"{username}.password"
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_hex(16) + "\n", encoding="ascii")
        return Login(username, path.read_text(encoding="ascii").strip())

    def _mosquitto(self) -> list[str]:
        config, passwords, acl = (self.folder / name for name in ("mosquitto.conf", "passwords", "acl"))
        passwords.touch(mode=0o600)
        passwords.write_text("".join(f"{who.username}:{who.password}\n" for who in self._logins))
        passwords.chmod(0o600)
        _run(["mosquitto_passwd", "-U", str(passwords)])
        with passwords.open("a", encoding="ascii") as file:
            file.write(self.counters.hashed())
        acl.write_text(access_rules(self.folder), encoding="ascii")
        acl.chmod(0o600)
        config.write_text(
            f"listener {self.port} 127.0.0.1\n"
            "allow_anonymous false\n"
            f"password_file {passwords}\n"
            f"acl_file {acl}\n"
            "persistence true\n"
            f"persistence_location {self.folder}/\n"
            # Bounded: what a dead subscriber leaves behind must not grow for ever; devices send again what is missing.
            "max_queued_messages 20000\n"
            "max_queued_bytes 268435456\n"
            "persistent_client_expiration 1d\n"
            f"message_size_limit {_PACKET_BYTES_MAX}\n"
            "max_inflight_messages 200\n"
            "log_dest stderr\n"
            "log_type error\nlog_type warning\nlog_type notice\n"
            + (self._tls_lines(self.tls) if self.tls else "")
            + (self._counter_lines(self.counters_at) if self.counters_at else ""),
            encoding="ascii",
        )
        for path in (self.folder, config, passwords, acl, self.folder / "mosquitto.db"):
            if self.account and path.exists():
                os.chown(path, self.account.uid, self.account.gid)
        return [_which("mosquitto"), "-c", str(config)]

    def _tls_lines(self, tls: TlsListener) -> str:
        return (
            f"listener {tls.port} {tls.address}\n"
            "tls_version tlsv1.3\n"
            f"cafile {self.folder}/root.pem\n"
            f"certfile {self.folder}/server.pem\n"
            f"keyfile {self.folder}/server.key\n"
            f"crlfile {self.folder}/revoked.pem\n"
            "require_certificate true\n"
            "use_identity_as_username true\n"
        )

    def _counter_lines(self, tls: TlsListener) -> str:
        # Many a counter knows no TLS 1.3 and has no certificate: its password is what lets it in.
        return (
            f"listener {tls.port} {tls.address}\ncertfile {self.folder}/server.pem\nkeyfile {self.folder}/server.key\n"
        )

    def _iotcore(self) -> list[str]:
        config = self.folder / "iotcore.toml"
        config.touch(mode=0o600)
        config.write_text(
            "id = 0\n[router]\nid = 0\nmax_connections = 2000\nmax_outgoing_packet_count = 200\n"
            "max_segment_size = 104857600\nmax_segment_count = 10\n"
            f'[v5.1]\nname = "v5"\nlisten = "127.0.0.1:{self.port}"\nnext_connection_delay_ms = 1\n'
            "[v5.1.connections]\nconnection_timeout_ms = 60000\nmax_inflight_count = 200\n"
            f"max_payload_size = {_PACKET_BYTES_MAX}\n"
            "[v5.1.connections.auth]\n" + "".join(f'{who.username} = "{who.password}"\n' for who in self._logins),
            encoding="ascii",
        )
        config.chmod(0o600)
        return [sys.executable, "-m", "iotcore", "--config", str(config), "--log-level", "WARNING"]


def access_rules(folder: Path) -> str:
    """Return Mosquitto's access rules: those of the logins, and those of the enrolled boxes in `folder`."""
    files = (folder / name for name in (HOME_ASSISTANT_RULES, ENROLLED_RULES))
    return _ACL + "".join(file.read_text(encoding="ascii") for file in files if file.exists())


#: The server reads what devices say and answers with receipts, configuration and commands; it writes live, status and
#: reported only to take back what the broker keeps of a device that was shut out. A device never reads another's
#: ledger. The login `device` is for boxes on this machine; enrolled boxes have rules of their own. Counters of other
#: makers publish under their own login's name (%u), and read nothing.
_ACL = """user server
topic read footfall/v1/+/+/ledger
topic readwrite footfall/v1/+/+/live
topic readwrite footfall/v1/+/+/status
topic readwrite footfall/v1/+/+/reported
topic read footfall/v1/+/+/picture
topic read $share/ingest/footfall/v1/+/+/ledger
topic read $share/ingest/footfall/v1/+/+/picture
topic read footfall/counters/#
topic write footfall/v1/+/+/receipt
topic write footfall/v1/+/+/config
topic write footfall/v1/+/+/command
topic write homeassistant/device/+/+/config

user device
topic write footfall/v1/+/+/ledger
topic write footfall/v1/+/+/live
topic write footfall/v1/+/+/status
topic write footfall/v1/+/+/reported
topic write footfall/v1/+/+/picture
topic read footfall/v1/+/+/receipt
topic read footfall/v1/+/+/config
topic read footfall/v1/+/+/command

pattern write footfall/counters/%u/#
"""


def installed_kind() -> Kind:
    """Return which broker can be started here.

    Raises:
        BrokerMissingError: neither is installed.
    """
    if shutil.which("mosquitto", path=_SEARCH_PATH) and shutil.which("mosquitto_passwd", path=_SEARCH_PATH):
        return "mosquitto"
    if importlib.util.find_spec("iotcore"):
        return "iotcore"
    raise BrokerMissingError(
        "no MQTT broker here: install Mosquitto (apt install mosquitto, brew install mosquitto) "
        "or the demo broker (in the Footfall checkout: pip install '.[server]')"
    )


def _which(program: str) -> str:
    path = shutil.which(program, path=_SEARCH_PATH)
    if path is None:
        raise BrokerMissingError(f"{program} is not installed: apt install mosquitto")
    return path


def _run(argv: list[str]) -> None:
    subprocess.run([_which(argv[0]), *argv[1:]], check=True, capture_output=True)  # noqa: S603  # ours, no shell
