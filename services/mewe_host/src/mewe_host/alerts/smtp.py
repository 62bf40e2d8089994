"""Alerts by e-mail: over TLS, or in the clear to a server on this machine alone."""

import re
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

import aiosmtplib
from attrs import field, frozen

from mewe_host.alerts.letters import Letter, NotSent

_ADDRESS = re.compile(r"[^\s@<>(),;:\"\\\[\]]{1,64}@[A-Za-z0-9.-]{1,255}")


@frozen
class SmtpSender:
    """A mail server. ``implicit``: TLS from the first byte; else STARTTLS, unless the server is on this machine."""

    host: str
    port: int
    sender: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    implicit: bool = False
    local: bool = False
    seconds: float = 20.0
    context: ssl.SSLContext = field(factory=ssl.create_default_context, repr=False)

    async def send(self, letter: Letter) -> None:
        """Return once the server has accepted it. Raises NotSent, also if the server does not speak TLS as it must."""
        if not _ADDRESS.fullmatch(letter.to):
            raise NotSent("NoAddress")
        try:
            await aiosmtplib.send(
                self._message(letter),
                sender=self.sender,
                recipients=[letter.to],
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                local_hostname=self._domain,
                timeout=self.seconds,
                use_tls=self.implicit,
                start_tls=not self.implicit and not self.local,
                tls_context=self.context,
            )
        except (aiosmtplib.SMTPException, OSError, TimeoutError, ValueError) as fault:
            raise NotSent(type(fault).__name__) from None

    @property
    def _domain(self) -> str:
        return self.sender.rpartition("@")[2]

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = self.sender
        message["To"] = letter.to
        message["Subject"] = letter.subject
        message["Date"] = format_datetime(letter.at.to_stdlib())
        message["Message-ID"] = f"<{letter.id}@{self._domain}>"  # the same if it is sent again
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(letter.text)
        message["Content-Language"] = letter.language
        return message
