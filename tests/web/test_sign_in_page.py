"""Second factors, passkeys and the company's account in a real browser, whose device is Chromium's own virtual authenticator."""

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyotp
from playwright.async_api import Browser, Page, expect

from acd import config as configuration
from acd.pbx.install.ports import free_port
from acd.web.server.page_build import build_page
from tests.web.support.desk_browser import picture
from tests.web.support.identity_provider import CLIENT, SECRET, identity_provider
from tests.web.support.page_complaints import hear_complaints
from tests.web.support.web_server import CONFIG, OPERATOR_PASSWORD, RunningServer, running_server

DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@contextlib.asynccontextmanager
async def house_at(database: str, folder: Path, **web: Any) -> AsyncIterator[tuple[RunningServer, str]]:
    """A house with its page, and its address by a name: passkeys belong to names."""
    port = free_port("tcp")
    address = f"http://localhost:{port}"
    config = configuration.check({**CONFIG, "web": {"public_url": address, **web}})
    async with running_server(folder / "state", database, port=port, page_folder=build_page(), config=config) as house:
        yield house, address


@contextlib.asynccontextmanager
async def page_at(browser: Browser, address: str, locale: str = "en-GB") -> AsyncIterator[Page]:
    """A browser of its own. A word on the console is a failure of the story."""
    context = await browser.new_context(locale=locale, viewport={"width": 1366, "height": 768}, color_scheme="light")
    page, complaints = await context.new_page(), list[str]()

    hear_complaints(page, complaints)
    await page.goto(address)
    yield page
    await context.close()
    assert complaints == []


async def log_in(page: Page) -> None:
    await page.fill("[name=account]", "operator")
    await page.fill("[name=password]", OPERATOR_PASSWORD)
    await page.click("button[type=submit]")


async def test_a_role_that_must_sets_up_an_app_and_a_passkey_and_comes_in_by_each(
    database: str, browser: Browser, tmp_path: Path
):
    async with (
        house_at(database, tmp_path, second_factor={"roles": ["operator"]}) as (house, address),
        page_at(browser, address) as page,
    ):
        await log_in(page)
        await expect(page.get_by_text("Your role requires a second factor")).to_be_visible()
        await picture(page, "sign-in-enrol")
        await page.get_by_test_id("app-begin").click()
        await expect(page.get_by_role("img", name="QR code")).to_be_visible()
        assert await page.get_by_role("img", name="QR code").evaluate("image => image.naturalWidth") > 100
        await picture(page, "sign-in-app")
        totp = pyotp.TOTP(await page.get_by_test_id("secret").inner_text())
        await page.fill("[name=code]", "000000")
        await page.get_by_role("button", name="Turn on").click()
        await expect(page.get_by_role("alert")).to_contain_text("Wrong code")
        await page.fill("[name=code]", totp.at(house.time.now()))
        await page.get_by_role("button", name="Turn on").click()
        await expect(page.get_by_test_id("codes").get_by_role("listitem")).to_have_count(10)
        recovery = await page.get_by_test_id("codes").get_by_role("listitem").first.inner_text()
        await picture(page, "sign-in-codes")
        await page.get_by_test_id("kept").click()
        await page.get_by_test_id("go-on").click()
        await expect(page.get_by_test_id("age")).to_contain_text("Live")

        devices = await page.context.new_cdp_session(page)
        await devices.send("WebAuthn.enable")
        await devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
        await page.get_by_test_id("own").click()
        await expect(page.get_by_test_id("no-passkey")).to_be_visible()
        await page.fill("[name=passkey]", "Work laptop")
        await page.get_by_test_id("passkey-add").click()
        await expect(page.get_by_test_id("passkeys")).to_contain_text("Work laptop")
        await picture(page, "sign-in-passkey")

        await page.get_by_test_id("log-out").click()
        await page.get_by_test_id("by-passkey").click()
        await expect(page.get_by_test_id("age")).to_contain_text("Live")
        await page.get_by_test_id("log-out").click()

        await log_in(page)
        await expect(page.get_by_role("heading", name="Two-step verification")).to_be_visible()
        await picture(page, "sign-in-step")
        house.time.forward(60)
        await page.fill("[name=code]", "000000")
        await page.click("button[type=submit]")
        await expect(page.get_by_role("alert")).to_contain_text("Wrong code")
        await page.fill("[name=code]", totp.at(house.time.now()))
        await page.click("button[type=submit]")
        await expect(page.get_by_test_id("age")).to_contain_text("Live")
        await page.get_by_test_id("log-out").click()

        await log_in(page)
        await page.fill("[name=code]", recovery.upper())
        await page.click("button[type=submit]")
        await expect(page.get_by_test_id("age")).to_contain_text("Live")
        await page.get_by_test_id("own").click()
        await expect(page.get_by_test_id("codes-left")).to_have_text("Left: 9")
        await page.get_by_test_id("passkeys").get_by_role("button", name="Remove").click()
        await page.get_by_test_id("yes").click()
        await expect(page.get_by_test_id("no-passkey")).to_be_visible()
        await page.get_by_test_id("app-end").click()
        await page.get_by_test_id("yes").click()
        await expect(page.get_by_test_id("app")).to_have_text("Not set up")
        await page.reload()
        await expect(page.get_by_text("Your role requires a second factor")).to_be_visible()


async def test_a_company_account_logs_in_is_refused_and_logs_out_in_chinese(
    database: str, browser: Browser, tmp_path: Path
):
    secret = tmp_path / "client-secret"
    secret.write_text(SECRET)
    async with identity_provider() as provider:
        table = {
            "issuer": provider.issuer,
            "client_id": CLIENT,
            "client_secret_file": str(secret),
            "groups": {"Support Leads": ["operator", "qa"]},
        }
        async with (
            house_at(database, tmp_path, oidc=table) as (_, address),
            page_at(browser, address, "zh-CN") as page,
        ):
            await page.get_by_test_id("by-provider").click()
            await expect(page.get_by_test_id("own")).to_contain_text("oidc:li.na")
            assert page.url.rstrip("/#") == address, "neither code nor state stays in the address"
            await page.get_by_test_id("log-out").click()
            await expect(page.get_by_test_id("by-provider")).to_be_visible()
            assert "/log-out" in provider.asked
            provider.person["groups"] = ["Everybody"]
            await page.get_by_test_id("by-provider").click()
            await expect(page.get_by_role("status")).to_contain_text("没有任何角色")
            await picture(page, "sign-in-refused")
            provider.error = "access_denied"
            await page.get_by_test_id("by-provider").click()
            await expect(page.get_by_role("status")).to_contain_text("身份提供方拒绝了本次登录")
            provider.error, provider.discovery = "", lambda document: []
            await page.goto(f"{address}/log-in/oidc?state=x&code=y")
            await expect(page.get_by_role("status")).to_contain_text("本次登录已失效或已使用过")
            await page.fill("[name=account]", "operator")
            await page.fill("[name=password]", OPERATOR_PASSWORD)
            await page.click("button[type=submit]")
            await expect(page.get_by_test_id("age")).to_contain_text("实时")
