"""A real SMTP server on a free port: it greets, speaks TLS, asks for a password, takes mail, or whatever it is told."""

import base64
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default


@dataclass
class Mailbox:
    """What the server took, and how it behaves.

    `refusals` are answered in place of the answers to RCPT, one each. `holds` names the command at which the server
    says nothing more until `free` is set: `reached` tells that it came so far.
    """

    tls: ssl.SSLContext | None = None
    login: tuple[str, str] | None = None
    refusals: list[str] = field(default_factory=list)
    holds: str = ""
    reached: threading.Event = field(default_factory=threading.Event)
    free: threading.Event = field(default_factory=threading.Event)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    in_the_clear: list[str] = field(default_factory=list)
    port: int = 0


class _Session(socketserver.StreamRequestHandler):
    timeout = 60

    def handle(self) -> None:
        self.box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self.secure, self.known = self.box.tls is None, self.box.login is None
        self._say("220 mail.example ready")
        while line := self.rfile.readline():
            command = line.decode().strip()
            verb = command.split(" ")[0].upper()
            if not self.secure:
                self.box.in_the_clear.append(command)
            self._hold(verb)
            if verb in ("EHLO", "STARTTLS", "AUTH"):
                self._greeted(verb, command)
            elif not (self.secure and self.known):
                self._say("530 first TLS, then your name")
            else:
                self._mail(verb, command)
            if verb == "QUIT":
                return

    def finish(self) -> None:
        super().finish()
        self.connection.close()  # that of TLS: the server knows only the one under it

    def _greeted(self, verb: str, command: str) -> None:
        box = self.box
        if verb == "EHLO":
            offered = ["AUTH PLAIN"] if self.secure and box.login else [] if self.secure else ["STARTTLS"]
            for name in ["mail.example", *offered]:
                self._say(f"250-{name}")
            self._say("250 SIZE 50000000")
        elif verb == "STARTTLS" and box.tls:
            self._say("220 go ahead")
            self.connection = box.tls.wrap_socket(self.connection, server_side=True)
            self.rfile, self.wfile = self.connection.makefile("rb"), self.connection.makefile("wb", 0)
            self.secure = True
        else:
            given = base64.b64decode(command.split(" ")[2]).decode().split("\0")[1:]
            self.known = tuple(given) == box.login
            self._say("235 welcome" if self.known else "535 who are you")

    def _mail(self, verb: str, command: str) -> None:
        if verb == "RCPT" and self.box.refusals:
            self._say(self.box.refusals.pop(0))
            return
        if verb == "RCPT":
            self.box.recipients.append(command[8:].strip("<> "))
        if verb == "DATA":
            self._say("354 go on")
            self._take(self.box)
            return
        self._say("221 bye" if verb == "QUIT" else "250 ok")

    def _take(self, box: Mailbox) -> None:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        made = message_from_bytes(b"".join(lines), policy=default)
        assert isinstance(made, EmailMessage)
        box.mails.append(made)
        self._hold("TAKEN")
        self._say("250 taken")

    def _hold(self, verb: str) -> None:
        if self.box.holds == verb:
            self.box.reached.set()
            self.box.free.wait(60)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *_args: object) -> None:
        """Say nothing of who hangs up in the middle: tests kill."""


@contextmanager
def mail_server(box: Mailbox) -> Iterator[Mailbox]:
    """Run a server on loopback that fills `box`."""
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = box  # type: ignore[attr-defined]
        box.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield box
        finally:
            box.free.set()
            server.shutdown()
            thread.join(timeout=10)
