"""What the menu has looked up for the caller stands on the agent's card, in both languages, and the button that verifies them beside it."""

from playwright.async_api import expect

from acd.engine.self_service_events import LookedUp
from tests.web.support.desk_browser import Open, SimulatedPbx, picture
from tests.web.support.web_server import RunningServer


async def test_the_card_says_what_was_looked_up_and_why_nothing_came(
    house: RunningServer, pbx: SimulatedPbx, open_page: Open
):
    await house.calls.ready("1001")
    page = await open_page()
    call = house.calls.arrives(caller="13812341234")
    order = {
        "order": "2026110004821",
        "status": "shipped",
        "expected_on": "2026-11-30",
        "amount": "128.50",
        "currency": "CNY",
    }
    house.calls.tell(LookedUp(call, "orders", "caller", "found", "", 0.3, order))
    house.calls.tell(LookedUp(call, "deliveries", "order", "failed", "slow", 6.0))
    house.calls.tell(LookedUp(call, "identity", "order", "refused", "wrong"))
    await house.calls.answered(call)
    rows = page.get_by_test_id("lookups").locator("li")
    await expect(rows).to_have_count(3)
    await expect(rows.first).to_contain_text("128.50")
    await expect(page.get_by_test_id("verify")).to_be_enabled()
    await picture(page, "card-lookups-en")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("verify")).to_have_text("核实身份")
    await picture(page, "card-lookups-zh")
