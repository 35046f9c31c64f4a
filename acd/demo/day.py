"""Who plays in the demo: a configuration, a row of agents' telephones, and callers with parts."""

import math
from dataclasses import dataclass
from pathlib import Path

from acd.engine.commands import Ending
from acd.lookups import example
from acd.pbx.install.ports import free_port, free_rtp_range
from acd.setup.start_plan import StartPlan
from acd.sipp.actors import Caller, Phone, SippAgents, SippCaller
from ivr.settings import MENU

MISSES = "1009"
"""The agent who lets the first call ring out, so that one sees it go to the next agent."""

HANDED_OVER = "13800002002"
"""Of the callers of after-sales the second: the agent who serves the call transfers it to complaints after a moment."""

CONFIG = """# The demo's configuration, made anew by each `./sanxiang demo`. Ports 0: free ones.
[sip]
bind = "0.0.0.0"
port = 0
rtp_start = 10000
rtp_end = {rtp_end}

[web]
port = 0

[recordings]
min_free_mb = 64

[trunks.demo]
addresses = ["127.0.0.2"]

[queues.orders]
label = {{ zh = "订单查询", en = "Orders" }}
skills = {{ orders = 1 }}
wrap_up_s = 2

[queues.after-sales]
label = {{ zh = "售后服务", en = "After-sales" }}
skills = {{ after-sales = 1 }}
wrap_up_s = 2

[queues.complaints]
label = {{ zh = "投诉建议", en = "Complaints" }}
skills = {{ complaints = 3 }}
priority = 10
wrap_up_s = 2

[queues.general]
label = {{ zh = "人工服务", en = "General" }}
wrap_up_s = 2
"""

_AGENT = """
[agents.{agent}]
name = "Agent {agent}"
whisper = "never"
skills = {{ zh = 5, en = 5, orders = 5, after-sales = 5, complaints = 5 }}
"""


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of caller."""

    name: str
    share: int
    """So many of twelve callers."""
    caller: Caller
    endings: tuple[Ending, ...]
    """How such a call should end."""


NOTICE_S = 5.2
"""After so long the notice of recording is over, in both languages, and keys are heard."""

PARTS = (
    Part("order query", 3, Caller("95001", keys="1", keys_after_s=NOTICE_S, stays_s=90), (Ending.ANSWERED,)),
    Part("after-sales", 2, Caller("95001", keys="2", keys_after_s=NOTICE_S, stays_s=90), (Ending.ANSWERED,)),
    Part("complaint, in English", 2, Caller("95002", keys="3", keys_after_s=NOTICE_S, stays_s=90), (Ending.ANSWERED,)),
    Part("a person", 2, Caller("95001", keys="0", keys_after_s=NOTICE_S, stays_s=90), (Ending.ANSWERED,)),
    Part("wrong key, then orders", 1, Caller("95002", keys="7,,,,1", keys_after_s=NOTICE_S, stays_s=90), (Ending.ANSWERED,)),
    Part("hangs up in the menu", 1, Caller("95001", stays_s=NOTICE_S), (Ending.ABANDONED_IVR,)),
    Part(
        "gives up after asking",
        1,
        Caller("95001", keys="0", keys_after_s=NOTICE_S, stays_s=NOTICE_S + 2.0),
        (Ending.ABANDONED_RINGING, Ending.ABANDONED_QUEUE),
    ),
)  # fmt: skip

_PHONES = (
    (Phone(ring_s=1.5, talk_s=(4.0, 8.0)), 3),
    (Phone(ring_s=7.0, talk_s=(5.0, 9.0)), 1),
    (Phone(ring_s=1.0, talk_s=(6.0, 10.0)), 2),
)
"""Behaviour, and so many of six agents."""


def staff(rate: float) -> int:
    """Agents for so many calls a second: 14 s a call with ring, talk and wrap-up, at three quarters' occupancy."""
    return max(6, math.ceil(rate * 14 / 0.75))


def configuration(rate: float) -> str:
    agents = [str(1001 + n) for n in range(staff(rate) + 1)]
    if MISSES not in agents:
        agents[-1] = MISSES
    calls = staff(rate) * 3 + 20
    staffed = "".join(_AGENT.format(agent=agent) for agent in agents)
    return CONFIG.format(rtp_end=10000 + max(400, 8 * calls)) + staffed + "\n" + example.CONFIGURATION


def menu() -> str:
    """The packaged menu, where 1 is a person although there are look-ups, and another key that answers without one."""
    lines = MENU.read_text("utf-8").splitlines(keepends=True)
    text = "".join(line for line in lines if "when = { lookup" not in line)
    for was, now in ((_SAID, f'{_SAID}  "menu-order-status",\n'), (_KEY_0, _KEY_4 + _KEY_0)):
        assert text.count(was) == 1, f"the packaged menu has another {was}"
        text = text.replace(was, now)
    return text


_SAID = '  "menu-main",\n'
_KEY_0 = '  { key = "0",'
_KEY_4 = '  { key = "4", service = "order", queue = "orders", why = "where is my order: 自助查询订单" },\n'


def telephones(sipp: list[str], plan: StartPlan, passwords: dict[str, str], folder: Path) -> list[SippAgents]:
    """The agents' telephones, one SIPp for each behaviour; MISSES has its own."""
    agents = [agent for agent in passwords if agent != MISSES]
    of = sum(share for _, share in _PHONES)
    rows: list[tuple[Phone, list[str]]] = [(Phone(never_answers=True), [MISSES])]
    at = 0
    for n, (phone, share) in enumerate(_PHONES):
        end = len(agents) if n == len(_PHONES) - 1 else at + round(len(agents) * share / of)
        rows.append((phone, agents[at:end]))
        at = end
    return [
        SippAgents(
            sipp,
            {agent: passwords[agent] for agent in row},
            phone,
            host="127.0.0.1",
            pbx_port=plan.sip_port,
            port=free_port("udp"),
            rtp_port=free_rtp_range("127.0.0.1", 400)[0],
            folder=folder / f"agents-{n}",
        )
        for n, (phone, row) in enumerate(rows)
        if row
    ]


@dataclass(slots=True)
class Cast:
    """Callers of one part, and the numbers from which they dial."""

    part: Part
    numbers: list[str]
    sipp: SippCaller


def callers(sipp: list[str], plan: StartPlan, calls: int, rate: float, folder: Path) -> list[Cast]:
    """`calls` callers in all, in the shares of PARTS, each with its own number."""
    counts = _shares(calls)
    cast = []
    for n, (part, count) in enumerate(zip(PARTS, counts, strict=True)):
        if not count:
            continue
        numbers = [f"1380000{n + 1}{index:03d}" for index in range(1, count + 1)]
        actor = SippCaller(
            sipp,
            Caller(
                number=part.caller.number,
                caller="[field0]",
                keys=part.caller.keys,
                keys_after_s=part.caller.keys_after_s,
                stays_s=part.caller.stays_s,
            ),
            host="127.0.0.1",
            pbx_port=plan.sip_port,
            port=free_port("udp", "127.0.0.2"),
            rtp_port=free_rtp_range("127.0.0.2", 400)[0],
            calls=count,
            rate=rate * count / calls,
            rows=[(number,) for number in numbers],
            folder=folder / f"callers-{n}",
        )
        cast.append(Cast(part, numbers, actor))
    return cast


def _shares(calls: int) -> list[int]:
    """`calls` divided by the parts' shares; the first parts take what rounding leaves."""
    of = sum(part.share for part in PARTS)
    counts = [calls * part.share // of for part in PARTS]
    for n in range(calls - sum(counts)):
        counts[n % len(counts)] += 1
    return counts
