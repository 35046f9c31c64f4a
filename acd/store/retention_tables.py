"""What people have said about how long a call's recordings are kept."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from acd.store.table_base import Table


class CallRetentionRow(Table):
    """A call whose class was given by hand, or that is held. It counts for recordings that are filed later, too."""

    __tablename__ = "call_retention"
    __table_args__ = (Index("call_retention_held", "held_at", "call", postgresql_where=text("held_at IS NOT NULL")),)

    call: Mapped[str] = mapped_column(primary_key=True)
    class_name: Mapped[str] = mapped_column(server_default="")
    """A class of the configuration, as it was then; empty: none was given."""
    class_at: Mapped[datetime | None]
    class_by: Mapped[str] = mapped_column(server_default="")
    class_why: Mapped[str] = mapped_column(server_default="")
    held_at: Mapped[datetime | None]
    """Since when the call is held: nothing deletes its recordings, nor what names its caller."""
    held_by: Mapped[str] = mapped_column(server_default="")
    held_why: Mapped[str] = mapped_column(server_default="")
