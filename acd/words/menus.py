"""Menus drawn, and the way of a caller through them, in both languages."""

from collections.abc import Mapping
from typing import Literal

_ZH: Mapping[str, str] = {
    "menu": "菜单 {}",
    "service": "自助服务 {}",
    "story": "流程 {}",
    "queue": "队列 {}",
    "owner": "（优先投诉负责人）",
    "repeat": "重听",
    "back": "返回上级",
    "goodbye": "结束语",
    "tries": "（{} 次之后）",
    "note": "（{}）",
    "unreached": "（无法到达）{}",
    "everywhere": "任何菜单：  0  {}，  *  返回上级，  #  重听",
    "emergency": "，  {}  紧急队列",
    "not": "非{}",
    "class": "等级",
    "language": "语言",
    "area": "地区",
    "lookup": "已配置查询",
    "known": "已知客户",
    "complaint": "有未结投诉",
    "fault": "受故障影响",
    "verified": "已核实身份",
    "open": "服务时间内",
}

LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "zh": {"zh": "中文", "en": "Chinese"},
    "en": {"zh": "英语", "en": "English"},
}
"""A language of the hotline, which is a skill of agents too, to its name in the language of whoever reads."""


def language_name(code: str, language: str) -> str:
    """`en` as 英语 or English; a code that is no language stays."""
    return LANGUAGES.get(code, {}).get(language, code)


def menu_path(path: str, language: str) -> str:
    """The keys that a caller pressed, `zh/1/2` as `中文 › 1 › 2` or `Chinese › 1 › 2`."""
    return " › ".join(language_name(step, language) for step in path.split("/"))


def drawing_words(language: Literal["zh", "en"], english: Mapping[str, str]) -> Mapping[str, str]:
    """The words for a drawing of menus; `english`: those of `ivr.menus.inspect`."""
    return _ZH if language == "zh" else english
