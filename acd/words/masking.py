"""Rows of masked recordings, in English and Chinese."""

from collections.abc import Mapping

from acd.words.numbers import Detail, seconds

ENDED: Mapping[str, tuple[str, str]] = {
    "limit": ("it ended by itself, for it was on for the longest time allowed", "已达时间上限，自动恢复"),
    "agent left": ("the agent left the caller to a supervisor", "座席退出，来电由班长接管"),
    "call over": ("the call is over", "通话已结束"),
}
FAILED: Mapping[str, tuple[str, str]] = {
    "no-recorder": ("no recording runs", "没有正在进行的录音"),
    "refused": ("Asterisk refused it", "Asterisk 拒绝执行"),
    "no-answer": ("Asterisk did not answer", "Asterisk 未应答"),
    "no-link": ("Asterisk can't be reached", "与 Asterisk 失去联系"),
}


def mask_en(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind MASK."""
    why, by = str(detail.get("why", "")), str(detail.get("by", ""))
    match detail.get("state"):
        case "began":
            return f"the recording is masked, by {_party_en(agent, by)}: it holds silence"
        case "failed":
            return f"the recording is not masked: {FAILED.get(why, (why, ''))[0]}; it holds what was said"
        case _:
            how = ENDED[why][0] if why in ENDED else f"by {_party_en(agent, by)}"
            return f"the recording is no longer masked after {seconds(detail, 'masked_s')}: {how}"


def mask_zh(agent: str, queue: str, detail: Detail) -> str:
    """A row of kind MASK."""
    why, by = str(detail.get("why", "")), str(detail.get("by", ""))
    match detail.get("state"):
        case "began":
            return f"{_party_zh(agent, by)} 屏蔽录音，此后录音为静音"
        case "failed":
            return f"录音未能屏蔽：{FAILED.get(why, ('', why))[1]}，通话内容仍被录下"
        case _:
            how = ENDED[why][1] if why in ENDED else f"由 {_party_zh(agent, by)} 恢复"
            return f"录音屏蔽结束，历时 {seconds(detail, 'masked_s', 'zh')}：{how}"


def _party_en(agent: str, by: str) -> str:
    return f"agent {agent}" if by in ("", agent) else by


def _party_zh(agent: str, by: str) -> str:
    return f"座席 {agent}" if by in ("", agent) else by
