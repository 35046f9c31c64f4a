"""A day's calls, then every log of ours is read: no caller's number stands there, no PIN, and nothing that a person wrote.

And `web.host` on another address than loopback: the stories still reach the daemon, by a port of their own.
"""

from pathlib import Path

from acd.engine.commands import Ending, Kind
from acd.sipp.actors import Phone
from tests.calls.support.full_system import FullSystem
from tests.calls.test_agents_by_phone import dials
from tests.support.waiting import eventually

ELSEWHERE = "127.0.0.9"
"""An address of this machine that is not 127.0.0.1, as 10.0.0.5 is."""
ANSWERED, GIVEN_UP = "13811110001", "13811110002"
NOTES = ("kommt-morgen-wieder", "matter-of-the-heart", "declined-for-lunch")


def logs_of(system: FullSystem) -> dict[str, str]:
    """All that our processes have written to be read by people; not the journal, the tables and the audit."""
    folders = system.installation.log, system.installation.run / "asterisk" / "log"
    files = [file for folder in folders for file in folder.glob("*.log*")]
    assert {"daemon.log", "stories.log", "asterisk.log", "messages.log", "security.log"} <= {
        file.name for file in files
    }
    return {file.name: file.read_text("utf-8", "replace") for file in files}


async def test_logs_hold_no_number_and_no_note_and_stories_are_served_beside_another_web_host(tmp_path: Path):
    system = FullSystem(tmp_path, ("1001", "1002"), brisk=True)
    text = system.config_file.read_text("utf-8").replace("[web]\n", f'[web]\nhost = "{ELSEWHERE}"\n')
    system.config_file.write_text(text, "utf-8")
    async with system:
        assert system.prepared.web_url.startswith(f"http://{ELSEWHERE}:")
        await system.staffed("1001", Phone(ring_s=0.2, talk_s=(4.0, 4.0)), ready=False)
        pin = system.installation.secrets()["agents"]["1001"]["pin"]
        # The story asks the daemon whether the PIN is right: it would say "not now".
        await dials(system, "1001", "*11", f"{pin}#")
        await dials(system, "1001", "*13")
        await system.comes_to_be("1001", "idle")

        await system.asks("1", ANSWERED)
        call = await system.log.call_of(ANSWERED)
        await system.log.row(Kind.CONNECTED)
        for version, (what, note) in enumerate(zip(("note", "matter"), NOTES, strict=False)):
            body = {"version": version, "what": what, "text": f"{note} {ANSWERED}"}
            assert (await system.request("POST", f"/api/calls/{call}/card", body))[0] == 200
        refused = {"to": {"number": ANSWERED}, "reason": "", "note": NOTES[2], "warm": False}
        assert (await system.request("POST", f"/api/calls/{call}/transfer", refused))[0] >= 400
        assert (await system.log.ending_of(call)).detail["ending"] == Ending.ANSWERED
        await system.ask("POST", "/api/agents/1001/not-ready", {"reason": "break"})
        waits = await system.asks("1", GIVEN_UP, stays_s=100)
        given_up = await system.log.call_of(GIVEN_UP)
        await system.stages("waiting")
        await system.request("GET", f"/api/calls?search={GIVEN_UP}")
        await waits.hang_up()
        await system.log.ending_of(given_up)
        await eventually(lambda: system.said("stories"), "the stories' log")

        for name, said in logs_of(system).items():
            for number in (ANSWERED, GIVEN_UP):
                assert number not in said, (name, [line for line in said.splitlines() if number in line])
            for secret in (*NOTES, pin):
                assert secret not in said, (name, [line for line in said.splitlines() if secret in line])
