"""Promised callbacks in words: rows of the call log, sources, outcomes, and the alarm that one is late."""

from collections.abc import Mapping
from typing import Any

from acd.words.numbers import masked, moment

Detail = Mapping[str, Any]

SOURCES: Mapping[str, tuple[str, str]] = {
    "caller": ("客户排队时要求", "asked for while waiting"),
    "message": ("客户留言", "voicemail"),
    "abandoned": ("客户放弃排队", "abandoned call"),
    "agent": ("座席或班长承诺", "promised by agent or supervisor"),
    "api": ("其他系统", "another system"),
}
OUTCOMES: Mapping[str, tuple[str, str]] = {
    "kept": ("已与客户通话", "an agent talked with the customer"),
    "done": ("已人工回电", "called back manually"),
    "cancelled": ("已取消", "cancelled"),
    "not-reached": ("多次未接通，不再回电", "not reached, no further attempts"),
    "barred": ("该号码不能呼叫", "the number may not be called"),
    "left": ("接通座席前客户已挂机", "the customer hung up before an agent answered"),
    "lost": ("线路中断", "the line dropped"),
    "otherwise": ("已通过其他方式受理", "handled another way"),
}


def source(code: str, language: str) -> str:
    """Who began it."""
    return SOURCES.get(code, (code, code))[language != "zh"]


def outcome(code: str, language: str) -> str:
    """What has become of it; empty while it is open."""
    return OUTCOMES.get(code, (code, code))[language != "zh"]


def promise_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of a promise."""
    by = f" by {detail['by']}" if detail.get("by") else ""
    match detail.get("state"):
        case "made":
            number = masked(str(detail.get("number", "")))
            return f"promised a callback to {number} until {moment(detail, 'until')}; source: {source(str(detail.get('source', '')), 'en')}"
        case "asked again":
            return "the same callback was asked for again; it counts once"
        case "due":
            return f"the callback is due; the customer enters queue {queue}"
        case "moved":
            return f"the callback is rescheduled{by}: {queue}, {moment(detail, 'begins')} to {moment(detail, 'until')}"
        case "late":
            return "the promised callback is overdue"
        case "ended":
            in_time = "" if detail.get("in_time") else ", late"
            late = in_time if detail.get("outcome") in ("kept", "done") else ""
            return f"the callback is closed{by}: {outcome(str(detail.get('outcome', '')), 'en')}{late}"
        case other:
            return f"promised callback {other or ''}"


def promise_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of a promise, in Chinese."""
    by = f"（{detail['by']}）" if detail.get("by") else ""
    match detail.get("state"):
        case "made":
            number = masked(str(detail.get("number", "")))
            return f"承诺回电 {number}，最迟 {moment(detail, 'until')}；来源：{source(str(detail.get('source', '')), 'zh')}"
        case "asked again":
            return "客户再次要求同一回电，不重复登记"
        case "due":
            return f"回电时间已到，客户进入“{queue}”队列"
        case "moved":
            return f"回电已改期{by}：{queue}，{moment(detail, 'begins')} 至 {moment(detail, 'until')}"
        case "late":
            return "承诺的回电已超时"
        case "ended":
            late = "，超时" if detail.get("outcome") in ("kept", "done") and not detail.get("in_time") else ""
            return f"回电结束{by}：{outcome(str(detail.get('outcome', '')), 'zh')}{late}"
        case other:
            return f"承诺的回电 {other or ''}"


def late_alarm(detail: Detail, language: str) -> str:
    """The sentence of the alarm; empty for any other alarm."""
    if detail.get("name") != "callback late" or not detail.get("until"):
        return ""
    # An alarm of an earlier version has no local time.
    until, promise = str(detail.get("local") or moment(detail, "until")), str(detail.get("subject", ""))
    if language == "zh":
        return f"承诺 {until} 前的回电已超时；请执行 ./sanxiang callback show {promise}"
    return f"A callback was promised until {until}, which is past; type ./sanxiang callback show {promise}"
