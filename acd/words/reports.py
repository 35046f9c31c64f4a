"""What a report says, in English and Chinese: its figures with their definitions, and the words around them.

A definition here says in one or two sentences what docs/definitions.md says in full; `anchor` is its heading there.
"""

from collections.abc import Mapping
from dataclasses import dataclass

Both = Mapping[str, str]
"""Language to text."""


@dataclass(frozen=True, slots=True)
class FigureWords:
    label: Both
    definition: Both
    anchor: str


def _figure(anchor: str, en: str, zh: str, means: str, means_zh: str) -> FigureWords:
    return FigureWords({"en": en, "zh": zh}, {"en": means, "zh": means_zh}, anchor)


FIGURES: Mapping[str, FigureWords] = {
    "calls": _figure(
        "ended", "Calls", "来电",
        "Calls that ended in the span. A call counts for the last queue it was in; the total includes callers who never entered a "
        "queue.",
        "统计期内结束的来电。队列的来电按最后所在的队列计；合计还包括未进入任何队列的来电。",
    ),
    "answered": _figure(
        "answered", "Answered", "人工接听",
        "Calls that an agent answered: caller and agent were connected for at least 1 s. Includes customers who were called back.",
        "已由座席接听的来电：客户与座席通话至少 1 秒。包括回电接通的客户。",
    ),
    "connect_rate": _figure(
        "connect-rate", "Connect rate", "接通率",
        "(Answered by an agent + served in full by the menu) / calls that ended.",
        "（人工接听 + 自助服务完成）÷ 结束的来电。",
    ),
    "within_15_s": _figure(
        "service-level", "Service level (15 s)", "15 秒服务水平",
        "Calls answered within the target (15 s, or the queue's own) / calls whose caller asked for an agent. A caller who hung up, "
        "was called back, sent to another number or left a message counts as missed.",
        "目标时间内（15 秒，或队列自定的时间）人工接听的来电 ÷ 请求人工服务的来电。放弃、回电、转往其他号码、留言均计为未达标。",
    ),
    "three_ring_rate": _figure(
        "three-ring-rate", "Three-ring rate", "振铃 3 声内接通率",
        "Ring attempts answered within three rings / all ring attempts, without those during which the caller hung up.",
        "振铃 3 声内接听的次数 ÷ 振铃次数，不含振铃时客户已挂机的。",
    ),
    "promises_kept_rate": _figure(
        "promises-kept", "Callbacks on time", "回电承诺兑现率",
        "Callbacks made within the promised time / callbacks that were due, without those the customer cancelled.",
        "在承诺时间内兑现的回电 ÷ 应兑现的回电承诺，不含客户取消的。",
    ),
    "asa_s": _figure(
        "asa", "ASA (speed of answer)", "平均应答速度",
        "Mean wait from asking for an agent to being connected, of answered calls without callbacks.",
        "从请求人工服务到开始通话的平均等待时间，按人工接听的来电计，不含回电。",
    ),
    "aht_s": _figure(
        "aht", "AHT (handling time)", "平均处理时长",
        "(Talk + hold + wrap-up) / answered calls. A transferred call counts once.",
        "（通话 + 保持 + 话后处理）÷ 人工接听的来电。转接的来电只计一次。",
    ),
    "abandoned": _figure(
        "abandoned", "Abandoned", "放弃",
        "Callers who hung up before an agent answered: in the menu, in the queue, or while a telephone rang.",
        "座席接听前挂机的客户：在菜单中、在队列中或振铃时。",
    ),
    "short": _figure(
        "abandoned", "Abandoned within 5 s", "5 秒内放弃",
        "Of those abandoned in the queue or while ringing: the caller hung up within 5 s of asking for an agent.",
        "在队列中或振铃时放弃的客户中，请求人工服务后 5 秒内挂机的。",
    ),
    "callbacks": _figure(
        "callback", "Callbacks requested", "预约回电",
        "Callers who chose a callback in the span, whatever its outcome.",
        "统计期内选择回电的客户，无论结果如何。",
    ),
    "sent_on": _figure(
        "ended", "Sent to another number", "转往其他号码",
        "Calls sent to another number before an agent answered.",
        "座席接听前转往其他号码的来电。",
    ),
    "message": _figure(
        "ended", "Left a message", "留言", "Calls that ended with a message on voicemail.", "以留言结束的来电。"
    ),
    "talk_s": _figure(
        "aht", "Talk", "通话时长",
        "Time in which caller and agent were connected, of conversations that ended in the span.",
        "客户与座席通话的时间，按统计期内结束的通话计。",
    ),
    "hold_s": _figure(
        "aht", "Hold", "保持时长",
        "Time in which the caller was on hold in the same conversations, without consults.",
        "同一批通话中客户被保持的时间，不含咨询。",
    ),
    "wrap_up_s": _figure(
        "aht", "Wrap-up", "话后处理时长",
        "Time in wrap-up, of wrap-ups that ended in the span.",
        "座席处于话后处理状态的时间，按统计期内结束的话后处理计。",
    ),
    "talks": _figure(
        "agents-figures", "Conversations", "通话",
        "The agent's conversations that ended in the span. A transferred call counts for each agent who talked with the caller.",
        "该座席在统计期内结束的通话。转接的来电对每位通话过的座席各计一次。",
    ),
    "offers": _figure(
        "three-ring-rate", "Ring attempts", "分配次数",
        "Calls offered to the agent, counted when the attempt ended in the span, whether the telephone rang or not.",
        "统计期内分配给该座席的次数，无论是否振铃。",
    ),
    "no_answer": _figure(
        "ring", "Ring no answer", "振铃未接",
        "Attempts that rang three times without an answer; the agent was then set not ready.",
        "振铃 3 声无人接听的次数，座席随即转为示忙。",
    ),
    "handling_s": _figure(
        "agents-figures", "AHT (handling time)", "平均处理时长",
        "(Talk + hold + wrap-up) / conversations of the agent.",
        "（通话 + 保持 + 话后处理）÷ 该座席的通话数。",
    ),
    "logged_in_s": _figure(
        "agents-figures", "Logged in", "签入时长",
        "Time in any state except logged out, within the span.",
        "签出以外各状态的时间，按统计期的起止截取。",
    ),
    "idle_s": _figure(
        "agents-figures", "Idle", "空闲时长", "Time in the state idle.", "处于空闲状态的时间。"
    ),
    "not_ready_s": _figure(
        "agents-figures", "Not ready", "示忙时长",
        "Time not ready, for whatever reason, or with a telephone that can't be reached.",
        "因任何原因示忙或话机不可达的时间。",
    ),
    "occupancy": _figure(
        "agents-figures", "Occupancy", "占用率",
        "Busy (reserved, ringing, talking, hold, consult, wrap-up) / (busy + idle).",
        "忙碌时间（预留、振铃、通话、保持、咨询、话后处理）÷（忙碌 + 空闲）时间。",
    ),
    "agent_hung_up": _figure(
        "agents-figures", "Agent hung up first", "座席先挂机率",
        "Conversations that the agent ended / conversations that agent or caller ended by hanging up.",
        "座席先挂机的通话 ÷（座席先挂机 + 客户先挂机）的通话。",
    ),
}  # fmt: skip
"""Name of a figure to its words."""

WORDS: Mapping[str, Both] = {
    "report": {"en": "Report", "zh": "统计报表"},
    "queues": {"en": "By queue", "zh": "按队列"},
    "agents": {"en": "By agent", "zh": "按座席"},
    "queue": {"en": "Queue", "zh": "队列"},
    "agent": {"en": "Agent", "zh": "座席"},
    "name": {"en": "Name", "zh": "姓名"},
    "all-queues": {"en": "All calls", "zh": "全部来电"},
    "these-queues": {"en": "These queues", "zh": "以上队列合计"},
    "all-agents": {"en": "All agents", "zh": "全部座席"},
    "by-day": {"en": "By day", "zh": "按日"},
    "day": {"en": "Day", "zh": "日期"},
    "from": {"en": "From", "zh": "起始日期"},
    "to": {"en": "To", "zh": "结束日期"},
    "code": {"en": "Code", "zh": "代码"},
    "target": {"en": "Target", "zh": "目标"},
    "missed": {"en": "target missed", "zh": "未达标"},
    "few": {"en": "too few calls", "zh": "样本不足"},
    "few-note": {
        "en": "Fewer than ten calls or ring attempts: too few to compare with the target.",
        "zh": "来电或振铃不足 10 次：样本过少，不与目标比较。",
    },
    "nothing": {"en": "No data in this span.", "zh": "统计期内没有数据。"},
    "definitions": {"en": "Definitions", "zh": "指标说明"},
    "definition": {"en": "Definition", "zh": "说明"},
    "figure": {"en": "Figure", "zh": "指标"},
    "span": {"en": "{first} to {last}, days of {zone}", "zh": "{first} 至 {last}（时区 {zone}）"},
    "made": {"en": "Generated {at}", "zh": "生成于 {at}"},
    "goes-on": {
        "en": "The span is not over yet: figures up to the time of the report.",
        "zh": "统计期尚未结束，数据截至报表生成时。",
    },
    "answered-by-day": {"en": "Calls by day", "zh": "每日来电"},
    "other": {"en": "Not answered by an agent", "zh": "未由座席接听"},
    "level-by-name": {"en": "Service level by queue", "zh": "各队列服务水平"},
    "talks-by-name": {"en": "Conversations by agent", "zh": "各座席通话数"},
    "talks-by-day": {"en": "Conversations by day", "zh": "每日通话数"},
    "back": {"en": "Back to the figures", "zh": "返回数据"},
    "more": {"en": "full definitions: docs/definitions.md", "zh": "完整说明（英文）：docs/definitions.md"},
    "only": {"en": "only {queues}", "zh": "仅 {queues}"},
    "mail-subject": {"en": "[{hotline}] {name}: {span}", "zh": "[{hotline}] {name}：{span}"},
    "mail-files": {"en": "Attached: {files}", "zh": "附件：{files}"},
    "mail-figures": {
        "en": "Calls {calls}, answered {answered}, connect rate {connect_rate}, service level {within_15_s}",
        "zh": "来电 {calls}，人工接听 {answered}，接通率 {connect_rate}，服务水平 {within_15_s}",
    },
}
"""Code to a word or sentence."""


def said(code: str, language: str, **values: object) -> str:
    """The word or sentence with its values put in."""
    return WORDS[code][language].format(**values)
