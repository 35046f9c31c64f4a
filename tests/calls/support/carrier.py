"""A whole house whose queues have policies, and the world beyond its trunk: a carrier under which somebody answers, is
busy, or lets it ring.

Queue `orders` (key 1) offers a callback after a second, `after-sales` (2) sends to voicemail, `complaints` (3) to another
number; `general` (0) has no policy.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from acd.pbx.install.ports import free_port, free_rtp_range
from acd.sipp.actors import Phone, SippAgents
from tests.calls.support.faults import TroubledHouse
from tests.calls.support.full_system import BRISK_PROMPTS
from tests.support.audio import tone
from tests.support.network import TRUNK_ADDRESS

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
    *("callback-confirm", "callback-accepted", "called-back", "leave-a-message", "message-taken", "withdrawn"),
)


TALKS = Phone(ring_s=0.3, talk_s=(2.5, 2.5))


class OutwardHouse(TroubledHouse):
    def __init__(self, folder: Path, agents: Sequence[str] = ("1001", "1002"), **more: Any) -> None:
        super().__init__(folder, agents, ring_s=1, brisk=True, more=POLICY + more.pop("more", ""), **more)
        self.carrier_port = free_port("udp", TRUNK_ADDRESS)
        text = self.config_file.read_text("utf-8")
        out = f'[trunks.carrier]\noutbound = "{TRUNK_ADDRESS}:{self.carrier_port}"\n'
        self.config_file.write_text(text.replace("[trunks.carrier]\n", out), "utf-8")

    def _short_prompts(self) -> Path:
        for language in ("zh", "en"):
            for prompt in _PROMPTS:
                if not (self.folder / "prompts" / language / f"{prompt}.wav").exists():
                    tone(self.folder / "prompts" / language / f"{prompt}.wav", 500, 0.3)
        assert not set(_PROMPTS) & set(BRISK_PROMPTS)
        return super()._short_prompts()

    async def outside(self, phone: Phone) -> SippAgents:
        """Whoever is called beyond the trunk behaves like this; at most one such at a time."""
        carrier = SippAgents(
            self.pbx.tool("sipp"),
            {},
            phone,
            host="127.0.0.1",
            pbx_port=self.prepared.sip_port,
            port=self.carrier_port,
            rtp_port=free_rtp_range(TRUNK_ADDRESS, 400)[0],
            address=TRUNK_ADDRESS,
            folder=self.folder / f"people-{len(self.people)}",
        )
        self.people.append(carrier)
        await carrier.start()
        return carrier

    async def attended(self, agent: str = "1001", phone: Phone = TALKS) -> SippAgents:
        """The agent is there and wants no calls yet, so that the menu promises callers a person."""
        row = await self.staffed(agent, phone, ready=False)
        await self.ask("POST", f"/api/agents/{agent}/log-in", {})
        await self.comes_to_be(agent, "not ready")
        return row

    async def takes_calls(self, agent: str = "1001") -> None:
        await self.ask("POST", f"/api/agents/{agent}/ready", {})

    async def place_of(self, call: str) -> int | None:
        """The page's position of the call."""
        row = (await self.calls()).get(call)
        return None if row is None else row["position"]

    async def context_of(self, part: str) -> bool:
        """Whether some channel is in this room of the dialplan."""
        return any(row[1] == part for row in await self.channels())
