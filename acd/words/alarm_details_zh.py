"""What an alarm's detail says, in Chinese, for the alarms that a supervisor meets on the floor. Details are stored in English, as engine and recordings
write them; one that is not known here is shown as it is."""

import re
from collections.abc import Mapping

from acd.words.recording_reasons import in_chinese

_DETAILS: Mapping[str, tuple[str, str]] = {
    "caller forgotten on hold": (
        r"agent (\d+) has had the caller of \S+ on hold for (\d+) s",
        "座席 {0} 已将客户保持 {1} 秒",
    ),
    "low mark": (r"call \S+: satisfied (\d) of 5, agent (\d+)", "座席 {1}，评分 {0} 分（满分 5 分）"),
    "call cannot be connected": (
        r"call \S+: two offers in a row reached no phone; tried again every ([\d.]+) s",
        "每 {0} 秒重试一次",
    ),
    "transferred below the tier": (
        r"agent (\d+) \(tier (\d+)\) has a caller for .+, which needs tier (\d+)",
        "座席 {0}（{1} 级），此事项需由 {2} 级及以上座席处理",
    ),
}
"""An alarm's name to its detail, as a pattern and in Chinese."""
_WISH = "; the caller wants to be called back"
_SILENT = {"both sides are": "双方", "the caller's side is": "客户侧", "the agent's side is": "座席侧"}
_RECORDING = re.compile(r"([a-z0-9-]+): (.+)")


def detail_in_chinese(name: str, detail: str) -> str:
    """`agent 1001 has had the caller of c1-1 on hold for 130 s` as 座席 1001 已将客户保持 130 秒."""
    if name.startswith("recording ") and (recording := _RECORDING.fullmatch(detail)):
        offer, said = recording.groups()
        side = said.removesuffix(" silent")
        return f"{offer}：{_SILENT[side]}无声" if side in _SILENT else f"{offer}：{in_chinese(said)}"
    pattern, chinese = _DETAILS.get(name, ("", ""))
    wishes = detail.endswith(_WISH)
    if not pattern or not (found := re.fullmatch(pattern, detail.removesuffix(_WISH))):
        return detail
    return chinese.format(*found.groups()) + ("；客户要求回电" if wishes else "")
