"""What reaches whoever takes a call over before a word is spoken: in his ear, unless he has his page open; and the caller's."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp

from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfers import RINGS
from tests.support.audio import tone
from tests.support.waiting import eventually

DIGITS = ("number-1", "number-0", "number-0", "number-1")


@asynccontextmanager
async def page_of(system: FullSystem, agent: str) -> AsyncIterator[None]:
    """He has logged in at his page, and it listens."""
    jar = aiohttp.CookieJar(unsafe=True)  # for an address in the place of a name
    async with aiohttp.ClientSession(system.prepared.web_url, cookie_jar=jar) as session:
        pin = system.installation.secrets()["agents"][agent]["pin"]
        async with session.post("/api/log-in", json={"account": agent, "password": pin}) as answer:
            assert answer.status == 200, await answer.text()
        async with session.get("/api/desk/events") as stream:
            async with asyncio.timeout(60):
                assert await stream.content.readline()
            yield


async def ring_of(system: FullSystem, call: str, offer: str) -> tuple[str, list[str]]:
    """What the caller hears while this ring lasts, and the prompts that await the agent: as Asterisk has them."""

    async def told() -> re.Match[str] | None:
        for line in (await system.cli("core show channels concise")).splitlines():
            shown = await system.cli(f"core show channel {line.split('!')[0]}")
            if found := re.search(rf"^RING={offer},[^,]*,([^,]*),(.*)$", shown, re.MULTILINE):
                return found
        return None

    found = await eventually(told, f"what is said of {offer}")
    return found[1], [file.rpartition("/")[2] for file in found[2].split("&") if file]


async def whispered_to(system: FullSystem) -> bool:
    return "!ChanSpy!" in await system.cli("core show channels concise")


async def test_who_has_no_page_open_hears_who_hands_over_and_the_caller_who_takes_over(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        tone(Path(system.prepared.sounds) / "zh" / "whisper-transfer-from.wav", 500, 25.0)
        await system.transfers.hand_over(call, {"agent": "1002"}, "technical support")
        await bob.rings()
        music, whisper = await ring_of(system, call, f"{call}-2")
        assert music == "to-1002-zh"
        assert tuple(whisper) == ("whisper-transfer-from", *DIGITS, "whisper-not-verified")
        bob.pick_up()
        await system.log.talk_of(call, "1002")
        # The caller is there before the words are over.
        await eventually(lambda: whispered_to(system), "the words")
        await system.transfers.goes(caller, call)


async def test_who_has_his_page_open_reads_it_there(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        bob = await system.transfers.phone("1002", RINGS)
        async with page_of(system, "1002"):
            await system.transfers.hand_over(call, {"agent": "1002"}, "technical support")
            await bob.rings()
            assert await ring_of(system, call, f"{call}-2") == ("to-1002-zh", [])
            bob.pick_up()
            await system.log.talk_of(call, "1002")
        await system.transfers.goes(caller, call)


async def test_in_a_consult_the_receiver_hears_that_it_is_one_and_whether_the_caller_is_verified(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        card = await system.transfers.card(call)
        body = {"version": card["version"], "what": "verified", "level": "full", "how": "number-and-order"}
        await system.transfers.post(call, "card", body)
        bob = await system.transfers.phone("1002", RINGS)
        tone(Path(system.prepared.sounds) / "zh" / "reason-refund.wav", 500, 0.1)
        await system.transfers.hand_over(call, {"agent": "1002"}, "refund", warm=True)
        await bob.rings()
        _, whisper = await ring_of(system, call, f"{call}-2")
        assert tuple(whisper) == ("whisper-consult-from", *DIGITS, "reason-refund", "whisper-verified")
        bob.pick_up()
        await system.log.consult_of(call)
        await system.transfers.post(call, "transfer/complete")
        await system.log.talk_of(call, "1002")
        await system.transfers.goes(caller, call)
