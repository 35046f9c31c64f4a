"""A report as an e-mail: the main figures as text, the files attached."""

from collections.abc import Sequence
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from acd.daemon.notices.notice import one_line
from acd.reports.contents import Language
from acd.reports.files import File
from acd.words.reports import said

MOST_BYTES = 10_000_000
"""Of all attachments together: what common mail servers take, less what base64 adds."""


def letter(
    name: str,
    hotline: str,
    summary: str,
    span: str,
    files: Sequence[File],
    language: Language,
    sender: str,
    to: Sequence[str],
    at: datetime,
    message_id: str,
) -> EmailMessage:
    """The message. `message_id`: the part before the @; the same for the same report, so that a receiver may leave out a second
    one. Marked as automatic, so that no holiday answer comes back (RFC 3834)."""
    found = EmailMessage()
    found["From"], found["To"] = sender, ", ".join(to)
    found["Subject"] = one_line(said("mail-subject", language, hotline=hotline, name=name, span=span))
    found["Date"] = format_datetime(at)
    found["Message-ID"] = f"<{message_id}@{sender.rpartition('@')[2]}>"
    found["Auto-Submitted"] = "auto-generated"
    names = ", ".join(file.name for file in files)
    found.set_content(f"{summary}\n\n{said('mail-files', language, files=names)}\n")
    for file in files:
        main, _, sub = file.content.partition("/")
        found.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
    return found
