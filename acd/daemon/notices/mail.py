"""An e-mail for each notice, by SMTP. smtplib blocks, so it has a thread of its own: a mail server that hangs holds up nothing else,
neither the calls nor the daemon's end."""

import asyncio
import smtplib
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from acd.config.alarms import AlarmsTable, Mail
from acd.daemon.notices.notice import Notice, NotSent, one_line
from acd.threads import in_thread

WITHIN_S = 15.0
"""For each step of the conversation."""
OURSELVES = "[127.0.0.1]"
"""EHLO. Not the machine's name: to find it the resolver may be asked, for long."""


class Letters:
    name = "mail"

    def __init__(self) -> None:
        self._postman = Postman()

    def configured(self, table: AlarmsTable) -> bool:
        """Whether there is a mail server."""
        return table.mail is not None

    async def send(self, notice: Notice, table: AlarmsTable) -> None:
        """Sends it to all at once. NotSent: the server refuses it, or one of the addresses, or is not there."""
        assert table.mail is not None
        to = notice.to or tuple(table.mail.to)
        await self._postman.send(written(notice, table.mail, table.language, to), table.mail, to)


class Postman:
    """Sends one letter at a time, in a thread that the daemon's end does not wait for."""

    def __init__(self) -> None:
        self._thread: asyncio.Task[None] | None = None

    @property
    def busy(self) -> bool:
        """A letter is being sent."""
        return self._thread is not None and not self._thread.done()

    async def send(self, letter: EmailMessage, mail: Mail, to: Sequence[str]) -> None:
        """Sends it to all of these at once. NotSent: the server refuses it, or one of the addresses, or is not there."""
        if self.busy:
            raise NotSent(f"{mail.host} still ponders the mail before")
        self._thread = asyncio.create_task(in_thread("mail", lambda: _sent(letter, mail, to)))
        self._thread.add_done_callback(lambda done: done.cancelled() or done.exception())
        await asyncio.shield(self._thread)


def written(notice: Notice, mail: Mail, language: str, to: Sequence[str] = ()) -> EmailMessage:
    """The message. Marked as automatic, so that no holiday answer comes back (RFC 3834)."""
    letter = EmailMessage()
    letter["From"], letter["To"] = mail.sender, ", ".join(to or mail.to)
    letter["Subject"] = notice.subject(language)
    letter["Date"] = format_datetime(notice.at)
    letter["Message-ID"] = f"<{notice.id}@{mail.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(notice.text(language))
    return letter


def _sent(letter: EmailMessage, mail: Mail, to: Sequence[str]) -> None:
    try:
        password = _password(mail.password_file) if mail.password_file is not None else ""
        context = ssl.create_default_context()
        if mail.security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, OURSELVES, timeout=WITHIN_S, context=context)
        else:
            server = smtplib.SMTP(mail.host, mail.port, OURSELVES, timeout=WITHIN_S)
        with server:
            if mail.security == "starttls":
                server.starttls(context=context)
            if mail.username:
                server.login(mail.username, password)
            refused = server.send_message(letter, mail.sender, list(to))
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(f"{mail.host} refuses username or password ({error.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused:
        raise NotSent(f"{mail.host} takes no mail for {', '.join(to)}") from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent(f"{mail.host} offers no {mail.security} or no log-in; nothing was sent in clear") from None
    except smtplib.SMTPResponseException as error:
        raise NotSent(f"{mail.host} answered {error.smtp_code}") from None
    except ssl.SSLError as error:
        raise NotSent(f"no encryption with {mail.host} ({one_line(error.reason or 'TLS')})") from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotSent(
            f"{mail.host} can't be reached ({getattr(error, 'strerror', None) or type(error).__name__})"
        ) from None
    if refused:
        raise NotSent(f"{mail.host} takes no mail for {', '.join(refused)}; the others have it", for_good=True)


def _password(file: Path) -> str:
    try:
        with file.open(encoding="utf-8") as opened:
            return opened.read(4096).strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise NotSent(f"alarms.mail.password_file: {file} can't be read ({why})") from None
