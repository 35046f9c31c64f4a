"""A full system whose agents hand callers over: a carrier, targets of every kind, and short tones for all prompts and music.

A ring lasts a second, so that three of them are over in three.
"""

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ivr.prompts import TEXTS
from tests.calls.support.config_text import skilled
from tests.calls.support.full_system import FullSystem
from tests.calls.support.recorded_voices import MUSIC_HZ
from tests.calls.support.system.processes import BRISK_PROMPTS
from tests.support.audio import tone

AGENTS = ("1001", "1002", "1003", "1004", "1005", "1006")
"""They can do the same; beside them stands 1007, who alone knows about refunds, and may receive the dear bills."""
OUTSIDE = "02166668888"
"""On the allow-list."""
QUEUES = ("orders", "after-sales", "complaints", "general")
POLICY = (
    skilled("1007", {"zh": 5, "en": 5, "orders": 5, "after-sales": 5, "complaints": 5, "refunds": 5})
    + f"""tier = 2

[[transfers.escalation]]
reason = "billing"
over = 1000
tier = 2
why = "beyond what an agent may settle"

[transfers.numbers]
{OUTSIDE} = {{ zh = "总部", en = "Head office" }}

[transfers.extensions]
2001 = {{ queue = "after-sales" }}
2002 = {{ skill = "refunds" }}

[routing]
return_within_min = 0
same_agent = "off"
"""
)


def transfer_system(folder: Path, agents: Sequence[str] = AGENTS, *, more: str = "", **changes: Any) -> FullSystem:
    """`more`: TOML; `changes`: of FullSystem's arguments."""
    named = {f"agent-{agent}" for agent in (*AGENTS, "1007")} | {f"queue-{queue}" for queue in QUEUES}
    prompts = set(named)
    for language in ("zh", "en"):
        texts = tomllib.loads((TEXTS / f"{language}.toml").read_text("utf-8"))
        prompts |= set(texts["prompts"])
        for number in texts["numbers"]:
            tone(folder / "prompts" / language / f"{number}.wav", 500, 0.1)
    tone(folder / "prompts" / "music" / "hold.wav", MUSIC_HZ, 5.0)
    how: dict[str, Any] = {"ring_s": 1, "brisk": True} | changes
    # Every prompt there is: nobody is to be heard in a recording but the telephones.
    short = prompts - set(BRISK_PROMPTS)
    system = FullSystem(folder, agents, more=POLICY + more, carrier=True, short_prompts=short, **how)
    system.faults.beat_goes_on = True
    return system
