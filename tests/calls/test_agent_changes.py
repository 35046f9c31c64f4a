"""An agent is removed, or gets a new PIN, password, name or skills, on a running hotline: what was void stays void, and a talk goes on."""

import json
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone, SippAgents
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually

TALKS = Phone(ring_s=0.3, talk_s=(6, 6))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FullSystem]:
    async with FullSystem(tmp_path_factory.mktemp("system"), ("1001",), ring_s=1, brisk=True) as system:
        yield system


async def said(system: FullSystem, *words: str) -> tuple[str, str]:
    """What a command that succeeds prints, and its remarks."""
    status, output, remarks = await system.sanxiang(*words)
    assert status == 0, remarks
    return output, remarks


async def added(system: FullSystem, agent: str) -> dict[str, str]:
    made: dict[str, str] = json.loads((await said(system, "agent", "add", agent, "--skill", "orders:9"))[0])
    return made


async def places_of(system: FullSystem, agent: str) -> str:
    """Where Asterisk would ring the agent."""
    kept = await system.cli("database show registrar/contact")
    dialled = await system.cli(f"pjsip show aor {agent}")
    return "\n".join(
        line
        for line in [*kept.splitlines(), *dialled.splitlines()]
        if f"{agent};@" in line or ("Contact:  " in line and f"{agent}/" in line)
    )


async def log_in_page(system: FullSystem, client: aiohttp.ClientSession, agent: str, pin: str) -> int:
    async with client.post("/api/log-in", json={"account": agent, "password": pin}) as answer:
        return answer.status


def page(system: FullSystem) -> aiohttp.ClientSession:
    url = system.prepared.web_url
    return aiohttp.ClientSession(url, headers={"Origin": url}, cookie_jar=aiohttp.CookieJar(unsafe=True))


async def registers(row: SippAgents, password: str) -> bool:
    """Whether the telephone registers with this password."""
    await row.uas.stop()
    row.agents = dict.fromkeys(row.agents, password)
    try:
        await row.register(3600)
    except RuntimeError:
        return False
    await row.answer()
    return True


async def test_a_removed_agent_ends_the_talk_and_is_gone_with_telephone_pin_page_and_place(system: FullSystem):
    async with system.scene():
        made = await added(system, "1009")
        telephone = await system.staffed("1009", TALKS)
        await system.comes_to_be("1009", "idle")
        async with page(system) as client, client.get("/api/me") as nobody:
            assert nobody.status == 401
            assert await log_in_page(system, client, "1009", made["pin"]) == 200
            await system.asks("1", "13812345678")
            call = await system.log.call_of("13812345678")
            await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
            output, remark = await said(system, "agent", "remove", "1009")
            assert output == "1009: removed\n"
            assert (
                "Agent 1009 has work under way (talking), which goes on. The agent is logged out when it is over."
                in remark
            )
            assert await system.talks_of("1009") == 1, "the talk was cut"
            async with client.get("/api/desk") as answer:
                assert answer.status == 401
            assert await log_in_page(system, client, "1009", made["pin"]) == 401
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED

        async def gone() -> bool:
            return "1009" not in [row["agent"] for row in (await system.state())["agents"]]

        await eventually(gone, "the agent to be gone after the talk")
        assert "1009" not in system.installation.secrets()["agents"]
        assert await places_of(system, "1009") == ""
        assert not await registers(telephone, made["password"])

        # Whoever gets the extension next is not rung at the former one's telephone, and has other secrets.
        again = await added(system, "1009")
        assert (again["password"] != made["password"], again["pin"] != made["pin"]) == (True, True)
        assert await places_of(system, "1009") == ""
        assert not await registers(telephone, made["password"])
        assert await registers(telephone, again["password"])
        await eventually(lambda: system.reachable("1009"), "the new agent's telephone")
        await said(system, "agent", "remove", "1009")
    audited = [json.loads(line) for line in (system.installation.state / "audit.log").read_text("utf-8").splitlines()]
    done = [line["action"] for line in audited if line.get("agent") == "1009" and line["action"].startswith("agent ")]
    assert done == ["agent added", "agent removed"] * 2


async def test_an_agent_who_was_taken_out_of_the_file_leaves_no_place_behind(system: FullSystem, tmp_path: Path):
    async with system.scene():
        await added(system, "1010")
        await system.staffed("1010", TALKS, ready=False)
        assert await places_of(system, "1010")
        file = system.config_file.parent / "agents.toml"
        text = file.read_text("utf-8")
        file.unlink()
        await said(system, "config", "reload")
        assert await places_of(system, "1010") == ""
        # A mistake in the file costs no telephone its password.
        kept = system.installation.secrets()["agents"]["1010"]["password"]
        file.write_text(text, "utf-8")
        await said(system, "config", "reload")
        assert system.installation.secrets()["agents"]["1010"]["password"] == kept
        await said(system, "agent", "remove", "1010")


async def test_a_new_password_shuts_the_telephone_that_has_the_former_one(system: FullSystem):
    async with system.scene():
        made = await added(system, "1011")
        telephone = await system.staffed("1011", TALKS)
        await system.comes_to_be("1011", "idle")
        await system.asks("1", "13812340011")
        call = await system.log.call_of("13812340011")
        await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
        output, remark = await said(system, "agent", "new-password", "1011")
        assert "has work under way (talking), which goes on" in remark
        password = json.loads(output)["password"]
        assert password != made["password"]
        assert await system.talks_of("1011") == 1, "the talk was cut"
        assert await places_of(system, "1011") == ""
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        assert not await registers(telephone, made["password"])
        assert await registers(telephone, password)
        await eventually(lambda: system.reachable("1011"), "the telephone with the new password")
        await said(system, "agent", "remove", "1011")


async def test_a_new_pin_voids_the_former_one_and_the_page_session(system: FullSystem):
    made = await added(system, "1012")
    async with page(system) as client:
        assert await log_in_page(system, client, "1012", made["pin"]) == 200
        pin = json.loads((await said(system, "agent", "new-pin", "1012"))[0])["pin"]
        async with client.get("/api/me") as answer:
            assert answer.status == 401
        assert await log_in_page(system, client, "1012", made["pin"]) == (401 if pin != made["pin"] else 200)
        assert await log_in_page(system, client, "1012", pin) == 200
    kept = json.loads((await said(system, "agent", "credentials", "1012"))[0])
    assert (kept["pin"], kept["password"]) == (pin, made["password"])
    await said(system, "agent", "remove", "1012")


async def test_an_agent_gets_another_name_and_other_skills(system: FullSystem):
    await added(system, "1013")
    await said(system, "agent", "edit", "1013", "--name", "王芳")
    await said(system, "agent", "edit", "1013", "--skill", "orders:3", "--skill", "en:2")

    async def changed() -> bool:
        row = await system.agent("1013")
        return (row["name"], row["skills"]) == ("王芳", {"orders": 3, "en": 2})

    await eventually(changed, "name and skills")
    await said(system, "agent", "remove", "1013")


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (("remove", "1001"), 1, "take it out there, then `sanxiang config reload`"),
        (("edit", "1001", "--name", "x"), 1, "change it there, then `sanxiang config reload`"),
        (("remove", "4711"), 1, "There is no agent 4711."),
        (("new-pin", "4711"), 1, "There is no agent 4711."),
        (("new-password", "../x"), 1, "can't be an extension"),
        (("edit", "1001"), 2, "say what becomes another"),
        (("edit", "1001", "--skill", "orders:12"), 2, "level 12 is out of range"),
        (("add", "95001", "--skill", "orders:3"), 1, "is also a number of the hotline"),
    ],
)
async def test_what_can_not_be_is_told_with_the_remedy(
    system: FullSystem, words: tuple[str, ...], status: int, sentence: str
):
    before = await system.state()
    found, output, complaints = await system.sanxiang("agent", *words)
    assert (found, output) == (status, ""), complaints
    assert sentence in " ".join(complaints.replace("│", " ").split()), complaints
    assert [row["agent"] for row in (await system.state())["agents"]] == [row["agent"] for row in before["agents"]]


async def test_an_agents_page_stays_open_when_the_daemon_is_killed(system: FullSystem):
    made = await added(system, "1014")
    async with page(system) as client:
        assert await log_in_page(system, client, "1014", made["pin"]) == 200
        starts = system.parts["daemon"].starts
        system.signal("daemon", signal.SIGKILL)
        await eventually(lambda: system.parts["daemon"].starts > starts, "the daemon's next start")
        await system.serving()
        async with client.get("/api/me") as answer:
            assert answer.status == 200
            assert (await answer.json())["account"] == "1014"
    await said(system, "agent", "remove", "1014")
