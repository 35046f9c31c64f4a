"""Who the customers are: the record of each, and the numbers by which a caller is known."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from acd.store.table_base import Table


class CustomerRow(Table):
    """One customer of the company's."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(primary_key=True)
    """As the company writes it; where nobody gave one, made here ("k" and a number)."""
    name: Mapped[str] = mapped_column(server_default="")
    customer_class: Mapped[str] = mapped_column(server_default="")
    """A class of the configuration; one that it has not any more gives nothing."""
    language: Mapped[str] = mapped_column(server_default="")
    """zh, en; empty: the caller chooses."""
    last_order: Mapped[str] = mapped_column(server_default="")
    area: Mapped[str] = mapped_column(server_default="")
    do_not_call: Mapped[bool] = mapped_column(server_default=text("false"))
    """No call goes out to the customer's numbers."""
    consent: Mapped[str] = mapped_column(server_default="")
    """What the customer has agreed to, when and how, in words."""
    complaint_ticket: Mapped[str] = mapped_column(server_default="")
    """Of a complaint that is open."""
    complaint_owner: Mapped[str] = mapped_column(server_default="")
    """The agent who has it: the customer's calls go there first."""
    brands: Mapped[str] = mapped_column(server_default="")
    """The brands whose customer it is, with commas between them; empty: the whole hotline's."""
    updated_at: Mapped[datetime] = mapped_column(server_default=text("now()"))
    updated_by: Mapped[str] = mapped_column(server_default="")


class CustomerNumberRow(Table):
    """A number of a customer; it belongs to no other."""

    __tablename__ = "customer_numbers"
    __table_args__ = (Index("customer_numbers_customer", "customer", "place"),)

    number: Mapped[str] = mapped_column(primary_key=True)
    """The canonical number (acd/telephone_numbers.py)."""
    customer: Mapped[str]
    """Its id. No foreign key: a back-up is put back table by table, by their names."""
    place: Mapped[int] = mapped_column(server_default="0")
    """0 is the number that is called first."""
