"""Trunks in words: what an alarm says, and the state that page and command line show. English and Chinese.

Alarms and states come as codes (acd/pbx/trunk_states.py); the words of an alarm stand behind them in `detail`, with bars between.
"""

from collections.abc import Mapping
from typing import Any

from acd.words.numbers import Detail

ALARMS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "trunk-not-registered": "trunk {0} has not been registered since {1}{2}: nobody can call over it. Registration is retried; ask the carrier, and check host, username and password_file",
        "trunk-no-answer": "trunk {0} has not answered OPTIONS since {1}. Calls out try the other trunks first; for a carrier that never answers OPTIONS, set qualify_s = 0",
        "trunk-unresolved": "trunk {0}: the name {2} has not resolved since {1}. The last known addresses stay in use; check the name and the name server",
        "trunk-closed": "trunk {0} has been closed since {1}: Asterisk did not accept its addresses and answers its calls with 401. Look into run/asterisk/log/messages.log",
        "trunk-refuses": "trunk {0} refuses our calls out with SIP {1}: {2}",
        "trunk-silent": "trunk {0} left a call out unanswered at {1}. Calls out try the other trunks first for five minutes; ask the carrier, and check outbound and the firewall",
        "trunk-well": "cleared at {1}, after {3} min: trunk {0} {2}",
    },
    "zh": {
        "trunk-not-registered": "中继 {0} 自 {1} 起未注册{2}，客户无法由此打入。系统会一直重试；请联系运营商，并检查 host、username 和 password_file",
        "trunk-no-answer": "中继 {0} 自 {1} 起无应答（OPTIONS）。呼出时先试其他中继；若运营商从不应答 OPTIONS，请设 qualify_s = 0",
        "trunk-unresolved": "中继 {0}：域名 {2} 自 {1} 起无法解析。仍使用上次解析到的地址；请检查域名和域名服务器",
        "trunk-closed": "中继 {0} 自 {1} 起不可用：Asterisk 未接受其地址，来电均被拒绝（401）。请查看 run/asterisk/log/messages.log",
        "trunk-refuses": "中继 {0} 拒绝我方呼出，SIP {1}：{2}",
        "trunk-silent": "中继 {0} 在 {1} 对一次呼出毫无应答。五分钟内呼出先试其他中继；请联系运营商，并检查 outbound 和防火墙",
        "trunk-well": "已恢复（{1}，历时 {3} 分钟）：中继 {0} {2}",
    },
}
OVER: Mapping[str, Mapping[str, str]] = {
    "en": {
        "not-registered": "is registered again",
        "no-answer": "answers again",
        "unresolved": "is resolved again",
        "closed": "is accepted by Asterisk again",
    },
    "zh": {
        "not-registered": "已重新注册",
        "no-answer": "恢复应答",
        "unresolved": "域名已可解析",
        "closed": "已被 Asterisk 接受",
    },
}
REFUSED: Mapping[str, Mapping[int, str]] = {
    "en": {
        401: "it does not accept our password. Check username, auth_user, realm and password_file",
        402: "the account has no credit. Ask the carrier",
        403: "it does not accept our From or our number, or the account may not call there. Check from_user, from_domain, number_in and caller_number (docs/trunks/), or ask the carrier what they must be",
        407: "it does not accept our password. Check username, auth_user, realm and password_file",
        488: "it accepts none of our codecs. Ask the carrier which it needs",
        606: "it accepts none of our codecs. Ask the carrier which it needs",
    },
    "zh": {
        401: "运营商不接受我方密码。请检查 username、auth_user、realm 和 password_file",
        402: "账户余额不足，请联系运营商",
        403: "运营商不接受我方的主叫（From）或号码，或该账户无权呼叫。请检查 from_user、from_domain、number_in 和 caller_number（见 docs/trunks/），或向运营商询问应填的值",
        407: "运营商不接受我方密码。请检查 username、auth_user、realm 和 password_file",
        488: "运营商不接受我方的编码。请询问其所需编码",
        606: "运营商不接受我方的编码。请询问其所需编码",
    },
}
_OTHERWISE = {
    "en": "it rejects our calls. Ask the carrier why",
    "zh": "运营商不接受我方的呼叫方式，请询问原因",
}
STATES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "registered": "registered",
        "answers": "answers",
        "not-watched": "calls accepted by address; not monitored",
        "unknown": "not known yet",
        "not-registered": "NOT REGISTERED",
        "no-answer": "DOES NOT ANSWER",
        "unresolved": "NAME NOT RESOLVED",
        "closed": "CLOSED: Asterisk did not accept its addresses",
    },
    "zh": {
        "registered": "已注册",
        "answers": "应答正常",
        "not-watched": "按地址接入，未监测",
        "unknown": "状态未知",
        "not-registered": "未注册",
        "no-answer": "无应答",
        "unresolved": "域名无法解析",
        "closed": "不可用：Asterisk 未接受其地址",
    },
}


def alarm(detail: Detail, language: str) -> str:
    """The sentence of a trunk's alarm; empty for any other alarm."""
    form = ALARMS[language].get(str(detail.get("name", "")))
    if form is None:
        return ""
    said = str(detail.get("detail", "")).split("|")
    if detail.get("name") == "trunk-refuses" and len(said) == 2:
        said.append(why_refused(int(said[1]) if said[1].isdigit() else 0, language))
    if detail.get("name") == "trunk-not-registered" and len(said) >= 2:
        said = [*said[:2], registrar(int(said[2]) if len(said) > 2 and said[2].isdigit() else None, language)]
    if detail.get("name") == "trunk-well" and len(said) == 4:
        said[2] = OVER[language].get(said[2], said[2])
    return form.format(*said, *("?" for _ in range(4)))


def registrar(code: int | None, language: str = "en") -> str:
    """What the registrar answers, in brackets; empty where that is not known."""
    if code is None:
        return ""
    if language == "zh":
        return f"（对方应答 SIP {code}）" if code else "（对方无应答）"
    return f" (the registrar answers SIP {code})" if code else " (the registrar does not answer)"


def why_refused(code: int, language: str = "en") -> str:
    """What a carrier's refusal of a call out means, and the remedy."""
    return REFUSED[language].get(code, _OTHERWISE[language])


def state(row: Mapping[str, Any], language: str = "en") -> str:
    """A trunk's state in words, with the refusal of our calls out beside it."""
    word = STATES[language].get(str(row["state"]), str(row["state"])) + registrar(row.get("registrar"), language)
    if (names := row.get("unresolved")) and row["state"] in ("not-registered", "no-answer", "unresolved"):
        word += f"（{'、'.join(names)} 无法解析）" if language == "zh" else f" ({', '.join(names)} can't be resolved)"
    if code := row.get("refused"):
        refuses = f"refuses our calls out (SIP {code})" if language == "en" else f"拒绝我方呼出（SIP {code}）"
        return f"{word}; {refuses}" if language == "en" else f"{word}；{refuses}"
    return word
