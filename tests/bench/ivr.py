"""What a story costs: a session of two prompts and one key, served by the story server, executed by Asterisk as a
program, and as plain dialplan, on one Asterisk in one run.

    ours    the story server          peer    agi_scripts/, a process each time          floor   Playback and Read

`story_cpu_ms` is the CPU of the story server, or of the programs; `asterisk_cpu_ms` Asterisk's own share. The callers are
Local channels that key a 1, so no SIP is in the figures. The story is the hotline's, with its look-up at the daemon.

How it grows: `by_rate`, with 2, 5 and 10 new sessions a second in each way; `by_menus`, with 1, 10 and 100 menus in the file, served and
executed; `held`, with 1 to 300 callers who all hear the menu at once, without Asterisk: CPU of each, and from a key to the next command.
"""

import asyncio
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
from tests.ivr.support.agi_callers import Callers
from tests.ivr.support.ivr_system import IvrSystem
from tests.support.waiting import eventually_blocking

SESSIONS = 60
"""In each round of each way."""
RATE = 5
ROUNDS = 3
RATES = (2, 5, 10)
MENUS = (1, 10, 100)
HELD = (1, 50, 150, 300)
GROWING = 30
"""Sessions for each step of what grows."""
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


def one_round(house: MeasuredIvr, way: str, sessions: int = SESSIONS, rate: float = RATE) -> dict[str, float]:
    """CPU of a session in milliseconds: of its story, and of Asterisk. Raises AssertionError where a key was not heard."""
    assert house.stories
    mark = len(house.messages())
    before, server = cpu_ms(house.asterisk.pid), cpu_ms(house.stories.pid)
    with socket.create_connection(("127.0.0.1", house.ami_port)) as link:
        link.sendall(b"Action: Login\r\nUsername: test\r\nSecret: test\r\nEvents: off\r\n\r\n")
        begun = time.monotonic()
        for number in range(sessions):
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            link.sendall(
                f"Action: Originate\r\nChannel: Local/{way}@bench/n\r\nContext: caller\r\nExten: s\r\nPriority: 1\r\n"
                f"Async: true\r\n\r\n".encode()
            )
        eventually_blocking(
            lambda: len(house.told(f"BENCH {way}", mark)) >= sessions, f"{sessions} sessions {way}", 120
        )
        eventually_blocking(
            lambda: "0 active channels" in house.command("core show channels count"), "all are gone", 60
        )
    results = house.told(f"BENCH {way}", mark)
    if results != ["queue orders"] * sessions:
        raise AssertionError(f"{way}: not every session heard its key: {sorted(set(results))}")
    after, server_after = cpu_ms(house.asterisk.pid), cpu_ms(house.stories.pid)
    # `core show channels` is a program of ours, not a child of Asterisk: children are the executed stories only.
    story = (server_after[0] - server[0]) + (after[1] - before[1])
    return {"story_cpu_ms": story / sessions, "asterisk_cpu_ms": (after[0] - before[0]) / sessions}


def growing_menus(house: MeasuredIvr, count: int) -> None:
    """The first menu and `count - 1` others, each below the one before it."""
    more = "".join(
        f'[menus.m{number}]\nplay = "menu-main"\nkeys = [ {{ key = "1", queue = "orders" }}'
        + (f', {{ key = "2", menu = "m{number + 1}" }}' if number + 1 < count else "")
        + ' ]\nfailure = { queue = "general" }\n'
        for number in range(1, count)
    )
    first = MENU if count == 1 else MENU.replace("keys = [ {", 'keys = [ { key = "2", menu = "m1" }, {')
    (house.folder / "menu.toml").write_text(first + more, encoding="utf-8")
    house.write_settings(menu=str(house.folder / "menu.toml"))
    house.stop_stories()
    house.start_stories()


def held_at_once(house: MeasuredIvr, count: int) -> dict[str, float]:
    """`count` callers in the story server at once: CPU of each in milliseconds, and milliseconds from a key to the next command."""
    assert house.stories
    before = cpu_ms(house.stories.pid)[0]
    callers = Callers(house.agi_port, count)
    asyncio.run(callers.call())
    if callers.queues != ["orders"] * count:
        raise AssertionError(f"{count} at once: not every session heard its key")
    waits = sorted(callers.after_key_s)
    return {
        "story_cpu_ms": (cpu_ms(house.stories.pid)[0] - before) / count,
        "after_key_p50_ms": 1000 * statistics.median(waits),
        "after_key_p95_ms": 1000 * waits[int(0.95 * (len(waits) - 1))],
    }


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
            by_rate = {
                str(rate): {name: one_round(house, way, GROWING, rate) for name, way in WAYS.items()} for rate in RATES
            }
            held = {str(count): held_at_once(house, count) for count in HELD}
            by_menus: dict[str, dict[str, dict[str, float]]] = {}
            for count in MENUS:
                growing_menus(house, count)
                one_round(house, WAYS["ours"], 3)  # The server reads its menus at the first session.
                by_menus[str(count)] = {name: one_round(house, WAYS[name], GROWING) for name in ("ours", "peer")}
        finally:
            house.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    result: dict[str, Any] = {"name": "ivr", "sessions": SESSIONS * ROUNDS, "rate_per_s": RATE}
    for name, figures in rounds.items():
        result[name] = {key: round(statistics.median(one[key] for one in figures), 3) for key in figures[0]}
    result["ratio"] = round(result["peer"]["story_cpu_ms"] / result["ours"]["story_cpu_ms"], 1)
    result |= {"by_rate": by_rate, "by_menus": by_menus, "held": held}
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
