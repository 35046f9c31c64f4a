"""Rows of the call log about how well a line carries speech, in Chinese."""

from acd.words.numbers import Detail

SIDES = {"caller": "客户", "agent": "座席"}
_KINDS = {"agent": "座席", "trunk": "中继"}


def _named(detail: Detail) -> str:
    """ "trunk carrier" as 中继 carrier."""
    kind, _, name = str(detail.get("party", "")).partition(" ")
    return f"{_KINDS[kind]} {name}" if kind in _KINDS else str(detail.get("party", ""))


def _party(detail: Detail) -> str:
    side = str(detail.get("side") or "")
    return SIDES.get(side, side)


def problem(name: str, detail: Detail) -> str:
    """One of line_verdict.PROBLEMS, with its figure; `side` in `detail` is the party whose line it is."""
    party = _party(detail)
    match name:
        case "one-way":
            return f"单通：{detail.get('unheard_s', 0):g} 秒未收到{party}的声音"
        case "loss":
            return f"{party}的语音丢失 {detail.get('loss_percent', 0):g}%"
        case "sent-loss":
            return f"发给{party}的语音丢失 {detail.get('sent_loss_percent') or 0:g}%"
        case "jitter":
            return f"{party}方向抖动 {detail.get('jitter_ms', 0):g} 毫秒"
        case "sent-jitter":
            return f"发往{party}方向抖动 {detail.get('sent_jitter_ms') or 0:g} 毫秒"
        case "delay":
            return f"与{party}往返时延 {detail.get('round_trip_ms') or 0:g} 毫秒"
        case "mos":
            return f"难以听清{party}"
        case "sent-mos":
            return f"{party}难以听清对方"
        case other:
            return other


def line(agent: str, queue: str, detail: Detail) -> str:
    """A line in talk has changed."""
    problems = detail.get("problems") or ()
    if not problems:
        return f"{_party(detail)}线路已恢复正常（估计 MOS {detail.get('mos', 0):g}）"
    return f"{_party(detail)}线路不佳：{'；'.join(problem(each, detail) for each in problems)}"


def leg_quality(agent: str, queue: str, detail: Detail) -> str:
    """A line over a whole talk."""
    words = f"{_party(detail)}线路（{_named(detail)}）："
    words += f"估计 MOS {detail.get('mos', 0):g}，丢包 {detail.get('loss_percent', 0):g}%，抖动 {detail.get('jitter_ms', 0):g} 毫秒"
    if detail.get("round_trip_ms") is not None:
        words += f"，往返时延 {detail['round_trip_ms']:g} 毫秒"
    if detail.get("sent_mos") is not None:
        words += f"；反方向 MOS {detail['sent_mos']:g}，丢包 {detail.get('sent_loss_percent') or 0:g}%"
    problems = detail.get("problems") or ()
    return words + (f"。不佳：{'；'.join(problem(each, detail) for each in problems)}" if problems else "")
