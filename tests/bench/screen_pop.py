"""From an offer to the card that is painted on the agent's page, and to the first ring at the agent's telephone.

A SIPp caller dials through a real Asterisk, again and again; the agent has a real page open in Chromium, and a telephone of the bench's
own that answers 180 at once, rings for a second, and picks up. The offer's time is that of its row in the call log. The peer is the
telephone: what the page takes stands beside what the INVITE takes, in the same call.
"""

import asyncio
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.async_api import Page

from acd.engine.commands import Kind
from acd.pbx.install.ports import free_port, free_rtp_range, given_back
from acd.processes.child import Child
from acd.sipp.actors import Caller
from acd.web.server.page_build import build_page
from tests.bench.measured_system import NUMBER, MeasuredSystem
from tests.bench.measured_telephone import MeasuredTelephone
from tests.bench.painted import clock_ahead_s, figures, observe, page_of, painted
from tests.support.waiting import eventually
from tests.web.support.desk_browser import launched_browser

AGENT = "1001"
CALLS = 100
RINGS_S, TALKS_S = 1.0, 1.5
"""A telephone that hangs up within a second counts as one that refuses, and after three times its agent is set not ready."""
_CARD = "() => [...document.querySelectorAll('[data-test=incoming]')].map(() => 'card')"


class RingingTelephone(MeasuredTelephone):
    """Rings for `RINGS_S` before it picks up, and notes when, by the clock of the day."""

    def __init__(self, host: str, port: int, rtp_port: int, pbx_port: int) -> None:
        super().__init__(host, port, rtp_port, pbx_port)
        self.invited_at: list[float] = []
        self.ringing_at: list[float] = []
        """When 180 Ringing was on its way: the first ring begins."""

    def _invited(self, text: str) -> None:
        self.invited_at.append(time.time())
        super()._invited(text)

    def _pick_up(self, text: str, to: str) -> None:
        self.ringing_at.append(time.time())
        asyncio.get_running_loop().call_later(RINGS_S, super()._pick_up, text, to)


class ScreenPopSystem(MeasuredSystem):
    """The product as it is, with the bench's telephone for its one agent."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "ours", [AGENT], page_folder=build_page())
        self.phone = RingingTelephone("127.0.0.1", free_port("udp"), free_rtp_range("127.0.0.1", 4)[0], 0)
        self.at_start.append(self._with_telephone)

    def _with_telephone(self, parts: list[Child]) -> list[Child]:
        pjsip = self.installation.run / "asterisk" / "etc" / "pjsip.conf"
        place = f"[{AGENT}](an-agent-place)\n"
        text = pjsip.read_text(encoding="utf-8")
        assert place in text
        contact = f"contact = sip:{AGENT}@127.0.0.1:{self.phone.port}\n"
        pjsip.write_text(text.replace(place, place + contact), encoding="utf-8")
        # It is there before Asterisk, whose first question whether it is would else be asked again only a minute later.
        self.phone.pbx = ("127.0.0.1", self.prepared.sip_port)
        return parts


def run(say: Callable[[str], None] = print, calls: int = CALLS) -> dict[str, Any]:
    """Milliseconds from the offer to the painted card and to the first ring; takes ten minutes for a hundred calls."""
    return asyncio.run(_run(say, calls))


async def _run(say: Callable[[str], None], calls: int) -> dict[str, Any]:
    offered: list[float] = []
    with given_back(), tempfile.TemporaryDirectory(prefix="bench-") as folder:
        system = ScreenPopSystem(Path(folder))
        phone = system.phone
        await phone.start()
        async with system, launched_browser() as browser:
            await eventually(lambda: system.reachable(AGENT), "the telephone")
            pin = system.installation.secrets()["agents"][AGENT]["pin"]
            page = await page_of(browser, system.prepared.web_url, AGENT, pin, "age")
            await system.ready(AGENT)
            await system.comes_to_be(AGENT, "idle")
            before = await clock_ahead_s(page)
            await observe(page, _CARD)
            for number in range(calls):
                offered.append(await _one(system, phone, page, number))
                say(f"call {number + 1} of {calls}")
            after = await clock_ahead_s(page)
            ahead_s = (before[0] + after[0]) / 2
            cards = [at - ahead_s for _, at in await painted(page)]
            phone.stop()
    assert len(cards) == len(phone.ringing_at) == len(offered), (len(cards), len(phone.ringing_at), len(offered))
    return _result(offered, cards, phone, max(before[1], after[1], abs(before[0] - after[0])))


async def _one(system: ScreenPopSystem, phone: RingingTelephone, page: Page, number: int) -> float:
    """When the call was offered. It is over, and the agent idle, when this returns."""
    caller = await system.caller(Caller(NUMBER, f"1380001{number:04}", stays_s=60))
    at, _ = await system.log.timed_row(Kind.OFFERED, count=number + 1)
    await system.log.row(Kind.CONNECTED, count=number + 1)
    await asyncio.sleep(TALKS_S)
    await phone.hang_up()
    await caller.hang_up()
    await system.log.row(Kind.ENDED, count=number + 1)
    await page.wait_for_function("() => !document.querySelector('[data-test=incoming]')")
    await system.comes_to_be(AGENT, "idle")
    return at.timestamp()


def _result(offered: list[float], cards: list[float], phone: RingingTelephone, off_s: float) -> dict[str, Any]:
    shown = [(card - at) * 1000 for card, at in zip(cards, offered, strict=True)]
    invited = [(invite - at) * 1000 for invite, at in zip(phone.invited_at, offered, strict=True)]
    rung = [(ring - at) * 1000 for ring, at in zip(phone.ringing_at, offered, strict=True)]
    late = [card - ring for card, ring in zip(shown, rung, strict=True)]
    card, ring = figures(shown), figures(rung)
    return {
        "card": card,
        "invite": figures(invited),
        "first_ring": ring,
        "card_after_first_ring": figures(late),
        "before_first_ring": sum(each < 0 for each in late),
        "within_100_ms_of_first_ring": sum(each <= 100 for each in late),
        "calls": len(offered),
        "ratio_to_first_ring": round(card["median_ms"] / ring["median_ms"], 2),
        "clocks_differ_by_at_most_ms": round(off_s * 1000, 2),
    }
