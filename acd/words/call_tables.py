"""Headings of the files in which calls, recordings and an agent's day are taken along, and how their values are written."""

from typing import Literal

Language = Literal["en", "zh"]

HEADINGS: dict[str, dict[Language, str]] = {
    "calls": {"zh": "来电", "en": "Calls"},
    "recordings": {"zh": "录音", "en": "Recordings"},
    "agent-day": {"zh": "座席的一天", "en": "Agent's day"},
    "arrived_at": {"zh": "来电时间", "en": "Arrived at"},
    "caller": {"zh": "主叫号码", "en": "Caller"},
    "customer": {"zh": "客户", "en": "Customer"},
    "dialled": {"zh": "被叫号码", "en": "Dialled number"},
    "brand": {"zh": "品牌", "en": "Brand"},
    "queue": {"zh": "队列", "en": "Queue"},
    "agents": {"zh": "座席", "en": "Agents"},
    "agent": {"zh": "座席", "en": "Agent"},
    "wait_s": {"zh": "等待", "en": "Wait"},
    "talk_s": {"zh": "通话", "en": "Talk"},
    "ending": {"zh": "结果", "en": "Outcome"},
    "transferred_to": {"zh": "转接到", "en": "Transferred to"},
    "reasons": {"zh": "转接原因", "en": "Transfer reason"},
    "matter": {"zh": "来电事由", "en": "Summary"},
    "disposition": {"zh": "服务小结", "en": "Disposition"},
    "promise": {"zh": "承诺", "en": "Promise"},
    "promise_due_at": {"zh": "承诺期限", "en": "Promised until"},
    "call": {"zh": "来电编号", "en": "Call"},
    "offer": {"zh": "录音编号", "en": "Recording"},
    "offered_at": {"zh": "振铃时间", "en": "Rang at"},
    "kind": {"zh": "类型", "en": "Kind"},
    "seconds": {"zh": "时长", "en": "Length"},
    "state": {"zh": "状态", "en": "State"},
    "reason": {"zh": "原因", "en": "Reason"},
    "sha256": {"zh": "SHA-256", "en": "SHA-256"},
    "deleted_at": {"zh": "删除时间", "en": "Deleted at"},
    "held_at": {"zh": "保留时间", "en": "Held since"},
    "from_at": {"zh": "开始", "en": "From"},
    "to_at": {"zh": "结束", "en": "To"},
    "lasted_s": {"zh": "时长", "en": "Duration"},
}
"""Column to heading."""

KINDS: dict[str, dict[Language, str]] = {
    "talk": {"zh": "通话", "en": "talk"},
    "message": {"zh": "留言", "en": "message"},
    "consult": {"zh": "咨询", "en": "consult"},
    "word": {"zh": "评价留言", "en": "survey comment"},
}
"""Of recordings."""

FILED: dict[str, dict[Language, str]] = {
    "complete": {"zh": "完整", "en": "complete"},
    "incomplete": {"zh": "不完整", "en": "incomplete"},
    "expected": {"zh": "待归档", "en": "expected"},
    "none": {"zh": "无通话", "en": "no conversation"},
    "declined": {"zh": "客户不同意录音", "en": "not recorded: declined"},
}
"""States of recordings."""


def heading(column: str, language: Language) -> str:
    """Of this column."""
    return HEADINGS[column][language]
