"""A row of the call log in Chinese."""

from collections.abc import Callable

from acd.engine.commands import Kind
from acd.words import line_zh as lines
from acd.words import thresholds, trunks
from acd.words import transfers_zh as transfers
from acd.words.alarms import ALARMS, title
from acd.words.numbers import Detail, alternatives, clock, levels, listed, masked, required, seconds, who_calls
from acd.words.terms import (
    CALLBACK_REASONS,
    CALLERS,
    CALLS_OUT,
    ENDED_BY,
    ENDINGS,
    HABITS,
    KEPT_FOR,
    LEFT_OUT,
    OUTCOMES,
    PHONE_REASONS,
    PHONE_TESTS,
    RETURNED,
    RULES,
    STATES,
    WHEN,
    identity,
)

Sentence = Callable[[str, str, Detail], str]
"""(agent, queue, detail) to words."""


def _because(detail: Detail) -> str:
    reason = str(detail.get("reason") or "")
    return f"({CALLBACK_REASONS.get(reason, reason)})" if reason else ""


def _arrived(agent: str, queue: str, detail: Detail) -> str:
    words = f"{CALLERS.get(who_calls(detail), who_calls(detail))} 拨打 {detail.get('dialled', '')}"
    words += f",经中继 {detail['trunk']}" if detail.get("trunk") else ""
    return words + (f";运营商认证:{identity(str(detail['identity']), 'zh')}" if detail.get("identity") else "")


def _queued(agent: str, queue: str, detail: Detail) -> str:
    words = f"请求人工服务,进入队列 {queue}"
    if detail.get("returned_s") is not None:
        words += f",恢复 {clock(detail['returned_s'])} 前放弃的位次"
    if detail.get("continues"):
        words += f",此前掉线,接续来电 {detail['continues']}"
    if detail.get("priority"):
        words += f",优先级 {detail['priority']}"
    if detail.get("p90_s"):  # else an able agent is idle
        words += f",排第 {detail.get('position', 1)} 位;预计等待 {clock(detail.get('median_s') or 0)} 至 {clock(detail['p90_s'])}"
    return words


def _offered(agent: str, queue: str, detail: Detail) -> str:
    rule = str(detail.get("rule", ""))
    rows = f";已生效策略行:{listed(detail['rows'], '')}" if detail.get("rows") else ""
    return f"等待 {seconds(detail, 'waited_s')} 后派给座席 {agent}({RULES.get(rule, rule)}{rows})"


def deed(detail: Detail) -> str:
    """What a row of the policy did."""
    match detail.get("do"):
        case "lower-skill":
            return f"放宽技能等级({levels(required(detail)) or '不再要求技能'})"
        case "add-queue":
            return f"同时询问队列 {listed(alternatives(detail), '其他队列')} 的座席"
        case "raise-priority":
            return f"优先级提升为 {detail.get('priority', '')}"
        case "move":
            return f"转入队列 {detail.get('queue', '')}"
        case "offer-callback":
            return "询问客户是否需要回电"
        case "voicemail":
            return "请客户留言"
        case "number":
            return f"转往 {masked(str(detail.get('number', '')))}"
        case other:
            return str(other or "")


def _overflow(agent: str, queue: str, detail: Detail) -> str:
    words = f"队列 {queue} 策略第 {detail.get('row', '')} 行:{deed(detail)}"
    when = str(detail.get("when", ""))
    words += f";条件:{WHEN.get(when, when)},已等待 {clock(detail.get('waited_s') or 0)}" if when else ""
    refused = str(detail.get("refused") or "")
    words += f";未执行:{CALLS_OUT.get(refused, refused)}" if refused else ""
    return words + (f";原因:{detail['why']}" if detail.get("why") else "")


def _over(detail: Detail) -> str:
    """Which trunk carried a call out, and what its carrier answered where it did not."""
    code = f",SIP {detail['code']}" if detail.get("code") else ""
    return f"(中继 {detail['trunk']}{code})" if detail.get("trunk") else ""


def _callback(agent: str, queue: str, detail: Detail) -> str:
    number = masked(str(detail.get("number", "")))
    match detail.get("state"):
        case "accepted":
            return f"接受回电 {number},挂机后保留位次"
        case "calling":
            reserved = f",为其预留座席 {agent}" if agent else ""
            return f"正在回电 {number},第 {detail.get('attempt', 1)} 次{reserved}"
        case "answered":
            return f"客户接听了回电{_over(detail)}"
        case "failed":
            return f"第 {detail.get('attempt', 1)} 次回电未成功{_because(detail)}{_over(detail)}"
        case "given up":
            return f"不再回电{_because(detail)}"
        case "held back":
            return f"回电推迟,最早 {str(detail.get('until', ''))[:16].replace('T', ' ')} UTC{_because(detail)}"
        case "refused":
            return f"不能回电 {number}{_because(detail)}"
        case "not offered":
            return f"未询问是否需要回电{_because(detail)}"
        case other:
            return f"回电 {other or ''}"


def _operator(agent: str, queue: str, detail: Detail) -> str:
    who = str(detail.get("by") or "") or "管理员"
    was, now = detail.get("was"), detail.get("now")
    match detail.get("did"):
        case "priority":
            return f"{who} 将此来电的优先级由 {was} 改为 {now}"
        case "moved":
            return f"{who} 将此来电由队列 {was} 移至 {now}"
        case "withdrawn":
            return f"{who} 将此来电撤出队列{_because(detail)}"
        case "hung up":
            return f"{who} 强制结束通话:向客户播报后挂断{_because(detail)}"
        case "queue closed":
            return f"{who} 关闭队列 {queue}:不再接纳新来电,已排队者继续服务"
        case "queue opened":
            return f"{who} 开放队列 {queue}"
        case "agent moved":
            return (
                f"{who} 调整座席 {agent}:接听 {listed(now, '全部能处理的队列')}(此前:{listed(was, '全部能处理的队列')})"
            )
        case other:
            return f"{who}:{other or ''}"


def _returned(agent: str, queue: str, detail: Detail) -> str:
    """Why the caller is in the queue again: an offer's outcome, or what resync found."""
    reason = str(detail.get("reason", ""))
    return f"重新在队列 {queue} 中等待:{OUTCOMES.get(reason) or RETURNED.get(reason, reason)}"


def _phone(agent: str, detail: Detail) -> str:
    if "test" in detail:
        return f"座席 {agent} 话机{PHONE_TESTS.get(str(detail['test']), str(detail['test']))}"
    if "habit" not in detail:
        return f"座席 {agent} 话机{'可达' if detail.get('reachable') else '不可达'}"
    return f"座席 {agent} 话机{_habit(detail) or '恢复接听来电'}"


def _habit(detail: Detail) -> str:
    """What a telephone does, how often and where; empty: nothing any more."""
    habit = str(detail.get("habit") or "")
    if not habit:
        return ""
    places = f"({listed(detail['places'], '')})" if detail.get("places") else ""
    times = f",{detail['times']} 次" if int(detail.get("times") or 0) > 1 else ""
    return f"{HABITS.get(habit, habit)}{places}{times}"


def _alarm(agent: str, detail: Detail) -> str:
    if not detail.get("habit"):
        name = str(detail.get("name", ""))
        return f"{ALARMS.get(name, name)}:{detail.get('detail', '')}"
    out = ";座席已转为示忙" if detail.get("name") == "telephone refuses" else ""
    return f"座席 {agent} 话机{_habit(detail)}{out}"


def alarm(agent: str, detail: Detail) -> str:
    """What an alarm says, and what to do about it."""
    return trunks.alarm(detail, "zh") or thresholds.alarm(detail, "zh") or _alarm(agent, detail)


def _named(detail: Detail) -> str:
    name = str(detail.get("name", ""))
    about = f"({detail['subject']})" if detail.get("subject") else ""
    return f"{title(name, 'zh')}{about}"


SENTENCES: dict[Kind, Sentence] = {
    Kind.ARRIVED: _arrived,
    Kind.MENU: lambda a, q, d: f"菜单按键:{d.get('path', '')}",
    Kind.QUEUED: _queued,
    Kind.KEPT: lambda a, q, d: (
        f"为座席 {a} 保留 {clock(d.get('for_s') or 0)}({KEPT_FOR.get(str(d.get('why')), str(d.get('why', '')))})"
    ),
    Kind.OVERFLOW: _overflow,
    Kind.CALLBACK: _callback,
    Kind.SENT_ON: lambda a, q, d: f"{masked(str(d.get('number', ''))) or '其他号码'} 已接听{_over(d)}",
    Kind.MESSAGE: lambda a, q, d: f"留言 {clock(d.get('seconds') or 0)}",
    Kind.OPERATOR: _operator,
    Kind.CONFIGURATION: lambda a, q, d: (
        f"配置第 {d.get('version', '')} 版生效({d.get('by') or '系统'}):"
        f"{d.get('queues', 0)} 个队列,{d.get('agents', 0)} 位座席"
    ),
    Kind.OFFERED: _offered,
    Kind.RINGING: lambda a, q, d: f"座席 {a} 话机振铃",
    Kind.ANSWERED: lambda a, q, d: f"座席 {a} 在第 {d.get('rings', '?')} 声响铃时摘机",
    Kind.CONNECTED: lambda a, q, d: f"等待 {seconds(d, 'wait_s')} 后与座席 {a} 通话",
    Kind.OFFER_ENDED: lambda a, q, d: f"座席 {a} {OUTCOMES.get(str(d.get('outcome')), str(d.get('outcome')))}",
    Kind.CROSSED: lambda a, q, d: f"座席 {a} 摘机与收回派单同时发生",
    Kind.RETURNED: _returned,
    Kind.TALK_ENDED: lambda a, q, d: (
        f"与座席 {a} 通话 {seconds(d, 'talk_s')}{_apart(d)} 后结束,{ENDED_BY.get(str(d.get('by')), '')}"
    ),
    Kind.TRANSFER: transfers.transfer,
    Kind.HOLD: transfers.hold,
    Kind.MUTED: transfers.muted,
    Kind.CONSULT_ENDED: transfers.consult_ended,
    Kind.CARD: transfers.card,
    Kind.ENDED: lambda a, q, d: f"来电结束:{ENDINGS.get(str(d.get('ending')), str(d.get('ending', '')))}",
    Kind.AGENT_STATE: lambda a, q, d: (
        f"座席 {a} {STATES.get(str(d.get('state')), str(d.get('state', '')))}"
        + (f"({PHONE_REASONS.get(d['reason'], d['reason'])})" if d.get("reason") else "")
    ),
    Kind.PHONE: lambda a, q, d: _phone(a, d),
    Kind.RECORDED: lambda a, q, d: _recorded(d),
    Kind.LINE: lines.line,
    Kind.LEG_QUALITY: lines.leg_quality,
    Kind.ALARM: lambda a, q, d: f"告警 {alarm(a, d)}",
    Kind.ALARM_SEEN: lambda a, q, d: f"{d.get('by', '')} 已确认告警:{_named(d)}",
    Kind.ALARM_CLEARED: lambda a, q, d: f"告警解除:{_named(d)}" + (f"(由 {d['by']} 解除)" if d.get("by") else ""),
    Kind.PBX: lambda a, q, d: f"Asterisk:{d.get('state', '')}",
    Kind.IGNORED: lambda a, q, d: f"略去 {d.get('event', '')}:{LEFT_OUT.get(str(d.get('why')), str(d.get('why', '')))}",
}


def _apart(detail: Detail) -> str:
    """How long the caller was on hold meanwhile, for itself and for a consult."""
    parts = ((detail.get("hold_s"), "保持"), (detail.get("consult_s"), "商谈"))
    told = [f"{what} {clock(lasted)}" for lasted, what in parts if lasted]
    return f"(另{'、'.join(told)})" if told else ""


def _recorded(detail: Detail) -> str:
    whole = bool(detail.get("complete"))
    if whole and not detail.get("path"):
        return "商谈,按配置不录音" if detail.get("reason") else "通话过短,无录音"
    verdict = "完整" if whole else f"不完整:{detail.get('reason', '')}"
    return f"录音已归档,{seconds(detail, 'seconds')},{verdict}"
