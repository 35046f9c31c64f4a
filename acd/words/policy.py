"""A row of a queue's policy, as the operator wrote it, in words: when it applies and what it does."""

from collections.abc import Mapping
from typing import Any

from acd.words.numbers import clock, masked

Row = Mapping[str, Any]
"""do, when, after_s, calls, wait_s, skill, to, queue, by, number, within_h: as in the operator's file."""


def policy_row(row: Row, language: str = "en") -> str:
    """`after 0:30: level 3 in billing will do`; its why stands beside it."""
    return f"{_when_zh(row)}：{_does_zh(row)}" if language == "zh" else f"{_when(row)}: {_does(row)}"


def _when(row: Row) -> str:
    match row.get("when"):
        case "unstaffed":
            return "when no qualified agent is logged in"
        case "longer-than":
            return f"when more than {row.get('calls') or 0} callers are ahead"
        case "wait-over":
            return f"when the expected wait is over {clock(row.get('wait_s') or 0)}"
        case _:
            return f"after {clock(row.get('after_s') or 0)}"


def _does(row: Row) -> str:
    match row.get("do"):
        case "lower-skill":
            skill, level = row.get("skill") or "each skill", row.get("to") or 0
            if not level:
                return f"{row['skill']} is no longer required" if row.get("skill") else "no skill is required any more"
            return f"level {level} in {skill} is enough"
        case "add-queue":
            return f"agents of {row.get('queue')} are also considered"
        case "raise-priority":
            return f"{row.get('by') or 0:+d} priority"
        case "move":
            return f"moves to queue {row.get('queue')}"
        case "offer-callback":
            return f"is offered a callback within {row.get('within_h') or 0:g} h"
        case "voicemail":
            return "is asked to leave a message"
        case "number":
            return f"is sent to {masked(str(row.get('number') or ''))}"
        case other:
            return str(other or "")


def _when_zh(row: Row) -> str:
    match row.get("when"):
        case "unstaffed":
            return "没有技能符合的座席在线时"
        case "longer-than":
            return f"前面超过 {row.get('calls') or 0} 人时"
        case "wait-over":
            return f"预计等待超过 {clock(row.get('wait_s') or 0)} 时"
        case _:
            return f"等待 {clock(row.get('after_s') or 0)} 后"


def _does_zh(row: Row) -> str:
    match row.get("do"):
        case "lower-skill":
            skill, level = row.get("skill") or "各项技能", row.get("to") or 0
            if not level:
                return f"不再要求 {row['skill']}" if row.get("skill") else "不再要求技能"
            return f"{skill} 达到 {level} 级即可"
        case "add-queue":
            return f"同时分配给“{row.get('queue')}”队列的座席"
        case "raise-priority":
            return f"优先级 {row.get('by') or 0:+d}"
        case "move":
            return f"转入“{row.get('queue')}”队列"
        case "offer-callback":
            return f"询问客户是否需要在 {row.get('within_h') or 0:g} 小时内回电"
        case "voicemail":
            return "请客户留言"
        case "number":
            return f"转往 {masked(str(row.get('number') or ''))}"
        case other:
            return str(other or "")
