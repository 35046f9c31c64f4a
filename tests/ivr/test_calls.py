"""Real calls through a real Asterisk: what is set on the channel, and what the caller hears."""

from tests.ivr.conftest import Callers
from tests.ivr.pbx import TestHouse, until


def test_one_asks_for_orders_in_chinese(house: TestHouse, dial: Callers):
    caller = dial("95001")
    until(lambda: len(caller.ear.heard) > 50, "something is heard")
    caller.ear.key("1")
    assert caller.wait() == 0
    result = house.told("RESULT hotline")[-1]
    print(result, caller.ear.loudness().astype(int).tolist(), caller.ear.dead_air_s())
    print(house.stories_log(), house.messages()[-3000:])
    assert "next=queue queue=orders skills= lang=zh path=zh/1" in result
