"""A source's record as the fields that a story says: each a short text in one writing, whatever the source's types are.

    order, ticket             the number as it is there
    status                    one of ours (ivr/services/wording.py), by [lookups.….statuses] where the source has others
    amount, balance           "123.40"
    currency                  ISO 4217, as "CNY"
    expected_on, due_at …     a day "2026-11-29", or with its time in the hotline's zone "2026-11-29T15:20"

Fields of other names are taken as text. One that is missing or null is left out; one that can't be read makes the answer a bad one, for
a story that leaves out the half of it would tell something else.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from acd.company_systems.failure import SystemFailed
from acd.config.lookups import Lookup

MOST = 3
"""Records of one answer."""
LONGEST = 200
"""Letters of one field."""
_MONEY = ("amount", "balance")
_NUMBERS = ("order", "ticket")
OF_KIND: Mapping[str, tuple[str, ...]] = {
    "orders": ("order", "status", "expected_on", "amount", "currency"),
    "deliveries": ("order", "status", "updated_at", "expected_on"),
    "balances": ("balance", "currency", "as_of"),
    "tickets": ("ticket", "status", "due_at"),
}
"""The fields that the packaged services say."""
NEEDED: Mapping[str, str] = {"orders": "status", "deliveries": "status", "balances": "balance", "tickets": "status"}
"""Without it an answer tells nothing."""


def wanted(name: str, lookup: Lookup) -> dict[str, str]:
    """Our field to its name in the source. Of a table the ones that the configuration lists, where it lists any: a column that is
    not there would be an error."""
    if lookup.kind == "postgresql" and lookup.fields:
        return dict(lookup.fields)
    return {field: lookup.fields.get(field, field) for field in (*OF_KIND.get(name, ()), *lookup.fields)}


def record_of(name: str, lookup: Lookup, row: Mapping[str, Any], zone: ZoneInfo) -> dict[str, str]:
    """The record in a row whose fields have our names already. Raises SystemFailed."""
    record = {}
    for field, value in row.items():
        if value is None or value == "":
            continue
        record[field] = _read(field, value, lookup, zone)
    if (needed := NEEDED.get(name)) and needed not in record:
        raise SystemFailed("bad-answer", f"its {needed} is missing")
    return record


def _read(field: str, value: Any, lookup: Lookup, zone: ZoneInfo) -> str:
    try:
        if field == "status":
            return _status(value, lookup)
        if field in _MONEY:
            return _money(value)
        if field.endswith(("_on", "_at", "_of")):
            return _moment(value, zone)
        text = _text(value)
        if field == "currency" and not (len(text) == 3 and text.isalpha()):
            raise ValueError("no currency")
        if field in _NUMBERS and not any(letter.isdigit() for letter in text):
            raise ValueError("no number")
    except (ValueError, InvalidOperation, OverflowError):
        raise SystemFailed("bad-answer", f"its {field} can't be read") from None
    return text.upper() if field == "currency" else text


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        raise ValueError("no text")
    text = str(value).strip()
    if len(text) > LONGEST or not text.isprintable():
        raise ValueError("no line of text")
    return text


def _status(value: Any, lookup: Lookup) -> str:
    text = _text(value)
    if lookup.statuses:
        if text not in lookup.statuses:
            raise SystemFailed("unknown-status", f"the status {text[:40]!r} is not among `statuses`")
        return lookup.statuses[text]
    return text.lower().replace("_", "-").replace(" ", "-")


def _money(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("no amount")
    amount = Decimal(str(value).strip())
    if not amount.is_finite() or abs(amount) >= 1_000_000_000:
        raise ValueError("no amount")
    return f"{amount.quantize(Decimal('0.01')):f}"


def _moment(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, datetime):
        when = value
    elif isinstance(value, date):
        return value.isoformat()
    elif isinstance(value, str) and len(value.strip()) == 10:
        return date.fromisoformat(value.strip()).isoformat()
    elif isinstance(value, str):
        when = datetime.fromisoformat(value.strip())
    else:
        raise ValueError("no day")
    if when.tzinfo is not None:
        when = when.astimezone(zone)
    return when.replace(tzinfo=None).isoformat(timespec="minutes")
