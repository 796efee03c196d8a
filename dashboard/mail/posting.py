"""The post office: hands one mail to the server that takes it, and says how far that went."""

import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final, Literal

from dashboard.mail.settings import MailSettings

_TIMEOUT_S: Final = 60.0
_PERMANENT_FROM: Final = 500
_TAKEN: Final = 250

#: sent: the server has it. later, never: it has not, and may take it another time, or will not. unsure: nobody knows.
#: skipped: it is not given to it, on purpose.
Fate = Literal["sent", "later", "never", "unsure", "skipped", "not ours"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it went; `failure` says what was answered."""

    fate: Fate
    failure: str | None = None


def post(
    settings: MailSettings,
    message: EmailMessage,
    handing_over: Callable[[], bool],
    *,
    tls: ssl.SSLContext | None = None,
) -> Outcome:
    """Hand a mail over. `handing_over` is asked last before the server gets it; False: it is somebody else's by now.

    `tls` is whom the server is known by; None: the system's authorities.
    """
    given = False
    try:
        with _connected(settings, tls or ssl.create_default_context()) as server:
            _answered(server, server.mail(settings.mail_from), "MAIL FROM")
            _answered(server, server.rcpt(message["To"].addresses[0].addr_spec), "RCPT TO")
            whole = message.as_bytes(policy=SMTP)
            if not handing_over():
                return Outcome("not ours")
            given = True
            code, said = server.data(whole)
    except smtplib.SMTPAuthenticationError as error:
        # A password is mended by people: the mail is not at fault.
        return Outcome("later", f"{error.smtp_code}: name or password was refused")
    except smtplib.SMTPResponseException as error:
        # An answer is one in the midst of handing over, too: it was not taken.
        return _refused(error.smtp_code, error.smtp_error)
    except (smtplib.SMTPException, OSError) as error:
        said_ = f"{type(error).__name__}: {error}"
        return Outcome("unsure" if given else "later", said_)
    return Outcome("sent") if code == _TAKEN else _refused(code, said)


def _connected(settings: MailSettings, tls: ssl.SSLContext) -> smtplib.SMTP:
    host, port = settings.smtp_host, settings.smtp_port
    if settings.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_TIMEOUT_S, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=_TIMEOUT_S)
    try:
        server.ehlo()
        if settings.smtp_security == "starttls":
            server.starttls(context=tls)
            server.ehlo()
        if settings.smtp_user:
            server.login(settings.smtp_user, settings.password or "")
    except BaseException:
        server.close()
        raise
    return server


def _answered(server: smtplib.SMTP, answer: tuple[int, bytes], to: str) -> None:
    code, said = answer
    if code not in (_TAKEN, 251):
        server.rset()
        raise smtplib.SMTPResponseException(code, f"{to}: {said.decode(errors='replace')}")


def _refused(code: int, said: bytes | str) -> Outcome:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return Outcome("never" if code >= _PERMANENT_FROM else "later", f"{code} {text}"[:300])
