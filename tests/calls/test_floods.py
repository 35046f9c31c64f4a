"""Strangers flood the SIP port: talks go on, the process stays the same, and who calls afterwards is served."""

from collections import Counter
from contextlib import suppress
from pathlib import Path

import pytest

from acd.engine.commands import Ending, Kind
from acd.processes.log_files import Bounds
from acd.sipp.actors import Phone
from tests.calls.faults.figures import report_figures
from tests.calls.support.full_system import FullSystem
from tests.support.sip_flood import SipFlood
from tests.support.waiting import eventually

PER_S = 5_000
MOST_LOG_BYTES = 3_000_000


@pytest.mark.drill
@pytest.mark.parametrize("method", ["REGISTER", "OPTIONS"])
async def test_a_flood_beside_talks_cuts_none_of_them(tmp_path: Path, whole: bool, method: str):
    """5,000 requests a second of a stranger: for 30 s beside ten talks in the long form, for 10 s beside three."""
    if method == "OPTIONS" and not whole:
        pytest.skip("the same as REGISTER to Asterisk: in the long form")
    talks, seconds = (10, 30.0) if whole else (3, 10.0)
    agents = [str(1001 + number) for number in range(talks)]
    system = FullSystem(tmp_path, agents, brisk=True)
    system.log_bounds = Bounds(MOST_LOG_BYTES, 30)
    async with system:
        await system.staffed(agents, Phone(ring_s=0.1))
        for number in range(talks):
            await system.asks("1", f"1380000{number:04d}", stays_s=300)
        await system.log.row(Kind.CONNECTED, count=talks)
        asterisk = system.parts["asterisk"]
        assert asterisk.process
        pid = asterisk.process.pid

        flood = SipFlood(system.prepared.sip_port, PER_S, seconds, method)
        await flood.run()

        await system.well("pbx")
        assert (asterisk.process.pid, asterisk.starts) == (pid, 1), "Asterisk was ended in a flood"
        assert len(await system.stages(*["talking"] * talks)) == talks
        assert "asterisk hung" not in system.log.alarms()
        for name, size in log_sizes(system).items():
            assert size <= MOST_LOG_BYTES, (name, size)

        for person in system.people[1:]:
            await person.hang_up()  # type: ignore[attr-defined]
        await system.log.row(Kind.ENDED, count=talks)
        await system.well()

        async def all_reachable() -> bool:
            return all([await system.reachable(agent) for agent in agents])

        await eventually(all_reachable, "the telephones")
        await system.asks("1", "13900000001", stays_s=5)
        after = await system.log.call_of("13900000001")
        assert (await system.log.ending_of(after)).detail["ending"] == Ending.ANSWERED
        assert set(system.log.endings().values()) == {Ending.ANSWERED}
        note = f"{flood}; alarms: {', '.join(system.log.alarms()) or 'none'}; {log_sizes(system).total() / 1e6:.1f} MB of logs"
        report_figures(f"{method} flood beside {talks} talks (M-2, M-3)", 1, 0, 0.0, note)
        print(note)


def log_sizes(system: FullSystem) -> Counter[str]:
    """Bytes of each log with its segments."""
    folders = system.installation.log, system.installation.run / "asterisk" / "log"
    sizes: Counter[str] = Counter()
    for file in (file for folder in folders for file in folder.glob("*.log*")):
        with suppress(FileNotFoundError):
            sizes[file.name.partition(".")[0]] += file.stat().st_size
    return sizes
