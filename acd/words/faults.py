"""Faults, and calls out with a story, as sentences in English and Chinese."""

from collections.abc import Mapping

from acd.words.numbers import Detail, masked
from acd.words.terms import CALLBACK_REASONS, shown

STATES: Mapping[str, tuple[str, str]] = {
    "declared": ("declared", "已宣布"), "changed": ("changed", "已更改"), "cleared": ("cleared", "已解除"), "heard": ("the caller hears of fault", "客户听到故障通知"),
    "registered": ("the caller wants to be called when it is mended", "客户登记了恢复通知"),
    "already registered": ("the number is registered already", "该号码已登记过"), "refused": ("the number was not registered", "该号码未能登记"),
}  # fmt: skip
NEWS: Mapping[str, tuple[str, str]] = {
    "waiting": ("to be called", "待通知"), "told": ("told", "已通知"), "not reached": ("not reached", "未接通"),
    "refused": ("may not be called", "不可呼叫"), "withdrawn": ("withdrawn", "已取消"),
}  # fmt: skip
"""What came of the call with the news."""
STORY_STATES: Mapping[str, tuple[str, str]] = {
    "calling": ("is called", "正在呼叫"), "answered": ("has answered", "已接听"), "failed": ("was not reached", "未接通"),
    "held back": ("is called later", "稍后呼叫"), "told": ("has heard it", "已听完"), "not reached": ("was not reached, and is not tried again", "未接通，不再呼叫"),
    "refused": ("may not be called", "不可呼叫"), "withdrawn": ("is not called any more", "不再呼叫"),
}  # fmt: skip
REASONS: Mapping[str, tuple[str, str]] = {
    "declined": ("does not want to take part", "不愿参加"), "too-late": ("its time is over", "已过时限"), "off": ("it was switched off", "已关闭"),
    "hung up": ("hung up before its end", "未听完即挂机"), "no key": ("pressed no key; perhaps a mailbox", "未按键，可能是语音信箱"),
    "lost": ("nobody knows what came of it", "结果不明"), "person": ("wanted to speak to a person", "要求人工服务"), "told": ("", ""),
    "on-the-line": ("is on the line with us", "正在通话"), "do-not-call": ("does not want to be called", "已要求不再致电"),
    "already": ("it is registered already", "已登记"), "mended": ("the fault is mended", "故障已排除"), "full": ("too many are registered", "登记人数已满"),
    "no-news": ("nobody is told of this fault", "该故障不作通知"),
}  # fmt: skip
STORIES: Mapping[str, tuple[str, str]] = {
    "fault_news": ("the news of fault {subject}", "故障 {subject} 的恢复通知"),
    "survey_call": ("the survey about call {subject}", "通话 {subject} 的满意度调查"),
}


def _reason(detail: Detail, language: str) -> str:
    code = str(detail.get("reason") or "")
    if code in REASONS:
        return REASONS[code][language == "zh"]
    return CALLBACK_REASONS.get(code, shown(code)) if language == "zh" else shown(code)


def fault_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind FAULT."""
    state = str(detail.get("state", ""))
    number, by = detail.get("fault", ""), detail.get("by")
    if state in ("declared", "changed", "cleared"):
        words = str(detail.get("en") or detail.get("zh") or "")
        return f"fault {number} {state}" + (f" by {by}" if by else "") + (f": {words}" if words else "")
    said = STATES.get(state, (state, state))[0]
    why = _reason(detail, "en") if state == "refused" else ""
    return f"{said} {number}".replace("mended ", "mended: fault ").replace("registered ", "registered: fault ") + (
        f" ({why})" if why else ""
    )


def fault_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind FAULT."""
    state = str(detail.get("state", ""))
    number, by = detail.get("fault", ""), detail.get("by")
    said = STATES.get(state, (state, state))[1]
    if state in ("declared", "changed", "cleared"):
        words = str(detail.get("zh") or detail.get("en") or "")
        return f"故障 {number} {said}" + (f"，操作人 {by}" if by else "") + (f"：{words}" if words else "")
    why = _reason(detail, "zh") if state == "refused" else ""
    return f"{said}（故障 {number}{f'，{why}' if why else ''}）"


def story_call_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind STORY_CALL."""
    state, why = str(detail.get("state", "")), _reason(detail, "en")
    what = STORIES.get(str(detail.get("story")), ("a story", ""))[0].format(subject=detail.get("subject", ""))
    return (
        f"{masked(str(detail.get('number', '')))} {STORY_STATES.get(state, (state, state))[0]} for {what}, try {detail.get('attempt', 0)}"
        + (f" ({why})" if why else "")
    )


def story_call_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind STORY_CALL."""
    state, why = str(detail.get("state", "")), _reason(detail, "zh")
    what = STORIES.get(str(detail.get("story")), ("", "语音通知"))[1].format(subject=detail.get("subject", ""))
    return (
        f"{what}：{masked(str(detail.get('number', '')))} {STORY_STATES.get(state, (state, state))[1]}，第 {detail.get('attempt', 0)} 次"
        + (f"（{why}）" if why else "")
    )
