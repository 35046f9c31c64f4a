"""Reports on the supervisor's page, in a real browser: the picture, the table behind it, definitions one click away, files."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from acd.engine.events import CallerHungUp
from acd.web.server.page_build import build_page
from tests.web.support.views import open_view
from tests.web.support.web_server import RunningServer, running_server
from tests.web.test_browser import PICTURES, log_in, page, test_ids

__all__ = ["page", "test_ids"]


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """Two days with calls: a dozen on the first, three on the second."""
    folder = Path(tmp_path_factory.mktemp("reports"))
    async with running_server(folder / "state", database, page_folder=build_page()) as house:
        house.time.to_mid_month()
        await house.calls.ready("1001", "1002", "1003")
        for calls in (12, 3):
            for number in range(calls):
                offer = await house.calls.answered(house.calls.arrives(queue="orders" if number % 4 else "after-sales"))
                await house.calls.over(offer)
                house.time.forward(60)
                await house.calls.settled()
            call = house.calls.arrives(queue="orders")
            await house.calls.settled()
            house.calls.tell(CallerHungUp(call))
            house.time.forward(86400 if calls == 12 else 1)
            await house.calls.ready("1001", "1002", "1003")
        await house.calls.written(call)
        yield house


async def pictures(page: Page, name: str) -> None:
    """At a desk's width and at a telephone's, in light and in dark."""
    if not PICTURES:
        return
    for width in (1280, 390):
        await page.set_viewport_size({"width": width, "height": 900})
        for theme in ("light", "dark"):
            await page.screenshot(path=f"{PICTURES}/{name}-{width}-{theme}.png", full_page=True)
            await page.get_by_test_id("theme").click()
    await page.set_viewport_size({"width": 1440, "height": 900})


async def test_a_supervisor_sees_the_days_as_a_picture_and_as_figures_and_takes_them_along(
    house: RunningServer, page: Page
):
    await log_in(page)
    await open_view(page, "Reports")
    last = house.time.now().date().isoformat()
    await page.get_by_test_id("first").fill(f"{(house.time.now().replace(day=1)).date()}")
    figures = page.get_by_test_id("figures")
    await page.get_by_test_id("last").fill(last)
    total = figures.locator("tr.total")
    await expect(total.locator("[data-figure=calls]")).to_contain_text("17")
    await expect(page.get_by_test_id("chart").locator("canvas")).to_be_visible()
    await expect(figures.locator("tr", has_text="After-sales").locator("[data-figure=connect_rate]")).to_contain_text(
        "°"
    )
    # A click on a heading leads to what the figure means.
    await figures.get_by_role("button", name="AHT (handling time)").click()
    meaning = page.locator("#means-aht_s")
    await expect(meaning).to_contain_text("(Talk + hold + wrap-up) / answered calls")
    await expect(meaning).to_be_focused()
    await page.get_by_test_id("days").locator("summary").click()
    await expect(page.get_by_test_id("days").locator("tbody tr")).to_have_count(house.time.now().day)
    await pictures(page, "reports-en")
    async with page.expect_download() as waiting:
        await page.get_by_test_id("as-xlsx").click()
    file = await waiting.value
    assert file.suggested_filename.endswith(".xlsx") and last in file.suggested_filename
    await page.get_by_test_id("by").select_option("agents")
    await expect(total.locator("[data-figure=talks]")).to_contain_text("15")
    await expect(figures).to_contain_text("Tom <b>Baker</b>")
    await page.get_by_test_id("language").click()
    await expect(figures).to_contain_text("平均处理时长")
    await expect(page.get_by_test_id("definitions")).to_contain_text("占用率")
    await pictures(page, "reports-zh")


async def test_any_figure_is_shown_as_a_trend_and_a_day_by_its_intervals(house: RunningServer, page: Page):
    await log_in(page)
    await open_view(page, "Reports")
    now = house.time.now()
    await page.get_by_test_id("first").fill(f"{now.replace(day=1).date()}")
    await page.get_by_test_id("last").fill(now.date().isoformat())
    chart = page.get_by_test_id("reports").locator("figure.chart")
    await expect(chart).to_contain_text("Calls")
    await page.get_by_test_id("shown").select_option("connect_rate")
    await expect(chart.locator("figcaption")).to_have_text("Connect rate")
    await expect(chart.locator(".u-legend")).to_contain_text("Connect rate")
    intervals = page.get_by_test_id("intervals")
    await page.get_by_test_id("interval-day").fill((now - timedelta(days=1)).date().isoformat())
    rows = intervals.locator("table:not(.u-legend) tbody tr")

    async def calls() -> int:
        return sum(int(each) for each in await rows.locator("td:nth-child(2)").all_inner_texts())

    counted = {}
    for minutes in ("60", "15"):
        await page.get_by_test_id("minutes").select_option(minutes)
        await expect(intervals.locator(".stale")).to_have_count(0)
        await expect(rows.first).to_contain_text(re.compile(r"\d\d:00 – \d\d:" + ("00" if minutes == "60" else "15")))
        counted[minutes] = (await rows.count(), await calls())
    assert counted["60"][1] == counted["15"][1] > 5, counted
    assert counted["15"][0] > counted["60"][0]
    await expect(intervals.get_by_test_id("chart").locator("canvas")).to_be_visible()
    assert "shown=connect_rate" in page.url and "minutes=15" in page.url
    await page.reload()
    await expect(chart.locator("figcaption")).to_have_text("Connect rate")
    await expect(page.get_by_test_id("minutes")).to_have_value("15")


async def test_an_interval_leads_to_the_calls_that_arrived_in_it(house: RunningServer, page: Page):
    await log_in(page)
    day = (house.time.now() - timedelta(days=1)).date().isoformat()
    await open_view(page, "Reports")
    await page.get_by_test_id("interval-day").fill(day)
    await page.get_by_test_id("minutes").select_option("15")
    interval = page.get_by_test_id("intervals").locator("table.report tbody a").first
    begin, end = (await interval.inner_text()).split(" – ")
    await interval.click()
    rows = page.get_by_test_id("calls").locator("tbody tr")
    await expect(rows.first).to_be_visible()
    times = [await time.inner_text() for time in await rows.locator("td.time").all()]
    assert times and all(begin <= time[:5] < end for time in times), (begin, end, times)
    await expect(page.get_by_test_id("from-time")).to_have_value(begin)
    # The list is filtered further as people type times: no colon is needed.
    await page.get_by_test_id("from-time").fill(end.replace(":", ""))
    await page.get_by_test_id("to-time").fill("2359")
    await page.get_by_test_id("to-time").blur()
    await expect(page.get_by_test_id("from-time")).to_have_value(end)
    await expect(rows.locator("td.time").last).not_to_contain_text(times[-1])
    later = [await time.inner_text() for time in await rows.locator("td.time").all()]
    assert later and all(time[:5] >= end for time in later), (end, later)


async def test_a_report_of_the_configuration_is_made_by_a_button_and_its_file_is_there(
    house: RunningServer, page: Page
):
    await log_in(page)
    await page.goto(f"{house.url}/#reports")
    row = page.get_by_test_id("report-weekly")
    await expect(row).to_contain_text("weekly")
    await row.get_by_test_id("make").click()
    made = page.get_by_test_id("made-reports")
    async with page.expect_download() as waiting:
        await made.get_by_role("link", name=".xlsx").first.click()
    assert (await waiting.value).suggested_filename.startswith("weekly-")
    await expect(made).to_contain_text("on request")


async def test_quality_assurance_has_no_reports(page: Page):
    await log_in(page, "qa")
    await expect(page.get_by_role("link", name="Recordings")).to_be_visible()
    await expect(page.get_by_role("link", name="Reports")).to_have_count(0)
    await page.goto(f"{page.url.split('#')[0]}#reports")
    await expect(page.get_by_test_id("reports")).to_have_count(0)
