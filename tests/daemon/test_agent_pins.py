"""Agents' PINs: read anew when they change, and nobody's who is not in the configuration."""

import json
from pathlib import Path

from acd.daemon.agent_pins import AgentPins
from acd.files import write_private
from acd.setup.installation import Installation


def write(folder: Path, **pins: str) -> None:
    agents = {agent.strip("a"): {"password": "x", "pin": pin} for agent, pin in pins.items()}
    write_private(folder / "secrets.json", json.dumps({"ami": "", "agents": agents}))


def test_a_pin_is_checked_and_its_mark_changes_with_it(tmp_path: Path):
    agents = {"1001", "1002"}
    pins = AgentPins(Installation(tmp_path), lambda: agents)
    assert (pins.check("1001", "135790"), pins.mark("1001")) == ("unknown", None), "no secrets were made yet"
    write(tmp_path, a1001="135790", a1003="975310")
    assert [pins.check("1001", pin) for pin in ("135790", "135791", "", "135790 ", "１３５７９０")] == [
        *("ok", "wrong", "wrong", "wrong", "wrong")
    ]
    assert pins.check("1002", "") == "unknown"
    assert pins.check("1003", "975310") == "unknown", "he is not in the configuration"
    mark = pins.mark("1001")
    assert mark == pins.mark("1001") and mark is not None and "135790" not in mark
    write(tmp_path, a1001="864200")
    assert pins.mark("1001") not in (mark, None)
    assert pins.check("1001", "864200") == "ok"
    agents.discard("1001")
    assert (pins.check("1001", "864200"), pins.mark("1001")) == ("unknown", None)
