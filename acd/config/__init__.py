"""The operator's file as checked values: `load` gives a `Config`. A mistake is refused with its place and the remedy.

One TOML file of the operator's, with a default for everything that can have one and no secrets in it. Agents may stand
in the file under [agents], or beside it in `agents.toml`, which `sanxiang agent add` writes. All mistakes are told at
once, not the first alone. In the order in which the files build on each other:

types             the kinds of values and how each is written: names, numbers, levels
messages          a mistake of pydantic's as a sentence; source_lines: the line in which it stands
queues            queues, the rows of their policies, agents, the figures of routing
transfers         transfers: reasons, numbers, extensions, escalation, dispositions
sip               the table of this name; likewise web, quality, desk
schema            the other tables, and the whole as `Config`
opening_hours     the lines of `hotline.hours`
calls_out         what may leave the hotline
surveys           what callers are asked after a talk
customers         who calls: the company's own system, classes of customers
brands            several hotlines on one installation; brand_files: those that stand in files of their own
checks            what only the whole can show; policy_checks: the rows of queues; transfer_checks: [transfers];
                  calls_out_checks: [calls_out]; brand_checks: [brands]
errors            why a configuration is refused
loading           from the files' text to a checked `Config`

Built on these: diff (what lies between two configurations), versions (those that were in force), agents_file (writes
`agents.toml`), for_engine (the configuration in the engine's types).
"""

from acd.config.checks import warnings
from acd.config.errors import BadConfiguration, NeedsStart
from acd.config.loading import check, load, merged, parsed
from acd.config.messages import near
from acd.config.opening_hours import DAYS, hours_problem
from acd.config.queues import Agent, Queue, QueueTarget, Routing, Row, Target
from acd.config.schema import Config
from acd.config.transfers import Transfers
from acd.config.types import Label, Reason
from acd.engine.model import BY_TELEPHONE, LINE_DROPPED

__all__ = [
    "BY_TELEPHONE",
    "DAYS",
    "LINE_DROPPED",
    "Agent",
    "BadConfiguration",
    "Config",
    "Label",
    "NeedsStart",
    "Queue",
    "QueueTarget",
    "Reason",
    "Routing",
    "Row",
    "Target",
    "Transfers",
    "check",
    "hours_problem",
    "load",
    "merged",
    "near",
    "parsed",
    "warnings",
]
