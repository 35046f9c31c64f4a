"""Why a recording is not complete, in Chinese. The reasons are those that recordings/leg.py and its helpers write into manifest and log;
one that is not known here is shown as it is."""

import re

_SPEAKERS = {"caller": "客户", "agent": "座席", "first agent": "转出座席", "receiver": "接收座席"}
_REASONS: tuple[tuple[str, str], ...] = (
    ("both sides are missing: the mixed sound is on both channels", "双方单独的声音缺失，两个声道均为混合声音"),
    (r"the ([\w ]+)'s side is missing", "{0}一侧缺失"),
    (r"the ([\w ]+)'s side holds no sound", "{0}一侧没有声音"),
    (r"the ([\w ]+)'s side is ([\d.]+) s shorter", "{0}一侧短 {1} 秒"),
    ("disk full", "磁盘已满"),
    ("the files hold no sound", "文件中没有声音"),
    ("there is no file", "没有文件"),
    ("the file is gone", "文件缺失"),
    ("the sound is not what was filed", "声音与归档时不一致"),
    ("another file of this name was there already", "已有同名文件"),
    ("how long they talked is not known", "通话时长未知"),
    (r"([\d.]+) s of sound for ([\d.]+) s of talk", "声音 {0} 秒，通话 {1} 秒"),
    (r"([\d.]+) s of sound for ([\d.]+) s of talk and hold", "声音 {0} 秒，通话和保持共 {1} 秒"),
    ("the header is damaged", "文件头损坏"),
    (r"the file was never closed \(Asterisk was killed\)", "文件未正常关闭（Asterisk 被终止）"),
    ("the file is cut short", "文件不完整"),
    ("the header tells of less sound than there is", "文件头记录的长度小于实际长度"),
    ("declined", "客户不同意录音"),
    ("deleted", "已删除"),
    ("not filed yet", "尚未归档"),
    ("the manifest lacks it", "清单中没有此段"),
)
_SIDE = re.compile(r"([\w ]+)'s side: (.+)|the message: (.+)")


def in_chinese(reasons: str) -> str:
    """Reasons with "; " between, as the log has them: `disk full; 3.2 s of sound for 10.0 s of talk` as 磁盘已满；声音 3.2 秒，通话 10.0 秒."""
    return "；".join(_one(each) for each in reasons.split("; ") if each)


def _one(reason: str) -> str:
    if side := _SIDE.fullmatch(reason):
        who, fault, message = side.groups()
        return f"留言：{_one(message)}" if message else f"{_SPEAKERS.get(who, who)}一侧：{_one(fault)}"
    for pattern, chinese in _REASONS:
        if found := re.fullmatch(pattern, reason):
            return chinese.format(*(_SPEAKERS.get(part, part) for part in found.groups()))
    return reason
