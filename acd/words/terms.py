"""The engine's own words, one by one, in Chinese; in English where a page says them otherwise than the log.

A word that no table has is shown as it is: the engine may learn one before this file does.
"""

from collections.abc import Mapping

from acd.engine.commands import Ending, Outcome

OUTCOMES_EN: Mapping[str, str] = {
    Outcome.ANSWERED: "answered",
    Outcome.RING_NO_ANSWER: "did not answer",
    Outcome.REJECTED: "declined",
    Outcome.BUSY: "was busy",
    Outcome.FORWARDED: "has a phone that forwards calls; the forwarding was not followed",
    Outcome.UNREACHABLE: "has a phone that does not respond",
    Outcome.NOT_DIALLED: "was never dialled",
    Outcome.FAILED: "could not be rung",
    Outcome.CALLER_LEFT: "was ringing when the caller hung up",
    Outcome.TAKEN_BACK: "is no longer rung",
    Outcome.LOST: "was lost before being connected",
    Outcome.NOT_REACHED: "is no longer reserved: the customer of the callback was not reached",
    Outcome.CONSULTED: "was consulted, without a transfer",
}
OUTCOMES: Mapping[str, str] = {
    Outcome.ANSWERED: "已接听",
    Outcome.RING_NO_ANSWER: "振铃未接",
    Outcome.REJECTED: "拒接",
    Outcome.BUSY: "忙线",
    Outcome.FORWARDED: "话机设置了呼叫转移，未予执行",
    Outcome.UNREACHABLE: "话机无响应",
    Outcome.NOT_DIALLED: "未能呼出",
    Outcome.FAILED: "呼叫失败",
    Outcome.CALLER_LEFT: "振铃时客户已挂机",
    Outcome.TAKEN_BACK: "振铃已取消",
    Outcome.LOST: "接通前中断",
    Outcome.NOT_REACHED: "不再预留：回电客户未接通",
    Outcome.CONSULTED: "已咨询，来电未转接",
}
HABITS_EN: Mapping[str, str] = {
    "forwards": "forwards calls elsewhere; the forwarding was not followed",
    "do-not-disturb": "refuses calls without ringing (do not disturb, or in use)",
    "declines": "rang and the call was declined",
    "fails": "answers calls with an error",
    "no-sign": "does not respond when it is called",
    "hangs-up": "answers and hangs up at once",
    "no-sound": "sent no sound, so the call was ended",
    "muted": "sends no sound during a call (muted)",
    "no-voice": "has no agent's voice in the recordings",
    "answers-itself": "answers automatically",
    "two-places": "is registered from two places in turn",
    "gone": "was unreachable for too long: the agent is logged out",
}
"""What a telephone does (telephones.HABITS), after "agent 1003's phone"."""
HABITS: Mapping[str, str] = {
    "forwards": "设置了呼叫转移，未予执行",
    "do-not-disturb": "不振铃即拒绝来电（免打扰或占用中）",
    "declines": "振铃后被拒接",
    "fails": "应答来电时出错",
    "no-sign": "呼叫时无任何响应",
    "hangs-up": "接起后立即挂断",
    "no-sound": "没有声音，通话因此中断",
    "muted": "通话中没有声音（静音）",
    "no-voice": "录音中听不到座席声音",
    "answers-itself": "自动应答",
    "two-places": "有两部，轮流注册",
    "gone": "不可达时间过长，座席已被签出",
}
PHONE_REASONS_EN: Mapping[str, str] = {
    "phone-refuses": "the telephone refuses calls",
    "phone-test": "the telephone is being tested",
    "phone-gone": "the telephone was unreachable for too long",
}
"""Reasons of a state that the engine has set, beside "ring no answer"."""
PHONE_REASONS: Mapping[str, str] = {
    "phone-refuses": "话机拒绝来电",
    "phone-test": "话机测试中",
    "phone-gone": "话机长时间不可达",
}
PHONE_TESTS_EN: Mapping[str, str] = {
    "under way": "rings for a test",
    "answered": "has passed the test: it was answered",
    "busy": "has failed the test: busy",
    "rejected": "has failed the test: declined",
    "forwarded": "has failed the test: it forwards calls",
    "unreachable": "has failed the test: it does not respond",
    "ring no answer": "has failed the test: it was not answered",
    "failed": "has failed the test: it answers with an error",
}
PHONE_TESTS: Mapping[str, str] = {
    "under way": "测试振铃中",
    "answered": "测试通过：已接听",
    "busy": "测试未通过：忙线",
    "rejected": "测试未通过：拒接",
    "forwarded": "测试未通过：设置了呼叫转移",
    "unreachable": "测试未通过：无响应",
    "ring no answer": "测试未通过：无人接听",
    "failed": "测试未通过：应答出错",
}
IDENTITY_EN: Mapping[str, str] = {
    "passed": "the number was verified",
    "failed": "verification of the number failed; it may be forged",
    "unchecked": "the number was not verified",
    "attested": "attested by the carrier where the call began",
    "a": "the caller may use it",
    "b": "the caller is known there, the number is not",
    "c": "neither caller nor number is known there",
}
IDENTITY: Mapping[str, str] = {
    "passed": "号码已验证",
    "failed": "号码验证未通过",
    "unchecked": "号码未经验证",
    "attested": "由始发运营商声明",
    "a": "有权使用该号码",
    "b": "主叫已知，号码未知",
    "c": "主叫与号码均未知",
}
CALLERS: Mapping[str, str] = {"unknown": "无号码的客户", "withheld": "隐藏号码的客户"}
"""What stands in the place of a caller's number."""
STATES: Mapping[str, str] = {
    "logged out": "签出",
    "not ready": "示忙",
    "unreachable": "话机不可达",
    "idle": "空闲",
    "reserved": "预留",
    "ringing": "振铃",
    "talking": "通话中",
    "hold": "保持中",
    "consult": "咨询中",
    "wrap-up": "话后处理",
}
ENDINGS: Mapping[str, str] = {
    Ending.ANSWERED: "已由人工接听",
    Ending.SERVED: "自助服务完成",
    Ending.TURNED_AWAY: "播报后挂断",
    Ending.ABANDONED_IVR: "菜单中挂断",
    Ending.ABANDONED_QUEUE: "排队中放弃",
    Ending.ABANDONED_RINGING: "振铃时放弃",
    Ending.SENT_ON: "已转往其他号码",
    Ending.MESSAGE: "已留言",
    Ending.WITHDRAWN: "由值班人员结束排队",
    Ending.NOT_REACHED: "回电未接通",
    Ending.LOST: "因故障中断",
}
RULES: Mapping[str, str] = {
    "longest idle of the able": "技能符合的座席中空闲最久",
    "least occupied of the able": "技能符合的座席中占用率最低",
    "most skilled of the able": "技能符合的座席中技能等级最高",
    "owns the matter: asked first": "负责此事项，优先分配",
    "served this caller last: asked first": "上次接待此客户，优先分配",
    "served this caller first: asked first": "首次接待此客户，优先分配",
    "had this caller when the line dropped: asked first": "掉线前接待此客户，优先分配",
    "the caller is handed over to him": "来电转给此座席",
    "the transfer came to nothing: gets his caller back": "转接未成功，来电回到原座席",
    "is consulted by the agent who has the caller": "由当前座席发起咨询",
    "first in line when the agent came free": "座席空闲时，该来电排在队首",
    "nobody else is able and free: asked again": "无其他空闲座席，再次分配",
    "found talking: connected while nothing could be heard of it": "重连时已在通话",
}
STRATEGIES: Mapping[str, str] = {
    "longest-idle": "空闲最久优先",
    "least-occupied": "占用率最低优先",
    "best-skilled": "技能等级最高优先",
}
VERDICTS: Mapping[str, str] = {
    "chosen": "选中",
    "idle for less long": "空闲时间较短",
    "less preferred skill": "优先技能的等级较低",
    "serves more queues": "负责的队列较多",
    "more occupied": "占用率较高",
    "less skilled": "技能等级较低",
    "did not take this call before": "此前未接此来电",
    "paused after sending it away": "拒接此来电后暂缓",
    "does not know the caller": "未接待过此客户",
    "lacks a skill": "技能不符",
    "of another brand": "属于其他品牌",
    "takes no calls of this queue": "不接听此队列",
    **STATES,
}
KEPT_FOR: Mapping[str, str] = {
    "last agent": "上次接待的座席",
    "first owner": "首次接待的座席",
    "asked for": "客户指定的座席",
    "line dropped": "掉线前接待的座席",
    "transfer": "转接对象",
    "handed back": "转接未成功，回到原座席",
}
RETURNED: Mapping[str, str] = {
    "found waiting": "重连后发现仍在等待",
    "the agent's phone was lost": "座席话机失联",
    "the agent hung up at once": "座席摘机后立即挂断",
    "takes a callback": "客户接受回电",
    "callback not answered": "回电无人接听",
    "the agent is not ready": "座席未就绪",
    "his agent left while he was on hold": "保持期间座席离开",
}
ENDED_BY: Mapping[str, str] = {
    "caller": "客户先挂机",
    "agent": "座席先挂机",
    "lost": "座席话机失联",
    "line lost": "客户线路中断",
    "transfer": "已转接",
    "operator": "值班人员强制结束",
    "supervisor": "班长接管来电",
}
ENDED_BY_EN: Mapping[str, str] = {
    "lost": "loss of the agent's phone",
    "line lost": "loss of the caller's line",
    "transfer": "transfer",
    "supervisor": "supervisor, who has taken the caller over",
}
WHEN_EN: Mapping[str, str] = {
    "waited": "has waited this long",
    "unstaffed": "no qualified agent is logged in with a telephone that takes calls",
    "longer-than": "too many callers wait ahead",
    "wait-over": "the expected wait is too long",
}
WHEN: Mapping[str, str] = {
    "waited": "已达规定的等待时间",
    "unstaffed": "没有技能符合且话机可用的座席在线",
    "longer-than": "前面排队人数过多",
    "wait-over": "预计等待过长",
}
CALLS_OUT: Mapping[str, str] = {
    "no-number": "不是有效的电话号码",
    "own-number": "本热线自己的号码",
    "emergency": "紧急号码",
    "never-dial": "配置禁止拨打（routing.never_dial）",
    "premium": "高额收费号码",
    "satellite": "卫星电话号码",
    "short-number": "短号码",
    "not-allowed": "不在外呼许可范围内（calls_out）",
    "callback-open": "已有一个未完成的回电",
    "do-not-call": "客户要求勿扰",
    "queue-full": "该队列等待回电的客户已满",
    "at-a-time": "同时外呼数已达上限",
    "per-hour": "每小时外呼数已达上限",
    "per-day": "每日外呼数已达上限",
    "per-number": "该号码当日回电次数已达上限",
    "hours": "不在回电时间内",
    "database": "等待数据库确认该回电尚未进行",
}
"""Why a call out was not made, or a callback not noted."""
CALLS_OUT_EN: Mapping[str, str] = {
    "no-number": "not a valid telephone number",
    "own-number": "the hotline's own number",
    "emergency": "an emergency number",
    "never-dial": "forbidden by routing.never_dial",
    "premium": "a premium-rate number",
    "satellite": "a satellite number",
    "short-number": "a short number",
    "not-allowed": "not on the allow-list (calls_out)",
    "callback-open": "a callback to this number is already open",
    "do-not-call": "the customer does not want to be called",
    "queue-full": "the queue has reached its limit of waiting callbacks",
    "at-a-time": "the limit of simultaneous outgoing calls is reached",
    "per-hour": "the hourly limit of outgoing calls is reached",
    "per-day": "the daily limit of outgoing calls is reached",
    "per-number": "the daily limit for this number is reached",
    "hours": "outside callback hours",
    "database": "waiting for the database to confirm that it has not been made yet",
}
CALLBACK_REASONS: Mapping[str, str] = {
    "busy": "占线",
    "no answer": "无人接听",
    "refused": "拒接",
    "no key": "未按键，可能是语音信箱",
    "failed": "呼叫失败",
    **CALLS_OUT,
}
TRANSFER_REASONS: Mapping[str, str] = {
    "by telephone": "话机转接",
    "technical support": "技术支持",
    "refund": "退款",
    "complaint": "投诉",
    "billing": "账单",
    "order": "订单",
    "another language": "其他语种",
    "supervisor wanted": "要求主管接听",
    "beyond authority": "超出权限",
    "other matter": "其他事项",
}
"""The built-in reasons; others are shown by the name that the configuration gives them."""
TRANSFER_STATES: Mapping[str, str] = {
    "asked": "已提出",
    "consulting": "咨询中",
    "three-way": "三方通话",
    "completed": "已转接",
    "taken back": "已取消",
    "declined": "被拒绝",
    "failed": "未成功",
    "caller left": "客户已挂机",
    "explained": "已补充说明",
    "refused": "不允许",
}
UNREACHED: Mapping[str, str] = {
    "no answer": "无人接听",
    "hung up": "对方已挂机",
    "the receiver hung up": "接收座席已挂机",
    "the receiver's phone was lost": "接收座席话机失联",
    "not available": "座席不可用",
    "nobody is staffed": "没有技能符合的座席在线",
    "the telephone has sent him where nobody of this house is": "话机将来电转到了系统之外",
    "not allowed": "号码不在许可名单内",
    **{code: said for code, said in CALLS_OUT.items() if code not in ("not-allowed", "own-number")},
}
"""Why a transfer came to nothing, beside the outcomes of an offer and the refusals."""
REFUSALS_EN: Mapping[str, str] = {
    "no-such-call": "there is no such call",
    "not-yours": "another agent has this call",
    "not-talking": "nobody is talking in this call",
    "unknown-target": "there is no such agent, queue, skill or number",
    "oneself": "cannot transfer to yourself",
    "not-available": "not available at the moment",
    "no-reason": "no reason was given",
    "unknown-reason": "there is no such reason",
    "circle": "the caller was just transferred from there",
    "other-brand": "that brand does not share calls and agents",
    "not-allowed": "the number is not on the list of allowed targets",
    "own-number": "it is one of the hotline's own numbers",
    "not-staffed": "no qualified agent is logged in",
    "nobody-free": "no qualified agent is free",
    "tier": "needs an agent of a higher tier",
    "not-for-team": "the agent's team may not transfer there",
    "under-way": "the call is already being transferred",
    "no-consult": "there is no consult",
    "not-held": "the caller is not on hold",
    "held-already": "the caller is already on hold",
    "no-link": "Asterisk can't be reached",
    "held-by-telephone": "the caller was put on hold at the telephone",
    "masked-already": "the recording is masked already",
    "not-masked": "the recording is not masked",
    "not-recorded": "the caller has declined to be recorded",
    "no-caller": "the agent has no caller on hold",
    "no-such-telephone": "there is no such telephone",
    "talks-there": "the telephone is in this call already",
    "listens-there": "the telephone is used to listen already",
    "outside": "the agent is rung at an outside number",
    "telephone-busy": "the telephone is in a call",
    "telephone-ready": "the agent of the telephone is ready for calls",
    "telephone-away": "the telephone is not registered",
    "too-many": "too many people listen already",
    "on-hold": "the caller is on hold",
    "not-listening": "nobody listens any more",
    "took-over": "the caller is with the supervisor alone",
}
"""Why a transfer, a hold or the like can't be now."""
REFUSALS: Mapping[str, str] = {
    "no-such-call": "没有这个来电",
    "not-yours": "来电由其他座席处理",
    "not-talking": "此来电不在通话中",
    "unknown-target": "没有这个转接对象",
    "oneself": "不能转给自己",
    "not-available": "对方目前不可用",
    "no-reason": "未选择转接原因",
    "unknown-reason": "没有这个转接原因",
    "circle": "来电刚从该处转来",
    "other-brand": "该品牌的来电与座席不与其他品牌共用",
    "not-allowed": "号码不在许可名单内",
    "calls-out-full": "外呼数量已达上限",
    "own-number": "本热线自己的号码不能作为转接目标",
    "not-staffed": "没有技能符合的座席在线",
    "nobody-free": "没有技能符合的座席空闲",
    "tier": "此类事项需由更高级别的座席处理",
    "not-for-team": "该座席的团队不能转到该处",
    "under-way": "转接正在进行",
    "no-consult": "没有正在进行的咨询",
    "not-held": "来电不在保持中",
    "held-already": "来电已在保持中",
    "no-link": "与 Asterisk 失去联系",
    "held-by-telephone": "来电是在话机上保持的，请在话机上恢复",
    "masked-already": "录音已在屏蔽中",
    "not-masked": "录音不在屏蔽中",
    "not-recorded": "客户已拒绝录音",
    "no-caller": "没有保持中的来电",
    "no-such-telephone": "没有这部话机",
    "talks-there": "该话机已在此通话中",
    "listens-there": "该话机正用于监听",
    "outside": "该座席使用外线号码接听",
    "telephone-busy": "话机占线",
    "telephone-ready": "该话机的座席正处于示闲状态",
    "telephone-away": "话机未注册",
    "too-many": "监听人数已达上限",
    "on-hold": "来电正在保持",
    "not-listening": "监听已结束",
    "took-over": "来电已由班长接管",
}

LEFT_OUT: Mapping[str, str] = {
    "he is logged in": "座席已签入",
    "he is not logged in": "座席未签入",
    "he is ready": "座席已示闲",
    "he is not ready for that reason already": "座席已因同一原因示忙",
    "he is not in wrap-up": "座席不在话后处理",
    "the call has no disposition yet": "来电尚未填写服务小结",
    "he has taken a callback already": "客户已接受回电",
    "he has hung up, and holds his place": "客户已挂机，排队位置保留",
    "he is on the line": "客户已在线",
    "he is not being called": "目前没有在给该客户回电",
    "the link to Asterisk is lost: he is found when it is back": "与 Asterisk 失去联系：恢复后再核对客户",
    "he is consulted, and the caller is another's": "该座席仅被咨询，来电由其他座席处理",
    "he does not talk with this caller": "座席未与此客户通话",
}
"""Why the engine ignored an event."""
SHOWN_EN: Mapping[str, str] = {
    **CALLS_OUT_EN,
    "longest idle of the able": "longest idle of the qualified agents",
    "least occupied of the able": "least occupied of the qualified agents",
    "most skilled of the able": "most skilled of the qualified agents",
    "owns the matter: asked first": "owns the matter: preferred",
    "served this caller last: asked first": "served this caller last: preferred",
    "served this caller first: asked first": "served this caller first: preferred",
    "had this caller when the line dropped: asked first": "had this caller when the line dropped: preferred",
    "is consulted by the agent who has the caller": "consult started by the caller's agent",
    "first in line when the agent came free": "the call was first in line when the agent became free",
    "nobody else is able and free: asked again": "no other qualified agent is free: tried again",
    "found talking: connected while nothing could be heard of it": "found talking after reconnecting to Asterisk",
    "the caller is handed over to him": "transfer to this agent",
    "the transfer came to nothing: gets his caller back": "transfer failed: the caller returns to this agent",
    "his agent left while he was on hold": "the agent left while the caller was on hold",
    "the telephone has sent him where nobody of this house is": "the agent's phone sent the caller outside this hotline",
    "he is logged in": "the agent is already logged in",
    "he is not logged in": "the agent is not logged in",
    "he is ready": "the agent is already ready",
    "he is not ready for that reason already": "the agent is already not ready for that reason",
    "he is not in wrap-up": "the agent is not in wrap-up",
    "he has taken a callback already": "the caller has already taken a callback",
    "he has hung up, and holds his place": "the caller has hung up and keeps the place in the queue",
    "he is on the line": "the customer is on the line",
    "he is not being called": "the customer is not being called",
    "the link to Asterisk is lost: he is found when it is back": (
        "the link to Asterisk is lost; the customer is looked for when it is back"
    ),
    "he is consulted, and the caller is another's": "the agent is consulted only; another agent has the caller",
    "he does not talk with this caller": "the agent is not talking with this caller",
}
"""What is shown for sentences of the engine that are stored in the call log as they stand, and so can't be reworded there."""

_CHINESE: Mapping[str, Mapping[str, str]] = {
    "outcome": OUTCOMES,
    "state": STATES,
    "ending": ENDINGS,
    "rule": RULES,
    "strategy": STRATEGIES,
    "verdict": VERDICTS,
    "kept": KEPT_FOR,
    "when": WHEN,
    "transfer": TRANSFER_STATES,
    "reason": TRANSFER_REASONS,
    "refusal": REFUSALS,
    "habit": HABITS,
}


def word(table: str, key: str, language: str) -> str:
    """One of the engine's words in that language: `word("verdict", "lacks a skill", "zh")`."""
    if language == "zh":
        return _CHINESE[table].get(key, key)
    english = {"refusal": REFUSALS_EN, "habit": HABITS_EN}.get(table, {})
    return english.get(key, shown(key))


def shown(stored: str) -> str:
    """The English that people see for a sentence of the log; mostly the sentence itself."""
    return SHOWN_EN.get(stored, stored)


def identity(code: str, language: str) -> str:
    """What a carrier says of a caller's number (model.IDENTITIES), in words: "passed-a" as "… (A: the caller may use it)"."""
    words = IDENTITY if language == "zh" else IDENTITY_EN
    verdict, _, letter = code.partition("-")
    said = words.get(verdict, verdict)
    if not letter:
        return said
    return (
        f"{said}（{letter.upper()}：{words.get(letter, '')}）"
        if language == "zh"
        else (f"{said} ({letter.upper()}: {words.get(letter, '')})")
    )
