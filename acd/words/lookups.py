"""What a menu looked up for a caller, as a sentence, in English and Chinese."""

from collections.abc import Mapping

from acd.words.numbers import Detail, cropped, seconds

LOOKUPS: Mapping[str, tuple[str, str]] = {
    "orders": ("the order", "订单"), "deliveries": ("the parcel", "物流"), "balances": ("the balance", "余额"),
    "tickets": ("the complaint", "工单"), "identity": ("the caller's identity", "身份"), "hours": ("the opening hours", "营业时间"),
}  # fmt: skip
"""Packaged look-ups; one of the operator's own has its name."""
SERVICES: Mapping[str, tuple[str, str]] = {
    "order": ("the order", "订单"), "delivery": ("the parcel", "物流"), "balance": ("the balance", "余额"),
    "ticket": ("the complaint", "工单"), "hours": ("the opening hours", "营业时间"),
}  # fmt: skip
STATES: Mapping[str, tuple[str, str]] = {
    "found": ("found", "已查到"), "not-found": ("not found", "未查到"), "refused": ("refused", "未查询"), "failed": ("failed", "查询失败"),
}  # fmt: skip
WHY: Mapping[str, tuple[str, str]] = {
    "no-such-lookup": ("it is not set up", "未配置此项查询"),
    "not-verified": ("the caller is not verified", "客户身份未核实"),
    "no-caller": ("the caller's number is unknown", "来电号码未知"),
    "bad-key": ("the number entered is not valid", "输入的号码不对"),
    "busy": ("too many look-ups at once", "同时查询过多"),
    "slow": ("the source did not answer in time", "对方系统响应超时"),
    "away": ("the source can't be reached", "无法连接对方系统"),
    "resting": ("the source failed several times; it will be tried again in a moment", "对方系统多次失败，稍后重试"),
    "refused": ("the source refused to answer", "对方系统拒绝查询"),
    "bad-answer": ("the source's answer can't be read", "对方系统的应答无法识别"),
    "too-long": ("the source's answer is too long", "对方系统的应答过长"),
    "bad-address": ("the file with the source's address can't be used", "地址文件不可用"),
    "unknown-status": ("the source's status is not mapped in the configuration", "对方系统返回的状态未在配置中对应"),
    "wrong": ("what was entered does not match", "输入与记录不符"),
    "locked": ("too many failed attempts", "错误次数过多"),
    "no-record": ("there is no record for this number to compare with", "没有可核对的记录"),
    "withheld": ("the caller's number is unknown or not trusted", "来电号码不可信"),
    "off": ("verification is not set up, or its source did not respond", "核实功能未配置或无法使用"),
}


def of(table: Mapping[str, tuple[str, str]], code: str, language: str) -> str:
    """The code in words; itself where there are none."""
    english, chinese = table.get(code, (code, code))
    return chinese if language == "zh" else english


def looked_up_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind LOOKED_UP."""
    why = str(detail.get("why") or "")
    what = of(LOOKUPS, str(detail.get("lookup", "")), "en")
    state = of(STATES, str(detail.get("state", "")), "en")
    told = ", ".join(f"{name} {cropped(value)}" for name, value in dict(detail.get("answer") or {}).items())
    took = f" within {seconds(detail, 'took_s')}" if detail.get("took_s") else ""
    return (
        f"the menu looked up {what}: {state}{took}"
        + (f" ({of(WHY, why, 'en')})" if why else "")
        + (f"; {told}" if told else "")
    )


def looked_up_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind LOOKED_UP."""
    why = str(detail.get("why") or "")
    what = of(LOOKUPS, str(detail.get("lookup", "")), "zh")
    state = of(STATES, str(detail.get("state", "")), "zh")
    told = "，".join(f"{name} {cropped(value)}" for name, value in dict(detail.get("answer") or {}).items())
    took = f"，用时 {seconds(detail, 'took_s', 'zh')}" if detail.get("took_s") else ""
    return (
        f"自助查询{what}：{state}{took}" + (f"（{of(WHY, why, 'zh')}）" if why else "") + (f"；{told}" if told else "")
    )


def answer_told_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind ANSWER_TOLD."""
    return f"the caller has heard the answer about {of(SERVICES, str(detail.get('service', '')), 'en') or 'something'}"


def answer_told_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind ANSWER_TOLD."""
    return f"客户已听完{of(SERVICES, str(detail.get('service', '')), 'zh')}查询结果"
