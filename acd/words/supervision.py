"""Rows of breaks, messages to agents, raised hands and left queues, in English and Chinese."""

from acd.words.numbers import Detail, clock

WAITS_EN = {
    "full": "as many are away as may be",
    "later": "it is planned for later",
    "leave": "a supervisor must grant it",
}
WAITS_ZH = {"full": "休息人数已满", "later": "未到排定的时间", "leave": "须班长批准"}
_SUPERVISOR_EN, _SUPERVISOR_ZH = "a supervisor", "班长"


def break_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind BREAK."""
    by, reason = str(detail.get("by") or ""), str(detail.get("reason", ""))
    match detail.get("state"):
        case "asked":
            waits = WAITS_EN.get(str(detail.get("waits")), "")
            return f"agent {agent} asks for a break ({reason})" + (f"; it waits: {waits}" if waits else "")
        case "granted":
            return f"agent {agent}'s break ({reason}) is granted" + (f" by {by}" if by else "")
        case "declined":
            why = f": {detail['why']}" if detail.get("why") else ""
            return f"agent {agent}'s break ({reason}) is declined by {by or _SUPERVISOR_EN}{why}"
        case "withdrawn":
            return f"agent {agent}'s break ({reason}) is withdrawn" + (f" by {by}" if by else "")
        case "began":
            leave = "" if detail.get("leave", True) else ", without leave"
            return f"agent {agent} begins a break ({reason}) of {clock(detail.get('for_s') or 0)}{leave}"
        case "overdue":
            return f"agent {agent} is not back from the break ({reason}) in time"
        case "ended":
            late = f", {clock(detail['over_s'])} too long" if detail.get("over_s") else ""
            return f"agent {agent} is back from the break ({reason}) after {clock(detail.get('lasted_s') or 0)}{late}"
        case "due":
            return f"agent {agent} has worked {clock(detail.get('worked_s') or 0)} without a rest"
        case other:
            return f"agent {agent}: break {other or ''}"


def break_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind BREAK."""
    by, reason = str(detail.get("by") or ""), str(detail.get("reason", ""))
    match detail.get("state"):
        case "asked":
            waits = WAITS_ZH.get(str(detail.get("waits")), "")
            return f"座席 {agent} 申请休息（{reason}）" + (f"，等待中：{waits}" if waits else "")
        case "granted":
            return f"座席 {agent} 的休息（{reason}）已获批准" + (f"，批准人：{by}" if by else "")
        case "declined":
            why = f"：{detail['why']}" if detail.get("why") else ""
            return f"{by or _SUPERVISOR_ZH} 未批准座席 {agent} 的休息（{reason}）{why}"
        case "withdrawn":
            return f"座席 {agent} 的休息（{reason}）已撤销" + (f"，操作人：{by}" if by else "")
        case "began":
            leave = "" if detail.get("leave", True) else "，未经批准"
            return f"座席 {agent} 开始休息（{reason}），时长 {clock(detail.get('for_s') or 0)}{leave}"
        case "overdue":
            return f"座席 {agent} 休息（{reason}）超时未归"
        case "ended":
            late = f"，超时 {clock(detail['over_s'])}" if detail.get("over_s") else ""
            return f"座席 {agent} 结束休息（{reason}），历时 {clock(detail.get('lasted_s') or 0)}{late}"
        case "due":
            return f"座席 {agent} 已连续工作 {clock(detail.get('worked_s') or 0)} 未休息"
        case other:
            return f"座席 {agent}：休息 {other or ''}"


def message_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind AGENT_MESSAGE."""
    by = str(detail.get("by") or "")
    match detail.get("state"):
        case "sent":
            to = ", ".join(
                [*map(str, detail.get("agents") or ()), *(f"team {team}" for team in detail.get("teams") or ())]
            )
            return f"{by or _SUPERVISOR_EN} writes to {to or 'all agents'}: {detail.get('text', '')}"
        case "seen":
            return f"agent {agent} has acknowledged message {detail.get('message', '')}"
        case "ended":
            how = f"withdrawn by {by}" if by else "over"
            return f"message {detail.get('message', '')} is {how}; acknowledged by {detail.get('seen', 0)}"
        case other:
            return f"message {detail.get('message', '')} {other or ''}"


def message_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind AGENT_MESSAGE."""
    by = str(detail.get("by") or "")
    match detail.get("state"):
        case "sent":
            to = "、".join(
                [*map(str, detail.get("agents") or ()), *(f"{team} 组" for team in detail.get("teams") or ())]
            )
            return f"{by or _SUPERVISOR_ZH} 向 {to or '全体座席'} 发送消息：{detail.get('text', '')}"
        case "seen":
            return f"座席 {agent} 已确认消息 {detail.get('message', '')}"
        case "ended":
            how = f"由 {by} 撤回" if by else "已到期"
            return f"消息 {detail.get('message', '')} {how}，{detail.get('seen', 0)} 人已确认"
        case other:
            return f"消息 {detail.get('message', '')} {other or ''}"


def help_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind HELP."""
    if detail.get("state") == "asked":
        return f"agent {agent} asks for help" + (f": {detail['note']}" if detail.get("note") else "")
    by = f", taken care of by {detail['by']}" if detail.get("by") else ""
    return f"agent {agent} no longer asks for help{by}"


def help_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind HELP."""
    if detail.get("state") == "asked":
        return f"座席 {agent} 请求协助" + (f"：{detail['note']}" if detail.get("note") else "")
    by = f"，{detail['by']} 已处理" if detail.get("by") else ""
    return f"座席 {agent} 的协助请求已结束{by}"


def agent_queue_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind AGENT_QUEUE."""
    by = f", by {detail['by']}" if detail.get("by") else ""
    if detail.get("state") == "left":
        return f"agent {agent} takes no calls of queue {queue} ({detail.get('reason', '')}){by}"
    return f"agent {agent} takes calls of queue {queue} again{by}"


def agent_queue_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind AGENT_QUEUE."""
    by = f"，操作人：{detail['by']}" if detail.get("by") else ""
    if detail.get("state") == "left":
        return f"座席 {agent} 暂停接听队列 {queue}（{detail.get('reason', '')}）{by}"
    return f"座席 {agent} 恢复接听队列 {queue}{by}"


def missed_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind MISSED_CALLER."""
    by = detail.get("by") or _SUPERVISOR_EN
    note = f": {detail['note']}" if detail.get("note") else ""
    if detail.get("state") == "called back":
        return f"{by} has the missed caller called back{note}"
    return f"{by} has dealt with the missed caller{note}"


def missed_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind MISSED_CALLER."""
    by = detail.get("by") or _SUPERVISOR_ZH
    note = f"：{detail['note']}" if detail.get("note") else ""
    if detail.get("state") == "called back":
        return f"{by} 已为此未接来电安排回电{note}"
    return f"{by} 已处理此未接来电{note}"
