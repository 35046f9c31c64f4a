"""Customers on the page, in a real browser: added, found, opened, not to be called, taken in as a list after its mistakes were told."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import FilePayload, Page, expect

from acd.web.server.page_build import build_page
from tests.web.support.views import link_to, open_view
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import log_in, page, picture, test_ids
from tests.web.test_customers import WRITTEN

__all__ = ["page", "test_ids"]


def csv(text: str) -> FilePayload:
    return {"name": "list.csv", "mimeType": "text/csv", "buffer": text.encode("gbk")}


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    folder = Path(tmp_path_factory.mktemp("customers-page"))
    async with running_server(folder / "state", database, WRITTEN, page_folder=build_page()) as house:
        async with house.store.transaction() as connection:
            await connection.exec_driver_sql("TRUNCATE customers, customer_numbers")
        yield house


async def test_an_operator_keeps_the_records_by_keyboard(house: RunningServer, page: Page):
    await log_in(page)
    await (await link_to(page, "Customers")).press("Enter")
    await expect(page.get_by_test_id("customers")).to_contain_text("No customers match.")
    # A list with mistakes changes nothing, and tells each by its line; mended it is taken in.
    file = page.get_by_test_id("file")
    await file.set_input_files(csv("编号,姓名,电话,等级\nK-1,张三,13800000001,glod\nK-2,李四,1.38E+10,\n"))
    mistakes = page.get_by_test_id("mistakes").locator("li")
    await expect(mistakes).to_have_count(2)
    await expect(mistakes.first).to_contain_text("line 2, class: there is no class 'glod'")
    await picture(page, "customers-list-mistakes-en")
    await page.get_by_test_id("language").click()
    await expect(mistakes.last).to_contain_text("第 3 行，numbers：'1.38E+10' 是电子表格改写过的号码")
    await picture(page, "customers-list-mistakes-zh")
    await page.get_by_test_id("language").click()
    await file.set_input_files(csv("编号,姓名,电话,等级\nK-1,张三,13800000001,gold\nK-2,李四,13800000002,\n"))
    await expect(page.get_by_test_id("found")).to_contain_text("2 rows: 2 to add")
    await page.get_by_test_id("take").press("Enter")
    await expect(page.get_by_test_id("customer-K-1")).to_contain_text("张三138****0001Gold")
    # Added, then found again by a part of the name.
    await page.get_by_test_id("add").press("Enter")
    record = page.get_by_test_id("record")
    await page.fill("[name=name]", "王五")
    await page.fill("[name=numbers]", "13800000001")
    await page.press("[name=name]", "Enter")
    await expect(record.get_by_role("alert")).to_contain_text("belongs to another customer")
    await page.fill("[name=numbers]", "010-88886666\n13900000009")
    await page.get_by_test_id("save").press("Enter")
    await expect(record.get_by_test_id("id")).to_have_text("k1")
    await page.check("[name=do_not_call]")
    await page.get_by_test_id("save").click()
    await expect(record.get_by_role("status")).to_have_text("Saved.")
    await picture(page, "customer-en")
    await page.get_by_test_id("language").click()
    await picture(page, "customer-zh")
    await page.get_by_test_id("language").click()
    await page.get_by_role("link", name="All customers").press("Enter")
    await page.fill("[name=search]", "王")
    rows = page.get_by_test_id("customers").locator("tbody tr")
    await expect(rows).to_have_count(1)
    await expect(rows).to_contain_text("Do not call")
    await page.fill("[name=search]", "")
    await expect(rows).to_have_count(3)
    await picture(page, "customers-en")
    await page.set_viewport_size({"width": 390, "height": 800})
    await picture(page, "customers-390")
    await page.set_viewport_size({"width": 1440, "height": 900})
    async with page.expect_download() as waiting:
        await page.get_by_test_id("export").click()
    assert (await waiting.value).suggested_filename == "customers.csv"
    await page.get_by_role("link", name="k1", exact=True).click()
    await page.get_by_test_id("remove").click()
    await page.get_by_test_id("yes").click()
    await expect(rows).to_have_count(2)


async def test_quality_assurance_reads_records_and_changes_none(house: RunningServer, page: Page):
    async with house.client("token") as client:
        assert (await client.post("/api/customers", json={"id": "Q-1", "name": "赵六"})).status == 201
    await log_in(page, "qa")
    await open_view(page, "Customers")
    await page.get_by_role("link", name="Q-1").click()
    await expect(page.locator("[name=name]")).to_be_disabled()
    await expect(page.get_by_test_id("save")).to_have_count(0)
    await page.get_by_role("link", name="All customers").click()
    await expect(page.get_by_test_id("list")).to_have_count(0)
