"""An e-mail for each notice, by SMTP. smtplib blocks, so it has a thread of its own: a mail server that hangs holds up nothing else,
neither the calls nor the daemon's end."""

import asyncio
import smtplib
import ssl
import threading
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path

from acd.config.alarms import AlarmsTable, Mail
from acd.daemon.notices.notice import Notice, NotSent, one_line

WITHIN_S = 15.0
"""For each step of the conversation."""
OURSELVES = "[127.0.0.1]"
"""EHLO. Not the machine's name: to find it the resolver may be asked, for long."""


class Letters:
    name = "mail"

    def __init__(self) -> None:
        self._thread: threading.Thread | None = None

    def configured(self, table: AlarmsTable) -> bool:
        """Whether there is a mail server."""
        return table.mail is not None

    async def send(self, notice: Notice, table: AlarmsTable) -> None:
        """Sends it to all at once. NotSent: the server refuses it, or one of the addresses, or is not there."""
        assert table.mail is not None
        if self._thread is not None and self._thread.is_alive():
            raise NotSent(f"{table.mail.host} still ponders the mail before")
        mail, letter = table.mail, written(notice, table.mail, table.language)
        loop = asyncio.get_running_loop()
        outcome: asyncio.Future[None] = loop.create_future()

        def set_outcome(error: Exception | None) -> None:
            if not outcome.done():
                outcome.set_result(None) if error is None else outcome.set_exception(error)

        def send() -> None:
            failed: Exception | None = None
            try:
                _sent(letter, mail)
            except Exception as error:
                failed = error
            with suppress(RuntimeError):  # The daemon has stopped meanwhile.
                loop.call_soon_threadsafe(set_outcome, failed)

        self._thread = threading.Thread(target=send, name="alarm mail", daemon=True)
        self._thread.start()
        await outcome
        self._thread.join(1.0)


def written(notice: Notice, mail: Mail, language: str) -> EmailMessage:
    """The message. Marked as automatic, so that no holiday answer comes back (RFC 3834)."""
    letter = EmailMessage()
    letter["From"], letter["To"] = mail.sender, ", ".join(mail.to)
    letter["Subject"] = notice.subject(language)
    letter["Date"] = format_datetime(notice.at)
    letter["Message-ID"] = f"<{notice.id}@{mail.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(notice.text(language))
    return letter


def _sent(letter: EmailMessage, mail: Mail) -> None:
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
            refused = server.send_message(letter, mail.sender, mail.to)
    except smtplib.SMTPAuthenticationError as error:
        raise NotSent(f"{mail.host} refuses username or password ({error.smtp_code})") from None
    except smtplib.SMTPRecipientsRefused:
        raise NotSent(f"{mail.host} takes no mail for {', '.join(mail.to)}") from None
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
