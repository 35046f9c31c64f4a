"""Rows of the call log about handing over, holds and the card, in Chinese."""

from acd.words.numbers import Detail, clock, cropped, masked, moment, seconds
from acd.words.terms import OUTCOMES, REFUSALS, TRANSFER_REASONS, UNREACHED


def target(detail: Detail) -> str:
    """Whom or what a transfer goes to."""
    to = str(detail.get("to") or detail.get("receiver") or "")
    match detail.get("kind"):
        case "agent":
            return f"座席 {to}"
        case "queue":
            return f"“{to}”队列"
        case "skill":
            return f"具备 {to} 技能的座席"
        case "number":
            return masked(to)
        case _:
            return to or "他人"


def _receiver(detail: Detail) -> str:
    return f"座席 {detail['receiver']}" if detail.get("receiver") else target(detail)


def _why(detail: Detail) -> str:
    why = str(detail.get("code") or detail.get("why") or "")
    return f"（{REFUSALS.get(why) or OUTCOMES.get(why) or UNREACHED.get(why) or cropped(why)}）" if why else ""


def _told(detail: Detail) -> str:
    """Reason, amount and note, as the first agent gave them."""
    reason = str(detail.get("reason") or "")
    words = f"，原因：{TRANSFER_REASONS.get(reason, reason)}" if reason else ""
    words += f"，金额 {detail['amount']:g}" if detail.get("amount") else ""
    return words + (f"；{cropped(detail['note'])}" if detail.get("note") else "")


_RETURNED = {"first agent": "；来电回到座席 {agent}", "queue": "；来电回到队首"}


def transfer(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: the first agent."""
    back = _RETURNED.get(str(detail.get("returned_to")), "").format(agent=agent)
    match detail.get("state"):
        case "asked":
            way = "发起咨询转接，目标：" if detail.get("warm") else "发起直接转接，目标："
            by = f"（由 {detail['by']} 提出）" if detail.get("by") not in (None, "", agent) else ""
            return f"座席 {agent} {way}{target(detail)}{by}{_told(detail)}"
        case "consulting":
            return f"来电保持中，座席 {agent} 正在咨询{_receiver(detail)}"
        case "three-way":
            return f"客户、座席 {agent} 与{_receiver(detail)} 三方通话"
        case "completed":
            return f"座席 {agent} 已将来电转给{_receiver(detail)}{_told(detail)}"
        case "taken back":
            return f"座席 {agent} 取消对{_receiver(detail)} 的咨询，恢复与客户通话"
        case "declined":
            return f"{_receiver(detail)} 拒绝转接{_why(detail)}{back}"
        case "failed":
            return f"转给{target(detail)} 未成功{_why(detail)}{back}"
        case "caller left":
            return f"转给{target(detail)} 时客户已挂机"
        case "explained":
            return f"座席 {agent} 补充转接说明{_told(detail)}"
        case "refused":
            return f"座席 {agent} 不能将来电转给{target(detail)}{_why(detail)}"
        case other:
            return f"转给{target(detail)}：{other or ''}"


def hold(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: who has the caller."""
    held = clock(detail.get("held_s") or 0)
    match detail.get("state"):
        case "held":
            if detail.get("how") == "verify":
                return f"座席 {agent} 请系统核实客户身份"
            how = {"telephone": "（话机）", "page": "（页面）"}.get(str(detail.get("how")), "")
            return f"座席 {agent} 将来电置于保持{how}"
        case "retrieved":
            return f"座席 {agent} 恢复通话，已保持 {held}"
        case "reminder":
            return f"提醒座席 {agent}：来电已保持 {held}"
        case "too long":
            return f"来电保持 {held}，时间过长，已通知班长"
        case other:
            return f"保持：{other or ''}"


def muted(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: who is muted or not."""
    return f"座席 {agent} {'静音' if detail.get('muted') else '取消静音'}"


def consult_ended(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: the receiver."""
    other = f"座席 {agent}" if agent else "外部号码"
    return f"座席 {detail.get('first', '')} 咨询了{other}，{seconds(detail, 'consult_s', 'zh')}"


_VERIFIED = {"none": "未核实身份", "number": "号码匹配", "full": "身份已核实"}


def card(agent: str, queue: str, detail: Detail) -> str:
    """An entry on the context card, in one line."""
    by, text = str(detail.get("by") or agent), cropped(detail.get("text") or "")
    match detail.get("what"):
        case "note":
            return f"{by} 备注：{text}"
        case "matter":
            return f"{by} 填写来电事由：{text}"
        case "verified":
            level = str(detail.get("level", ""))
            how = f"（{cropped(detail['how'])}）" if detail.get("how") else ""
            return f"{by}：{_VERIFIED.get(level, level)}{how}"
        case "promise":
            until = f"（最晚 {moment(detail, 'due_at')}）" if detail.get("due_at") else ""
            return f"{by} 承诺{until}：{text}"
        case "disposition":
            return f"{by} 服务小结：{detail.get('code', '')}{f'，{text}' if text else ''}"
        case "name":
            return f"{by} 登记客户姓名：{text}"
        case "value":
            return f"{by} 登记客户等级：{text}"
        case other:
            return f"{by} 填写来电信息：{other or ''}"
