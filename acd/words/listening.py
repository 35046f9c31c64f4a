"""Rows of supervisors who listen, in English and Chinese."""

from collections.abc import Mapping

from acd.words.numbers import Detail, seconds

MODES: Mapping[str, tuple[str, str]] = {
    "listen": ("listens", "监听"),
    "whisper": ("whispers to the agent", "密语座席"),
    "barge": ("joins the talk", "加入通话"),
    "take-over": ("takes the caller over", "接管来电"),
}
WHY: Mapping[str, tuple[str, str]] = {
    "busy": ("the telephone is busy", "话机占线"),
    "rejected": ("the telephone was declined", "话机拒接"),
    "no answer": ("the telephone was not answered", "话机无人接听"),
    "unreachable": ("the telephone is not registered", "话机未注册"),
    "failed": ("the telephone could not be rung", "无法呼叫话机"),
    "hung up": ("hung up", "已挂机"),
    "lost": ("the telephone was lost", "话机失联"),
    "asked to": ("ended by the supervisor", "班长结束"),
    "call over": ("the call is over", "通话已结束"),
    "other team": ("the call went to another team", "来电已转到其他团队"),
}


def listening_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind LISTENING."""
    who, mode = str(detail.get("account", "")), MODES.get(str(detail.get("mode")), ("listens", ""))[0]
    why = WHY.get(str(detail.get("why")), (str(detail.get("why", "")), ""))[0]
    match detail.get("state"):
        case "asked":
            return f"{who} wants to listen: telephone {detail.get('telephone', '')} rings"
        case "began" | "switched":
            return f"{who} {mode}" + (f" (agent {agent})" if agent else "")
        case "joined":
            return f"{who} is in the talk; all hear them, and the recording holds them"
        case "left":
            return f"{who} leaves the talk after {seconds(detail, 'joined_s')}"
        case "took over":
            return f"{who} has taken the caller over"
        case "leg over":
            return f"the talk with {who} ends after {seconds(detail, 'talk_s')} in all"
        case "failed":
            return f"{who} could not listen: {why}"
        case _:
            return f"{who} has listened for {seconds(detail, 'listened_s')}: {why}"


def listening_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind LISTENING."""
    who, mode = str(detail.get("account", "")), MODES.get(str(detail.get("mode")), ("", "监听"))[1]
    why = WHY.get(str(detail.get("why")), ("", str(detail.get("why", ""))))[1]
    match detail.get("state"):
        case "asked":
            return f"{who} 请求监听，话机 {detail.get('telephone', '')} 振铃"
        case "began" | "switched":
            return f"{who} {mode}" + (f"（座席 {agent}）" if agent else "")
        case "joined":
            return f"{who} 已加入通话，各方均可听到，录音包含其声音"
        case "left":
            return f"{who} 退出通话，历时 {seconds(detail, 'joined_s')}"
        case "took over":
            return f"{who} 已接管来电"
        case "leg over":
            return f"与 {who} 的通话结束，连同座席的通话共 {seconds(detail, 'talk_s')}"
        case "failed":
            return f"{who} 未能监听：{why}"
        case _:
            return f"{who} 结束监听，历时 {seconds(detail, 'listened_s')}：{why}"
