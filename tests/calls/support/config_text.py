"""The configuration of a scenario's system, as an operator writes it: every queue of the menu, a trunk, some agents."""

from collections.abc import Mapping

CONFIG = """
[sip]
bind = "127.0.0.1"
port = 0
rtp_start = 10000
rtp_end = {rtp_end}

[web]
port = 0

[recordings]
min_free_mb = 1

[rings]
ring_s = {ring_s}

[trunks.carrier]
addresses = ["{trunk}"]
# A caller who vanishes is found by that sooner than by the session timers.
no_sound_s = 20

[queues.orders]
label = {{ zh = "订单查询", en = "Orders" }}
skills = {{ orders = 1 }}
wrap_up_s = {wrap_up_s}

[queues.after-sales]
label = {{ zh = "售后服务", en = "After-sales" }}
skills = {{ after-sales = 1 }}
wrap_up_s = {wrap_up_s}

[queues.complaints]
label = {{ zh = "投诉建议", en = "Complaints" }}
skills = {{ complaints = 3 }}
priority = 10
wrap_up_s = {wrap_up_s}

[queues.general]
label = {{ zh = "人工服务", en = "General" }}
wrap_up_s = {wrap_up_s}
"""
AGENT = """
[agents.{agent}]
name = "Agent {agent}"
skills = {{ zh = 5, en = 5, orders = 5, after-sales = 5, complaints = 5 }}
"""


def skilled(agent: str, skills: Mapping[str, int]) -> str:
    """TOML of an agent with these skills and no others, for `more`."""
    knows = ", ".join(f"{skill} = {level}" for skill, level in skills.items())
    return f'\n[agents.{agent}]\nname = "Agent {agent}"\nskills = {{ {knows} }}\n'
