"""A new configuration while callers wait: taken whole or refused whole, followed at once, and taken back by one command."""

import json
import signal
from pathlib import Path

from acd.engine.commands import Ending, Kind, Outcome
from acd.sipp.actors import Caller, Phone
from ivr.settings import MENU
from tests.calls.support.config_text import skilled
from tests.calls.support.full_system import FullSystem
from tests.support.waiting import eventually

ANSWERS = Phone(ring_s=0.3, talk_s=(2.5, 2.5))
ORDERS_ONLY = {"zh": 5, "orders": 5}
NEW_QUEUE = """
[queues.recalls]
label = { zh = "召回", en = "Recalls" }
skills = { complaints = 3 }
"""


def written(system: FullSystem, text: str) -> None:
    """What an editor leaves."""
    system.config_file.write_text(text, encoding="utf-8")


async def versions(system: FullSystem) -> list[tuple[int, str]]:
    status, said, complaints = await system.sanxiang("config", "history", "--json")
    assert status == 0, complaints
    return [(row["version"], row["how"]) for row in json.loads(said)]


async def test_who_waits_is_rung_at_the_agent_to_whom_a_reload_gives_the_skill_and_back_takes_it_from_him(
    tmp_path: Path,
):
    async with FullSystem(
        tmp_path,
        ("1001",),
        ring_s=1,
        brisk=True,
        more=skilled("1002", ORDERS_ONLY) + '\n[trunks.other]\naddresses = ["192.0.2.9"]\n',
    ) as system:
        first = system.config_file.read_text(encoding="utf-8")
        await system.staffed("1001", ANSWERS, ready=False)
        await system.ask("POST", "/api/agents/1001/log-in", {})  # or the caller would hear that nobody is there
        await system.staffed("1002", ANSWERS)
        await system.asks("3", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.QUEUED, lambda row: row.call == call)
        assert system.log.offers(call) == []

        # A mistake: refused whole, with its place, and nothing of it is in force.
        written(
            system,
            first.replace("orders = 5 }", "orders = 5, complaints = 55 }").replace("wrap_up_s = 0", "wrap_up_s = 1"),
        )
        status, _, complaints = await system.sanxiang("config", "reload")
        assert status == 1
        assert "agents.1002.skills.complaints: 55 is out of range" in complaints
        written(
            system,
            first.replace("port = 0\nrtp_start", "port = 5070\nrtp_start").replace(
                "orders = 5 }", "orders = 5, complaints = 5 }"
            ),
        )
        status, _, complaints = await system.sanxiang("config", "reload")
        assert status == 1
        assert "sip.port: port 0 -> 5070. This is taken at a start only" in complaints
        assert (await system.agent("1002"))["skills"] == {"zh": 5, "orders": 5}
        assert await versions(system) == [(1, "up")]

        # A daemon that falls while the file is half written comes back with what was in force.
        written(system, "[queues")
        system.signal("daemon", signal.SIGKILL)
        await eventually(lambda: system.parts["daemon"].starts == 2, "the daemon's second start")
        await system.serving()
        assert system.log.offers(call) == []

        # The right one: the caller, who has waited all the time, is rung at him.
        second = first.replace("orders = 5 }", "orders = 5, complaints = 5 }") + NEW_QUEUE
        written(system, second)
        status, said, complaints = await system.sanxiang("config", "diff")
        assert status == 0, complaints
        assert "agent 1002, skills: complaints new (5)." in said
        assert "queue recalls: new" in said
        status, said, complaints = await system.sanxiang("config", "reload")
        assert status == 0, complaints
        assert said.startswith("Version 2 is in force:")
        offered = await system.log.row(Kind.OFFERED, lambda row: row.call == call)
        assert offered.agent == "1002"
        assert "recalls" in await system.cli("queue show recalls")
        assert (Path(system.prepared.sounds) / "zh" / "whisper-recalls.wav").stat().st_size > 1000
        assert "No such" not in await system.cli("pjsip show endpoint trunk-other")

        # Taken back while they talk: the talk goes on, the skill is gone, the operator's file follows.
        await system.log.row(Kind.CONNECTED, lambda row: row.call == call)
        status, said, complaints = await system.sanxiang("config", "back")
        assert status == 0, complaints
        assert said.startswith("Back: version 3 is in force."), said
        assert system.config_file.read_text(encoding="utf-8") == first
        await eventually_skills(system, "1002", {"zh": 5, "orders": 5})
        await system.log.ending_of(call)
        assert system.log.offers(call) == [("1002", "answered")]
        assert await versions(system) == [(3, "back to 1"), (2, "reload"), (1, "up")]
        in_force = await system.ask("GET", "/api/config")
        assert (in_force["number"], in_force["by"], in_force["queues"]) == (3, "command line", 4)
        audited = [
            json.loads(line) for line in (system.installation.state / "audit.log").read_text("utf-8").splitlines()
        ]
        assert [line["action"] for line in audited if line["action"].startswith("configuration")] == [
            *("configuration reload", "configuration reload refused") * 2,
            *("configuration reload", "configuration reload taken"),
            *("configuration back", "configuration back taken"),
        ]


async def test_who_is_in_the_menu_keeps_the_one_he_began_with_and_who_dials_a_new_number_hears_the_new_one(
    tmp_path: Path,
):
    menu = tmp_path / "menu.toml"
    old = MENU.read_text(encoding="utf-8").replace("tries = 3", "tries = 1").replace("wait_s = 5", "wait_s = 12")
    new = old.replace('key = "1", queue = "orders"', 'key = "1", queue = "after-sales"')
    new = new.replace('failure = { queue = "general"', 'failure = { queue = "complaints"')
    menu.write_text(old, encoding="utf-8")
    hotline = f'\n[hotline]\nmenu = "{menu}"\n[hotline.numbers]\n95001 = "zh"\n'
    async with FullSystem(tmp_path, ("1001",), ring_s=1, brisk=True, more=hotline) as system:
        await system.staffed("1001", ANSWERS, ready=False)
        await system.ask("POST", "/api/agents/1001/log-in", {})
        await system.asks("", "13800000001")
        silent = await system.log.call_of("13800000001")

        # A menu that leads nowhere is refused like any other mistake.
        menu.write_text(new.replace('queue = "after-sales"', 'queue = "nowhere"'), encoding="utf-8")
        status, _, complaints = await system.sanxiang("config", "reload")
        assert status == 1
        assert "names the queue 'nowhere', which is not configured" in complaints

        menu.write_text(new, encoding="utf-8")
        written(system, system.config_file.read_text(encoding="utf-8") + '95009 = "zh"\n')
        status, said, complaints = await system.sanxiang("config", "reload")
        assert status == 0, complaints
        assert "menu: its text is another" in said
        assert "hotline, numbers: 95009 new (zh)." in said
        assert not [row for _, row in system.log.rows() if row.kind is Kind.QUEUED], (
            "the caller left the menu too early"
        )

        await system.asks("1", "13800000002", number="95009")
        keyed = await system.log.call_of("13800000002")
        assert (await system.log.row(Kind.QUEUED, lambda row: row.call == keyed)).queue == "after-sales"
        assert (await system.log.row(Kind.QUEUED, lambda row: row.call == silent)).queue == "general"
        await system.ask("POST", "/api/agents/1001/ready", {})
        await system.log.ending_of(silent)
        await system.log.ending_of(keyed)


async def test_nobody_notices_ten_reloads_under_load(tmp_path: Path):
    """Queues, numbers, agents and trunks come and go while callers arrive, wait, ring and talk: each gets what he wants."""
    calls, lines = 16, range(16)
    hotline = '\n[routing]\nsame_agent = "off"\n'
    async with FullSystem(tmp_path, ("1001", "1002", "1003"), ring_s=1, brisk=True, more=hotline) as system:
        plain = system.config_file.read_text(encoding="utf-8")
        other = (
            plain.replace("wrap_up_s = 0", "wrap_up_s = 0.2").replace("complaints = 5", "complaints = 4")
            + NEW_QUEUE
            + skilled("1009", ORDERS_ONLY)
            + '[hotline.numbers]\n95001 = "zh"\n95009 = "zh"\n[trunks.other]\naddresses = ["192.0.2.9"]\n'
        )
        await system.staffed(("1001", "1002", "1003"), ANSWERS)
        callers = await system.caller(
            Caller("95001", "138000000[field0]", keys="1", keys_after_s=1.5), calls, 0.7, [(f"{n:02d}",) for n in lines]
        )
        for turn in range(10):
            written(system, plain if turn % 2 else other)
            said = await system.ask("POST", "/api/config/reload", {})
            assert (said["taken"], said["version"]) == (True, turn + 2)
            await system.log.row(Kind.ARRIVED, count=min(calls, turn + 2))
        await system.log.row(Kind.ENDED, count=calls)
        assert await callers.wait() == 0, callers.uac.errors("caller")
        ended = [row for _, row in system.log.rows() if row.kind is Kind.ENDED]
        assert [row.detail["ending"] for row in ended] == [Ending.ANSWERED] * calls
        assert {row.detail["outcome"] for _, row in system.log.rows() if row.kind is Kind.OFFER_ENDED} == {
            Outcome.ANSWERED
        }
        assert not [row for _, row in system.log.rows() if row.kind in (Kind.ALARM, Kind.CROSSED)]
        log = (system.installation.log / "daemon.log").read_text(encoding="utf-8")
        assert "could not handle" not in log, system.log.report()


async def eventually_skills(system: FullSystem, agent: str, skills: dict[str, int]) -> None:
    async def so() -> bool:
        return bool((await system.agent(agent))["skills"] == skills)

    await eventually(so, f"{agent}'s skills to be {skills}")


async def test_a_class_of_recordings_that_a_reload_takes_away_is_told_while_a_call_has_it(tmp_path: Path):
    kept = "\n[recordings.retention.warranty]\ndays = 730\n"
    async with FullSystem(tmp_path, ("1001",), ring_s=1, brisk=True, more=kept) as system:
        with_class = system.config_file.read_text(encoding="utf-8")
        await system.staffed("1001", ANSWERS)
        await system.asks("1", "13800000001")
        call = await system.log.call_of("13800000001")
        await system.log.row(Kind.RECORDED)
        await system.caught_up()
        status, said, complaints = await system.sanxiang("recording", "class", call, "warranty", "--why", "a claim")
        assert status == 0 and "has the class warranty now; general is kept longer" in said, complaints
        written(system, with_class.replace(kept, ""))
        for words in (("config", "reload", "--dry-run"), ("config", "reload")):
            status, said, complaints = await system.sanxiang(*words)
            assert status == 0, complaints
            assert (
                "warning: recordings.retention.warranty: the class is taken away. Calls have it by hand: 1 of" in said
            )
        status, said, complaints = await system.sanxiang("recording", "verify")
        assert (status, "Nothing is chained yet" in said) == (0, True), complaints
