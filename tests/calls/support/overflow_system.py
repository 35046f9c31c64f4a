"""A full system whose queues have policies, and a carrier beyond its trunk.

Queue `orders` (key 1) offers a callback after a second, `after-sales` (2) sends to voicemail, `complaints` (3) to another
number; `general` (0) has no policy.
"""

from collections.abc import Sequence
from pathlib import Path

from acd.sipp.actors import Phone, SippAgents
from tests.calls.support.full_system import FullSystem

ELSEWHERE = "02166668888"
POLICY = f"""
[[queues.orders.overflow]]
do = "offer-callback"
after_s = 1
within_h = 2
why = "nobody waits on the line for orders"

[[queues.after-sales.overflow]]
do = "voicemail"
after_s = 1
why = "technicians call back"

[[queues.complaints.overflow]]
do = "number"
number = "{ELSEWHERE}"
after_s = 1
why = "the head office takes over"

[routing]
callback_attempts = 2
callback_pause_min = 0.05
return_within_min = 0
same_agent = "off"
"""
_PROMPTS = (
    *("callback-within", "callback-two", "callback-hours", "callback-keep-place", "callback-number"),
    *("callback-tomorrow", "callback-past", "callback-past-end", "callback-enter-number", "callback-wrong-number"),
    *("position", "position-end", "hint-callback", "hint-message"),
    *("callback-confirm", "callback-accepted", "called-back", "leave-a-message", "message-taken", "withdrawn"),
)


TALKS = Phone(ring_s=0.3, talk_s=(2.5, 2.5))


def overflow_system(folder: Path, agents: Sequence[str] = ("1001", "1002"), *, more: str = "") -> FullSystem:
    """`more`: TOML."""
    return FullSystem(folder, agents, ring_s=1, brisk=True, more=POLICY + more, carrier=True, short_prompts=_PROMPTS)


async def attended(system: FullSystem, agent: str = "1001", phone: Phone = TALKS) -> SippAgents:
    """The agent is there and wants no calls yet, so that the menu promises callers a person."""
    return await system.present(agent, phone)
