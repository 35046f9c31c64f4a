"""A caller is compared with the customer's record: the registered number, and the last digits of the last order."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from acd.config import Config
from acd.config.lookups import Identity
from acd.identity.tries import Tries
from acd.identity.verifier import Caller, Verifier
from acd.lookups.book import Lookups
from acd.store.customers.record import Customer

NUMBER = "+8613800001111"
RULES = Identity(against="customer")
CALL = Caller("c1", NUMBER)


def verifier(folder: Path, **record: str | tuple[str, ...]) -> Verifier:
    """Knows the customer with NUMBER; nobody where no field is given."""

    async def customer(number: str) -> Customer | None:
        return Customer("K-7", **record) if record and number == NUMBER else None  # type: ignore[arg-type]

    tries = Tries(folder / "tries.json", lambda: datetime(2026, 3, 2, tzinfo=UTC), lambda: ZoneInfo("Asia/Shanghai"))
    return Verifier(Lookups(Config.model_validate({"queues": {}}), lambda: ""), tries, customer)


async def test_the_last_digits_of_the_last_order_in_the_record_verify(tmp_path: Path):
    known = verifier(tmp_path, last_order="B-2026/110315")
    assert (await known.check(CALL, RULES)).outcome == "ask"
    wrong = await known.check(CALL, RULES, "0316")
    assert (wrong.outcome, wrong.wrong) == ("ask", True)
    assert (await known.check(CALL, RULES, "0315")).outcome == "ok"


@pytest.mark.parametrize("record", [{}, {"name": "张三"}, {"last_order": "B-12"}, {"last_order": "０３１５"}])
async def test_without_an_order_in_the_record_nobody_is_asked(tmp_path: Path, record: dict[str, str]):
    assert (await verifier(tmp_path, **record).check(CALL, RULES)).outcome == "no-record"


@pytest.mark.parametrize(("brand", "outcome"), [("acme", "ask"), ("", "ask"), ("bolt", "no-record")])
async def test_another_brands_customer_is_no_record(tmp_path: Path, brand: str, outcome: str):
    known = verifier(tmp_path, last_order="2026110315", brands=("acme",))
    assert (await known.check(Caller("c1", NUMBER, brand=brand), RULES)).outcome == outcome


async def test_a_number_that_is_not_the_callers_is_compared_with_nothing(tmp_path: Path):
    known = verifier(tmp_path, last_order="2026110315")
    assert (await known.check(Caller("c1", NUMBER, vouched=False), RULES)).outcome == "withheld"
