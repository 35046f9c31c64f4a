"""What an agent's telephone does by itself, on the agent's desk and in the supervisor's list of agents, in both languages."""

import pytest
from playwright.async_api import expect

from acd.engine.commands import PhoneTest
from acd.engine.events import AgentDialled, CallerHungUp, OfferFailed, PhoneRegistered, PhoneTested
from tests.support.waiting import eventually
from tests.web.support.desk_browser import Open, SimulatedPbx, picture
from tests.web.support.web_server import RunningServer


async def refuse(house: RunningServer, reason: str) -> None:
    call = house.calls.arrives(caller="13812341234")
    offer = (await house.calls.offer(call)).offer
    house.calls.tell(
        AgentDialled("1001", call, offer),
        OfferFailed("1001", call, offer, reason, 17),  # type: ignore[arg-type]
        CallerHungUp(call),
    )
    await house.calls.settled()


@pytest.mark.parametrize(
    ("reason", "habit"), [("busy", "do-not-disturb"), ("forwarded", "forwards"), ("failed", "fails")]
)
async def test_a_refusing_telephone_is_named_to_its_agent_and_a_test_ring_brings_them_back(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open, reason: str, habit: str
):
    await house.calls.ready("1001")
    page, board = await open_page(), await open_page("operator")
    await refuse(house, reason)
    await expect(page.get_by_test_id(f"habit-{habit}")).to_be_visible()
    await expect(page.get_by_test_id("phone-out")).to_have_count(0)
    for _ in (2, 3):
        await refuse(house, reason)
    await expect(page.get_by_test_id("phone-out")).to_contain_text("you were set to not ready")
    await expect(page.get_by_test_id("own-state")).to_contain_text("telephone refuses calls")
    await expect(page.get_by_test_id(f"habit-{habit}")).to_contain_text("× 3")
    await expect(board.get_by_test_id("agent-1001")).to_contain_text("telephone refuses calls")
    await expect(board.get_by_test_id(f"habit-1001-{habit}")).to_contain_text("× 3")
    await picture(page, f"telephone-{habit}")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("phone-out")).to_contain_text("系统已将您转为示忙")
    await page.get_by_test_id("test-phone").click()
    await eventually(lambda: PhoneTest("1001") in pbx.deeds, "the test ring")
    await expect(page.get_by_test_id("phone-test")).to_have_text("测试：振铃中")
    house.calls.tell(PhoneTested("1001", "answered"))
    await expect(page.get_by_test_id("own-state")).to_have_text("空闲")
    await expect(page.get_by_test_id("phone-news")).to_have_count(0)


async def test_two_telephones_of_one_account_are_told_to_both(house: RunningServer, open_page: Open):
    await house.calls.ready("1001")
    page, board = await open_page(), await open_page("operator")
    for place in ("10.0.0.5", "10.0.0.9") * 2:
        house.calls.tell(PhoneRegistered("1001", place))
    await expect(page.get_by_test_id("habit-two-places")).to_contain_text("Turn off the one")
    await expect(board.get_by_test_id("habit-1001-two-places")).to_contain_text("two phones register in turn")
