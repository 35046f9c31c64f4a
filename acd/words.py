"""A row of the call log as a sentence for people, in English and Chinese."""

from collections.abc import Callable, Mapping
from typing import Any

from acd.engine.commands import Kind, Outcome

Detail = Mapping[str, Any]


def masked(number: str) -> str:
    """`13812341111` as `138****1111`; a short number keeps its last two digits, a word stays."""
    if not number.lstrip("+").isdigit():
        return number
    if len(number) < 8:
        return "*" * max(0, len(number) - 2) + number[-2:]
    return f"{number[:3]}****{number[-4:]}"


def _s(detail: Detail, key: str) -> str:
    value = detail.get(key)
    return f"{float(value):.1f} s" if value is not None else "? s"


_OUTCOMES_EN = {
    Outcome.RING_NO_ANSWER: "let it ring out",
    Outcome.REJECTED: "declined",
    Outcome.BUSY: "was busy",
    Outcome.UNREACHABLE: "has a phone that does not react",
    Outcome.NOT_DIALLED: "was never dialled",
    Outcome.FAILED: "could not be rung",
    Outcome.CALLER_LEFT: "was ringing when the caller left",
    Outcome.TAKEN_BACK: "is no longer asked",
    Outcome.LOST: "was lost before they could speak",
}
_OUTCOMES_ZH = {
    Outcome.RING_NO_ANSWER: "响铃未接",
    Outcome.REJECTED: "拒接",
    Outcome.BUSY: "忙线",
    Outcome.UNREACHABLE: "话机无响应",
    Outcome.NOT_DIALLED: "未能呼出",
    Outcome.FAILED: "呼叫失败",
    Outcome.CALLER_LEFT: "振铃时来电者已挂机",
    Outcome.TAKEN_BACK: "派单已收回",
    Outcome.LOST: "接通前中断",
}
_STATES_ZH = {
    "logged out": "签出",
    "not ready": "示忙",
    "unreachable": "话机不可达",
    "idle": "空闲",
    "ringing": "振铃",
    "talking": "通话中",
    "wrap-up": "话后处理",
}
_ENDINGS_ZH = {
    "answered": "已由人工接听",
    "served by menu": "自助服务完成",
    "turned away": "告知后结束",
    "abandoned in IVR": "在菜单中放弃",
    "abandoned in queue": "在队列中放弃",
    "abandoned while ringing": "振铃时放弃",
    "lost": "因故障中断",
}
_RULES_ZH = {
    "longest idle of the able": "能处理者中空闲最久",
    "first in line when the agent came free": "座席空闲时排在最前",
    "nobody else is able and free: asked again": "无其他可用座席,再次派给",
    "found talking: connected while nothing could be heard of it": "重连时已在通话",
}
_RETURNED_ZH = {
    "found waiting": "重连时发现在等待",
    "the agent's phone was lost": "座席话机失联",
    "the agent hung up at once": "座席摘机后立即挂断",
}
_BY_ZH = {"caller": "客户先挂机", "agent": "座席先挂机", "lost": "座席话机失联"}

Sentence = Callable[[str, str, Detail], str]
"""(agent, queue, detail) to words."""

_EN: dict[Kind, Sentence] = {
    Kind.ARRIVED: lambda a, q, d: f"{masked(str(d.get('caller', '')))} dials {d.get('dialled', '')}",
    Kind.MENU: lambda a, q, d: f"in the menu: {d.get('path', '')}",
    Kind.QUEUED: lambda a, q, d: f"asks for a person; waits in queue {q}",
    Kind.OFFERED: lambda a, q, d: f"agent {a} is chosen ({d.get('rule', '')}) after {_s(d, 'waited_s')}",
    Kind.RINGING: lambda a, q, d: f"agent {a}'s phone rings",
    Kind.ANSWERED: lambda a, q, d: f"agent {a} picks up during ring {d.get('rings', '?')}",
    Kind.CONNECTED: lambda a, q, d: f"talks with agent {a} after {_s(d, 'wait_s')} of waiting",
    Kind.CROSSED: lambda a, q, d: f"agent {a}'s answer crossed the taking back",
    Kind.RETURNED: lambda a, q, d: f"goes back to the head of queue {q}: {d.get('reason', '')}",
    Kind.TALK_ENDED: lambda a, q, d: f"talk with agent {a} ends after {_s(d, 'talk_s')}, by the {_by(d)}",
    Kind.ENDED: lambda a, q, d: f"call over: {d.get('ending', '')}",
    Kind.AGENT_STATE: lambda a, q, d: f"agent {a} is {d.get('state', '')}{_why(d)}",
    Kind.PHONE: lambda a, q, d: f"agent {a}'s phone is {'reachable' if d.get('reachable') else 'not reachable'}",
    Kind.ALARM: lambda a, q, d: f"ALARM {d.get('name', '')}: {d.get('detail', '')}",
    Kind.PBX: lambda a, q, d: f"Asterisk: {d.get('state', '')}",
    Kind.IGNORED: lambda a, q, d: f"left out {d.get('event', '')}: {d.get('why', '')}",
}
_ZH: dict[Kind, Sentence] = {
    Kind.ARRIVED: lambda a, q, d: f"{masked(str(d.get('caller', '')))} 拨打 {d.get('dialled', '')}",
    Kind.MENU: lambda a, q, d: f"菜单按键:{d.get('path', '')}",
    Kind.QUEUED: lambda a, q, d: f"请求人工服务,进入队列 {q}",
    Kind.OFFERED: lambda a, q, d: f"等待 {_s(d, 'waited_s')} 后派给座席 {a}({_rule_zh(d)})",
    Kind.RINGING: lambda a, q, d: f"座席 {a} 话机振铃",
    Kind.ANSWERED: lambda a, q, d: f"座席 {a} 在第 {d.get('rings', '?')} 声响铃时摘机",
    Kind.CONNECTED: lambda a, q, d: f"等待 {_s(d, 'wait_s')} 后与座席 {a} 通话",
    Kind.CROSSED: lambda a, q, d: f"座席 {a} 摘机与收回派单同时发生",
    Kind.RETURNED: lambda a, q, d: f"回到队列 {q} 首位:{_reason_zh(d)}",
    Kind.TALK_ENDED: lambda a, q, d: f"与座席 {a} 通话 {_s(d, 'talk_s')} 后结束,{_BY_ZH.get(str(d.get('by')), '')}",
    Kind.ENDED: lambda a, q, d: f"来电结束:{_ENDINGS_ZH.get(str(d.get('ending')), '')}",
    Kind.AGENT_STATE: lambda a, q, d: f"座席 {a} {_STATES_ZH.get(str(d.get('state')), '')}{_why(d)}",
    Kind.PHONE: lambda a, q, d: f"座席 {a} 话机{'可达' if d.get('reachable') else '不可达'}",
    Kind.ALARM: lambda a, q, d: f"告警 {d.get('name', '')}:{d.get('detail', '')}",
    Kind.PBX: lambda a, q, d: f"Asterisk:{d.get('state', '')}",
    Kind.IGNORED: lambda a, q, d: f"略去 {d.get('event', '')}:{d.get('why', '')}",
}


def _rule_zh(detail: Detail) -> str:
    rule = str(detail.get("rule", ""))
    return _RULES_ZH.get(rule, rule)


def _reason_zh(detail: Detail) -> str:
    """Why he is in the queue again: an offer's outcome, or what resync found."""
    reason = str(detail.get("reason", ""))
    if reason in set(Outcome):
        return _OUTCOMES_ZH.get(Outcome(reason), reason)
    return _RETURNED_ZH.get(reason, reason)


def _by(detail: Detail) -> str:
    return {"lost": "loss of the agent's phone"}.get(str(detail.get("by")), str(detail.get("by", "")))


def _why(detail: Detail) -> str:
    return f" ({detail['reason']})" if detail.get("reason") else ""


def sentence(kind: Kind, agent: str, queue: str, detail: Detail, language: str = "en") -> str:
    """One row in words. Empty for an answered offer's end, which the answer has told already."""
    if kind is Kind.OFFER_ENDED:
        outcome = Outcome(detail["outcome"])
        if outcome is Outcome.ANSWERED:
            return ""
        return f"座席 {agent} {_OUTCOMES_ZH[outcome]}" if language == "zh" else f"agent {agent} {_OUTCOMES_EN[outcome]}"
    if kind is Kind.RECORDED:
        return _recorded(detail, language)
    return (_ZH if language == "zh" else _EN)[kind](agent, queue, detail)


def _recorded(detail: Detail, language: str) -> str:
    whole = bool(detail.get("complete"))
    if whole and not detail.get("path"):
        return "通话过短,无录音" if language == "zh" else "too short a talk to record"
    if language == "zh":
        verdict = "完整" if whole else f"不完整:{detail.get('reason', '')}"
        return f"录音已归档,{_s(detail, 'seconds')},{verdict}"
    verdict = "complete" if whole else f"incomplete: {detail.get('reason', '')}"
    return f"recording filed, {_s(detail, 'seconds')}, {verdict}"
