"""A row of the call log in Chinese."""

from collections.abc import Callable

from acd.engine.commands import Kind
from acd.words import faults, listening, lookups, masking, promises, supervision, surveys, thresholds, trunks
from acd.words import line_zh as lines
from acd.words import transfers_zh as transfers
from acd.words.alarm_details_zh import detail_in_chinese
from acd.words.alarm_titles import title
from acd.words.alarms import ALARMS
from acd.words.menus import menu_path
from acd.words.numbers import (
    AT_ONCE_S,
    Detail,
    again,
    alternatives,
    clock,
    levels,
    listed,
    masked,
    moment,
    required,
    seconds,
    tenths,
    who_calls,
)
from acd.words.recording_reasons import in_chinese
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
ALL = "技能符合的全部队列"
"""Where an agent is kept to no queues."""


def _because(detail: Detail) -> str:
    reason = str(detail.get("reason") or "")
    return f"（{CALLBACK_REASONS.get(reason, reason)}）" if reason else ""


def _arrived(agent: str, queue: str, detail: Detail) -> str:
    words = f"{CALLERS.get(who_calls(detail), who_calls(detail))} 拨打 {detail.get('dialled', '')}"
    words += f"（品牌 {detail['brand']}）" if detail.get("brand") else ""
    words += f"，经中继 {detail['trunk']}" if detail.get("trunk") else ""
    return words + (f"；运营商认证：{identity(str(detail['identity']), 'zh')}" if detail.get("identity") else "")


def _customer(agent: str, queue: str, detail: Detail) -> str:
    words = f"识别为客户 {detail.get('customer', '')}"
    words += f"，等级 {detail['class']}" if detail.get("class") else ""
    words += "，要求勿扰" if detail.get("do_not_call") else ""
    if detail.get("complaint_owner"):
        ticket = f" {detail['complaint_ticket']}" if detail.get("complaint_ticket") else ""
        words += f"；未结投诉{ticket}由座席 {detail['complaint_owner']} 负责"
    return words + (f"；转到“{queue}”队列等待" if detail.get("moved_from") else "")


def _queued(agent: str, queue: str, detail: Detail) -> str:
    words = f"请求人工服务，进入“{queue}”队列"
    if detail.get("returned_s") is not None:
        words += f"，恢复 {clock(detail['returned_s'])} 前放弃的排队位置"
    if detail.get("continues"):
        words += f"，此前掉线，接续来电 {detail['continues']}"
    if detail.get("class"):
        words += f"，客户等级 {detail['class']}"
    if detail.get("priority"):
        words += f"，优先级 {detail['priority']}"
    if detail.get("p90_s"):  # else an able agent is idle
        words += f"，排队位置 {detail.get('position', 1)}；预计等待 {clock(detail.get('median_s') or 0)} 至 {clock(detail['p90_s'])}"
    return words


def _offered(agent: str, queue: str, detail: Detail) -> str:
    rule = str(detail.get("rule", ""))
    rows = f"；已生效溢出规则：{listed(detail['rows'], '', '、')}" if detail.get("rows") else ""
    return f"等待 {seconds(detail, 'waited_s', 'zh')}后分配给座席 {agent}（{RULES.get(rule, rule)}{rows}）"


def _connected(agent: str, detail: Detail) -> str:
    """A caller who had waited before: how long this time, and since they first asked."""
    whole, again_s = seconds(detail, "wait_s", "zh"), again(detail)
    if again_s is None:
        return f"等待 {whole}后与座席 {agent} 通话"
    if again_s < AT_ONCE_S:
        return f"直接与座席 {agent} 通话"
    return f"再次等待 {tenths(again_s)} 秒后与座席 {agent} 通话（自首次请求起 {whole}）"


def deed(detail: Detail) -> str:
    """What a row of the policy did."""
    match detail.get("do"):
        case "lower-skill":
            return f"放宽技能等级（{levels(required(detail), '、') or '不再要求技能'}）"
        case "add-queue":
            return f"同时分配给“{listed(alternatives(detail), '其他', '”“')}”队列的座席"
        case "raise-priority":
            return f"优先级提升为 {detail.get('priority', '')}"
        case "move":
            return f"转入“{detail.get('queue', '')}”队列"
        case "offer-callback":
            return "询问客户是否需要回电"
        case "voicemail":
            return "请客户留言"
        case "number":
            return f"转往 {masked(str(detail.get('number', '')))}"
        case other:
            return str(other or "")


def _overflow(agent: str, queue: str, detail: Detail) -> str:
    if detail.get("when") == "key":
        return f"等待 {clock(detail.get('waited_s') or 0)} 后按键：{deed(detail)}"
    words = f"“{queue}”队列溢出规则第 {detail.get('row', '')} 条：{deed(detail)}"
    when = str(detail.get("when", ""))
    words += f"；条件：{WHEN.get(when, when)}，已等待 {clock(detail.get('waited_s') or 0)}" if when else ""
    refused = str(detail.get("refused") or "")
    words += f"；未执行：{CALLS_OUT.get(refused, refused)}" if refused else ""
    return words + (f"；原因：{detail['why']}" if detail.get("why") else "")


def _over(detail: Detail) -> str:
    """Which trunk carried a call out, and what its carrier answered where it did not."""
    code = f"，SIP {detail['code']}" if detail.get("code") else ""
    return f"（中继 {detail['trunk']}{code}）" if detail.get("trunk") else ""


def _callback(agent: str, queue: str, detail: Detail) -> str:
    number = masked(str(detail.get("number", "")))
    match detail.get("state"):
        case "accepted":
            return f"接受回电 {number}，挂机后保留排队位置"
        case "calling":
            reserved = f"，为其预留座席 {agent}" if agent else ""
            return f"正在回电 {number}，第 {detail.get('attempt', 1)} 次{reserved}"
        case "answered":
            return f"客户接听了回电{_over(detail)}"
        case "failed":
            return f"第 {detail.get('attempt', 1)} 次回电未成功{_because(detail)}{_over(detail)}"
        case "given up":
            return f"不再回电{_because(detail)}"
        case "held back":
            return f"回电推迟，最早 {moment(detail, 'until')}{_because(detail)}"
        case "refused":
            return f"不能回电 {number}{_because(detail)}"
        case "not offered":
            return f"未询问是否需要回电{_because(detail)}"
        case other:
            return f"回电 {other or ''}"


def _operator(agent: str, queue: str, detail: Detail) -> str:
    who = str(detail.get("by") or "") or "值班人员"
    was, now = detail.get("was"), detail.get("now")
    match detail.get("did"):
        case "priority":
            return f"{who} 将此来电的优先级由 {was} 改为 {now}"
        case "moved":
            return f"{who} 将此来电由“{was}”队列转到“{now}”队列"
        case "withdrawn":
            return f"{who} 结束了此来电的排队{_because(detail)}"
        case "hung up":
            return f"{who} 强制结束通话：向客户播报后挂断{_because(detail)}"
        case "queue closed":
            return f"{who} 暂停“{queue}”队列接入：不再接入新来电，已在排队的客户继续服务"
        case "queue opened":
            return f"{who} 恢复“{queue}”队列接入"
        case "hours set":
            return f"{who} 设置{f'“{queue}”队列' if queue else '热线'}的服务时间：{_hours(detail)}"
        case "agent moved":
            return f"{who} 调整座席 {agent}：接听 {listed(now, ALL, '、')}（此前：{listed(was, ALL, '、')}）"
        case other:
            return f"{who}：{other or ''}"


def _hours(detail: Detail) -> str:
    if "until" not in detail:
        return "恢复按服务时间表"
    now = "开放" if detail.get("now") == "open" else "关闭"
    said = detail.get("zh") or detail.get("en")
    return f"{now}至 {detail.get('local') or detail['until']}{f'，向客户播报：{said}' if said else ''}"


def _returned(agent: str, queue: str, detail: Detail) -> str:
    """Why the caller is in the queue again: an offer's outcome, or what resync found."""
    reason = str(detail.get("reason", ""))
    return f"重新在“{queue}”队列中等待：{OUTCOMES.get(reason) or RETURNED.get(reason, reason)}"


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
    places = f"（{listed(detail['places'], '', '、')}）" if detail.get("places") else ""
    times = f"，{detail['times']} 次" if int(detail.get("times") or 0) > 1 else ""
    return f"{HABITS.get(habit, habit)}{places}{times}"


def _alarm(agent: str, detail: Detail) -> str:
    if not detail.get("habit"):
        name = str(detail.get("name", ""))
        return f"{ALARMS.get(name, name)}：{detail_in_chinese(name, str(detail.get('detail', '')))}"
    out = "；座席已转为示忙" if detail.get("name") == "telephone refuses" else ""
    return f"座席 {agent} 话机{_habit(detail)}{out}"


def alarm(agent: str, detail: Detail) -> str:
    """What an alarm says, and what to do about it."""
    return (
        trunks.alarm(detail, "zh")
        or promises.late_alarm(detail, "zh")
        or thresholds.alarm(detail, "zh")
        or _alarm(agent, detail)
    )


def _named(detail: Detail) -> str:
    name = str(detail.get("name", ""))
    about = f"（{detail['subject']}）" if detail.get("subject") else ""
    return f"{title(name, 'zh')}{about}"


SENTENCES: dict[Kind, Sentence] = {
    Kind.ARRIVED: _arrived,
    Kind.CUSTOMER: _customer,
    Kind.MENU: lambda a, q, d: f"菜单：{menu_path(str(d['path']), 'zh')}" if d.get("path") else "在菜单中挂断",
    Kind.QUEUED: _queued,
    Kind.KEPT: lambda a, q, d: (
        f"为座席 {a} 保留 {clock(d.get('for_s') or 0)}（{KEPT_FOR.get(str(d.get('why')), str(d.get('why', '')))}）"
    ),
    Kind.OVERFLOW: _overflow,
    Kind.CALLBACK: _callback,
    Kind.PROMISE: promises.promise_zh,
    Kind.SENT_ON: lambda a, q, d: f"{masked(str(d.get('number', ''))) or '其他号码'} 已接听{_over(d)}",
    Kind.MESSAGE: lambda a, q, d: f"留言 {clock(d.get('seconds') or 0)}",
    Kind.OPERATOR: _operator,
    Kind.CONFIGURATION: lambda a, q, d: (
        f"配置第 {d.get('version', '')} 版生效（{d.get('by') or '系统'}）："
        f"{d.get('queues', 0)} 个队列，{d.get('agents', 0)} 位座席"
    ),
    Kind.OFFERED: _offered,
    Kind.RINGING: lambda a, q, d: f"座席 {a} 话机振铃",
    Kind.ANSWERED: lambda a, q, d: f"座席 {a} 在第 {d.get('rings', '?')} 声振铃时摘机",
    Kind.CONNECTED: lambda a, q, d: _connected(a, d),
    Kind.OFFER_ENDED: lambda a, q, d: f"座席 {a} {OUTCOMES.get(str(d.get('outcome')), str(d.get('outcome')))}",
    Kind.CROSSED: lambda a, q, d: f"座席 {a} 摘机与取消振铃同时发生",
    Kind.RETURNED: _returned,
    Kind.TALK_ENDED: lambda a, q, d: (
        f"与座席 {a} 通话 {seconds(d, 'talk_s', 'zh')}{_apart(d)}后结束，{ENDED_BY.get(str(d.get('by')), '')}"
    ),
    Kind.TRANSFER: transfers.transfer,
    Kind.HOLD: transfers.hold,
    Kind.MUTED: transfers.muted,
    Kind.MASK: masking.mask_zh,
    Kind.LISTENING: listening.listening_zh,
    Kind.CONSULT_ENDED: transfers.consult_ended,
    Kind.CARD: transfers.card,
    Kind.LOOKED_UP: lookups.looked_up_zh,
    Kind.STORY_CALL: faults.story_call_zh,
    Kind.FAULT: faults.fault_zh,
    Kind.ANSWER_TOLD: lookups.answer_told_zh,
    Kind.SURVEY: surveys.survey_zh,
    Kind.BREAK: supervision.break_zh,
    Kind.AGENT_MESSAGE: supervision.message_zh,
    Kind.HELP: supervision.help_zh,
    Kind.MISSED_CALLER: supervision.missed_zh,
    Kind.AGENT_QUEUE: supervision.agent_queue_zh,
    Kind.ENDED: lambda a, q, d: f"来电结束：{ENDINGS.get(str(d.get('ending')), str(d.get('ending', '')))}",
    Kind.AGENT_STATE: lambda a, q, d: (
        f"座席 {a} {STATES.get(str(d.get('state')), str(d.get('state', '')))}"
        + (f"（{PHONE_REASONS.get(d['reason'], d['reason'])}）" if d.get("reason") else "")
    ),
    Kind.PHONE: lambda a, q, d: _phone(a, d),
    Kind.DECLINED: lambda a, q, d: "客户不同意录音，本次通话不录音",
    Kind.RECORDED: lambda a, q, d: _recorded(d),
    Kind.LINE: lines.line,
    Kind.LEG_QUALITY: lines.leg_quality,
    Kind.ALARM: lambda a, q, d: f"告警 {alarm(a, d)}",
    Kind.ALARM_SEEN: lambda a, q, d: f"{d.get('by', '')} 已确认告警：{_named(d)}",
    Kind.ALARM_CLEARED: lambda a, q, d: f"告警解除：{_named(d)}" + (f"（由 {d['by']} 解除）" if d.get("by") else ""),
    Kind.PBX: lambda a, q, d: f"Asterisk：{d.get('state', '')}",
    Kind.IGNORED: lambda a, q, d: (
        f"忽略 {d.get('event', '')}：{LEFT_OUT.get(str(d.get('why')), str(d.get('why', '')))}"
    ),
}


def _apart(detail: Detail) -> str:
    """How long the caller was on hold meanwhile, for itself and for a consult."""
    parts = ((detail.get("hold_s"), "保持"), (detail.get("consult_s"), "咨询"))
    told = [f"{what} {clock(lasted)}" for lasted, what in parts if lasted]
    return f"（另{'、'.join(told)}）" if told else ""


def _recorded(detail: Detail) -> str:
    whole = bool(detail.get("complete"))
    if whole and not detail.get("path"):
        return "咨询通话，按配置不录音" if detail.get("reason") else "通话过短，无录音"
    verdict = "完整" if whole else f"不完整：{in_chinese(str(detail.get('reason', '')))}"
    return f"录音已归档，{seconds(detail, 'seconds', 'zh')}，{verdict}"
