"""The administrator's and the supervisor's page in a real browser, in both languages."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from acd.web.server.page_build import build_page
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import PASSWORDS, TEAMS_CONFIG, RunningServer, running_server
from tests.web.test_browser import picture, test_ids

expect.set_options(timeout=15_000)
__all__ = ["test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("accounts-page"))
    async with running_server(folder / "state", database, TEAMS_CONFIG, page_folder=build_page()) as house:
        await house.calls.ready("1001", "1003")
        yield house


async def opened(browser: Browser, house: RunningServer, account: str, locale: str, complaints: list[str]) -> Page:
    context = await browser.new_context(locale=locale, viewport={"width": 1366, "height": 900}, color_scheme="light")
    page = await context.new_page()
    hear_complaints(page, complaints)
    await page.goto(house.url)
    await page.fill("[name=account]", account)
    await page.fill("[name=password]", PASSWORDS[account])
    await page.click("button[type=submit]")
    return page


async def test_an_administrator_adds_a_supervisor_and_takes_the_account_away_again(
    house: RunningServer, browser: Browser
):
    complaints: list[str] = []
    page = await opened(browser, house, "administrator", "en-GB", complaints)
    row = page.get_by_test_id("account-supervisor")
    await expect(row).to_contain_text("Orders team")
    await expect(page.get_by_role("navigation")).to_have_text("Accounts")
    form = page.get_by_test_id("adding")
    await form.locator("[name=new-account]").fill("chen")
    await form.locator("[name=role-supervisor]").check()
    await form.locator("[name=team-after-sales]").check()
    await picture(page, "accounts-adding-en")
    await form.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_test_id("made")).to_contain_text("Password of chen")
    password = (await page.get_by_test_id("made").locator("code").inner_text()).strip()
    assert house.accounts.verify("chen", password) is not None
    await page.get_by_test_id("noted").click()
    chen = page.get_by_test_id("account-chen")
    await expect(chen).to_contain_text("After-sales team")
    await chen.get_by_test_id("roles").click()
    dialog = page.get_by_test_id("dialog")
    await expect(dialog.locator("[name=role-supervisor]")).to_be_checked()
    await picture(page, "accounts-roles-en")
    await dialog.locator("[name=role-qa]").check()
    await dialog.get_by_test_id("yes").click()
    await expect(chen).to_contain_text("QA")
    await chen.get_by_test_id("remove").click()
    await page.get_by_test_id("dialog").get_by_test_id("yes").click()
    await expect(chen).to_have_count(0)
    own = page.get_by_test_id("account-administrator")
    await own.get_by_test_id("remove").click()
    await page.get_by_test_id("dialog").get_by_test_id("yes").click()
    await expect(page.get_by_role("alert")).to_contain_text("only administrator")
    await picture(page, "accounts-en")
    await page.get_by_test_id("language").click()
    await expect(page.get_by_test_id("accounts")).to_contain_text("上次登录")
    await own.get_by_test_id("roles").click()
    await page.get_by_test_id("dialog").locator("[name=role-administrator]").uncheck()
    await page.get_by_test_id("dialog").locator("[name=role-operator]").check()
    await page.get_by_test_id("dialog").get_by_test_id("yes").click()
    await expect(page.get_by_role("alert")).to_contain_text("这是唯一的管理员")
    await picture(page, "accounts-zh")
    await page.context.close()
    assert complaints == []


async def test_a_supervisors_page_shows_the_own_team_and_its_buttons(house: RunningServer, browser: Browser):
    complaints: list[str] = []
    page = await opened(browser, house, "supervisor", "zh-CN", complaints)
    await expect(page.get_by_test_id("agent-1001")).to_contain_text("订单组")
    await expect(page.get_by_test_id("agent-1003")).to_have_count(0)
    await expect(page.get_by_test_id("queue-orders")).to_be_visible()
    await expect(page.get_by_test_id("queue-after-sales")).to_have_count(0)
    await expect(page.get_by_role("banner")).to_contain_text("班长 · 订单组")
    await expect(page.get_by_role("navigation")).to_contain_text("录音")
    await expect(page.get_by_role("navigation")).not_to_contain_text("账号")
    row = page.get_by_test_id("agent-1001")
    await row.get_by_test_id("menu").click()
    await row.get_by_role("menuitem", name="培训").click()
    await expect(row).to_contain_text("示忙 · 培训")
    await row.get_by_test_id("menu").click()
    await row.get_by_test_id("ready").click()
    await row.get_by_test_id("menu").click()
    await row.get_by_test_id("queues-of").click()
    await expect(page.get_by_test_id("dialog").locator("[name=all]")).to_have_count(0)
    await picture(page, "supervisor-queues-zh")
    await page.get_by_test_id("dialog").get_by_test_id("no").click()
    await picture(page, "supervisor-zh")
    await page.context.close()
    assert complaints == []
