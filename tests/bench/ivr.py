"""What a story costs: a session of two prompts and one key, served by the story server, executed by Asterisk as a
program, and as plain dialplan, on one Asterisk in one run.

    ours    the story server          peer    agi_scripts/, a process each time          floor   Playback and Read

`story_cpu_ms` is the CPU of the story server, or of the programs; `asterisk_cpu_ms` Asterisk's own share. The callers are
Local channels that key a 1, so no SIP is in the figures. The story is the hotline's, with its look-up at the daemon.
"""

import json
import os
import shutil
import socket
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from acd.cache import cache_folder
from acd.pbx.install.runtime import ensure_pbx
from ivr.voice import make
from tests.ivr.support.ivr_system import IvrSystem
from tests.support.waiting import eventually_blocking

SESSIONS = 60
"""In each round of each way."""
RATE = 5
ROUNDS = 3
WAYS = {"ours": "served", "peer": "executed", "floor": "dialplan"}
MENU = """
start = "main"
notice = "recording-notice"
[languages.zh]
choose = "choose-language"
[closed]
say = "closed"
[unstaffed]
say = "unstaffed"
[menus.main]
play = "menu-main"
keys = [ { key = "1", queue = "orders" } ]
failure = { queue = "general" }
"""


class MeasuredIvr(IvrSystem):
    """The tests' house, with the same session in three ways."""

    def dialplan(self) -> str:
        first, second = (f"{self.sounds}/zh/{name}" for name in ("recording-notice", "menu-main"))
        ways = {
            "served": f"AGI(agi://127.0.0.1:{self.agi_port}/hotline)",
            "executed": f"AGI({self.folder}/agi/hotline)",
            "dialplan": f"Playback({first})\n same => n,Read(KEY,{second},1,,1,5)\n"
            ' same => n,ExecIf($["${KEY}" = "1"]?Set(QUEUE=orders))\n same => n,Set(NEXT=queue)',
        }
        lines = [super().dialplan(), "[caller]", "exten => s,1,Answer()", " same => n,Wait(2.5)"]
        lines += [" same => n,SendDTMF(1)", " same => n,Wait(20)", "[bench]"]
        for name, way in ways.items():
            lines += [
                f"exten => {name},1,Set(__CALL_ID=b${{EPOCH}}-${{RAND(1000,9999)}})",
                " same => n,Set(DIALLED=95001)",
            ]
            lines += [" same => n,Answer()", " same => n,Set(AGIEXITONHANGUP=yes)", f" same => n,{way}"]
            lines += [f" same => n,Log(NOTICE,BENCH {name} ${{NEXT}} ${{QUEUE}})", " same => n,Hangup(16)"]
        return "\n".join(lines) + "\n"


def cpu_ms(pid: int) -> tuple[float, float]:
    """CPU so far of a process, and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    tick = 1000 / os.sysconf("SC_CLK_TCK")
    return (int(fields[11]) + int(fields[12])) * tick, (int(fields[13]) + int(fields[14])) * tick


def one_round(house: MeasuredIvr, way: str) -> dict[str, float]:
    assert house.stories
    mark = len(house.messages())
    before, server = cpu_ms(house.asterisk.pid), cpu_ms(house.stories.pid)
    with socket.create_connection(("127.0.0.1", house.ami_port)) as link:
        link.sendall(b"Action: Login\r\nUsername: test\r\nSecret: test\r\nEvents: off\r\n\r\n")
        begun = time.monotonic()
        for number in range(SESSIONS):
            time.sleep(max(0.0, begun + number / RATE - time.monotonic()))
            link.sendall(
                f"Action: Originate\r\nChannel: Local/{way}@bench/n\r\nContext: caller\r\nExten: s\r\nPriority: 1\r\n"
                f"Async: true\r\n\r\n".encode()
            )
        eventually_blocking(
            lambda: len(house.told(f"BENCH {way}", mark)) >= SESSIONS, f"{SESSIONS} sessions {way}", 120
        )
        eventually_blocking(
            lambda: "0 active channels" in house.command("core show channels count"), "all are gone", 60
        )
    results = house.told(f"BENCH {way}", mark)
    if results != ["queue orders"] * SESSIONS:
        raise AssertionError(f"{way}: not every session heard its key: {sorted(set(results))}")
    after, server_after = cpu_ms(house.asterisk.pid), cpu_ms(house.stories.pid)
    # `core show channels` is a program of ours, not a child of Asterisk: children are the executed stories only.
    story = (server_after[0] - server[0]) + (after[1] - before[1])
    return {"story_cpu_ms": story / SESSIONS, "asterisk_cpu_ms": (after[0] - before[0]) / SESSIONS}


def run() -> dict[str, Any]:
    """The medians of three rounds, ways alternating; `ratio`: executed against served, CPU of the story."""
    folder = Path(tempfile.mkdtemp(prefix="bench-ivr-"))
    try:
        spoken = make(ensure_pbx().tool("espeak-ng"), folder / "spoken", cache_folder() / "prompts")
        short_prompts(spoken, folder / "sounds")
        (folder / "menu.toml").write_text(MENU, encoding="utf-8")
        rounds: dict[str, list[dict[str, float]]] = {name: [] for name in WAYS}
        house = MeasuredIvr(folder, folder / "sounds")
        try:
            house.write_settings(menu=str(folder / "menu.toml"))
            house.stop_stories()
            house.start_stories()
            for turn in range(ROUNDS):
                order = list(WAYS)
                for name in order[turn:] + order[:turn]:
                    rounds[name].append(one_round(house, WAYS[name]))
        finally:
            house.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result: dict[str, Any] = {"name": "ivr", "sessions": SESSIONS * ROUNDS, "rate_per_s": RATE}
    for name, figures in rounds.items():
        result[name] = {key: round(statistics.median(one[key] for one in figures), 3) for key in figures[0]}
    result["ratio"] = round(result["peer"]["story_cpu_ms"] / result["ours"]["story_cpu_ms"], 1)
    result["rounds"] = rounds
    return result


def short_prompts(spoken: Path, goal: Path) -> None:
    """Half a second of each prompt, but the menu's: the key comes in it, also where a program must start first."""
    for file in spoken.glob("*/*.wav"):
        sound = file.read_bytes()[44 : 44 + (80000 if file.stem == "menu-main" else 8000)]
        size = len(sound).to_bytes(4, "little")
        (goal / file.parent.name).mkdir(parents=True, exist_ok=True)
        head = b"RIFF" + (len(sound) + 36).to_bytes(4, "little") + file.read_bytes()[8:40] + size
        (goal / file.parent.name / file.name).write_bytes(head + sound)


if __name__ == "__main__":
    json.dump(run(), sys.stdout, indent=2)
