"""What the automatic checks find, in words: a name for each kind, and the rule that holds for this finding."""

from collections.abc import Mapping
from typing import Literal

_Language = Literal["zh", "en"]

NAMES: Mapping[str, tuple[str, str]] = {
    "greeting-late": ("Greeting late", "问候过晚"),
    "dead-air": ("Dead air", "长时间静默"),
    "interruption": ("Interruption", "打断客户"),
    "talk-share": ("Share of speech", "说话占比"),
    "raised-voice": ("Raised voice", "音量音调升高"),
    "holds-many": ("Many holds", "保持次数过多"),
    "hold-long": ("Long hold", "保持过久"),
    "agent-hung-up": ("Agent hung up first", "座席先挂机"),
    "not-announced": ("Recording not announced", "未提示录音"),
    "transfer-without-reason": ("Transfer without a reason", "转接未填原因"),
    "note-late": ("Note late", "备注过晚"),
    "no-note": ("No note", "没有备注"),
    "no-disposition": ("No disposition", "未填服务小结"),
}
"""Kind to its name in English and Chinese."""

_RULES: Mapping[str, tuple[str, str]] = {
    "greeting-late": (
        "The agent's first words came after {value:.1f} s; the rule is {limit:g} s from the connection.",
        "座席在接通后 {value:.1f} 秒才开口；规则为 {limit:g} 秒内。",
    ),
    "dead-air": (
        "Nobody spoke for {value:.1f} s; the rule is less than {limit:g} s, holds left out.",
        "双方均未说话 {value:.1f} 秒；规则为少于 {limit:g} 秒，保持不计。",
    ),
    "interruption": (
        "The agent began while the caller was speaking, and both spoke for {value:.1f} s; the rule is less than {limit:g} s.",
        "客户说话时座席开始说话，双方同时说话 {value:.1f} 秒；规则为少于 {limit:g} 秒。",
    ),
    "talk-share": (
        "Of all speech {value:.0%} was the agent's; the bound is {limit:.0%}.",
        "座席说话占全部说话时间的 {value:.0%}；界限为 {limit:.0%}。",
    ),
    "raised-voice": (
        "The voice was up to {value:.0f} dB louder than usual in this talk, and higher; the rule is {limit:g} dB. Measured from loudness and "
        "pitch; it says nothing of feelings.",
        "声音比本次通话中平时最多高 {value:.0f} 分贝，且音调升高；规则为 {limit:g} 分贝。仅依据音量和音调测得，不代表情绪。",
    ),
    "holds-many": (
        "The caller was on hold {value:.0f} times; the rule is {limit:g} at most.",
        "客户被保持 {value:.0f} 次；规则为最多 {limit:g} 次。",
    ),
    "hold-long": (
        "One hold lasted {value:.0f} s; the rule is {limit:g} s at most.",
        "一次保持持续 {value:.0f} 秒；规则为最多 {limit:g} 秒。",
    ),
    "agent-hung-up": (
        "The agent hung up; the rule is that the customer hangs up first.",
        "座席先挂机；规则为由客户先挂机。",
    ),
    "not-announced": (
        "The log shows no way through the menu, which begins with the notice of recording.",
        "来电记录中没有经过菜单，而录音提示在菜单开头播放。",
    ),
    "transfer-without-reason": (
        "The agent transferred the call without a reason; the rule is that a transfer has one.",
        "座席转接时未填写原因；规则为转接须有原因。",
    ),
    "note-late": (
        "The first note was written {value:.0f} s after the talk; the rule is {limit:g} s.",
        "首条备注在通话结束后 {value:.0f} 秒写下；规则为 {limit:g} 秒内。",
    ),
    "no-note": (
        "The agent had written no note when the talk was looked at; the rule is {limit:g} s after it.",
        "检查时座席尚未写备注；规则为通话结束后 {limit:g} 秒内。",
    ),
    "no-disposition": (
        "The agent had chosen no disposition when the talk was looked at.",
        "检查时座席尚未选择服务小结。",
    ),
}
_NO_SPEECH = (
    "The agent was not heard at all; the rule is words within {limit:g} s of the connection.",
    "整段录音中听不到座席；规则为接通后 {limit:g} 秒内开口。",
)
STATES: Mapping[str, tuple[str, str]] = {
    "due": ("not analysed yet", "尚未分析"),
    "before": ("filed before there were automatic checks", "归档早于自动质检启用"),
    "begun": ("being analysed", "正在分析"),
    "done": ("analysed", "已分析"),
    "no-sound": ("the sound could not be analysed; the call log was", "声音无法分析，仅检查了来电记录"),
    "failed": ("could not be analysed", "无法分析"),
}


def name(kind: str, language: _Language) -> str:
    """The kind in words."""
    return NAMES[kind][0 if language == "en" else 1]


def rule(kind: str, value: float | None, limit: float | None, language: _Language) -> str:
    """What was measured, and the rule, in a sentence."""
    texts = _NO_SPEECH if kind == "greeting-late" and value is None else _RULES[kind]
    return texts[0 if language == "en" else 1].format(value=value or 0.0, limit=limit or 0.0)
