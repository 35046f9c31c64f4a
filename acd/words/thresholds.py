"""A queue's figure that has crossed a limit, as a sentence. English and Chinese.

The row carries the figures (acd/alarms/thresholds.py): queue, value, limit, level, why, and window_min where the figure is that of the
latest minutes.
"""

from collections.abc import Mapping
from typing import Any

from acd.words.numbers import Detail, clock

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "queue waiting": "queue {queue}: {value} callers wait, {limit} or more",
        "queue longest wait": "queue {queue}: the longest wait is {value}, {limit} or more",
        "queue service level": "queue {queue}: service level {value} in the last {window_min} min, below {limit}",
        "queue abandoned": "queue {queue}: {value} of the callers gave up in the last {window_min} min, {limit} or more",
        "queue staffed": "queue {queue}: {value} agents are staffed, fewer than {limit}",
        "queue three-ring rate": "queue {queue}: three-ring rate {value} in the last {window_min} min, below {limit}",
    },
    "zh": {
        "queue waiting": "队列 {queue}:{value} 位客户在等待,已达 {limit}",
        "queue longest wait": "队列 {queue}:最长等待 {value},已达 {limit}",
        "queue service level": "队列 {queue}:最近 {window_min} 分钟服务水平 {value},低于 {limit}",
        "queue abandoned": "队列 {queue}:最近 {window_min} 分钟放弃率 {value},已达 {limit}",
        "queue staffed": "队列 {queue}:在岗座席 {value} 人,少于 {limit} 人",
        "queue three-ring rate": "队列 {queue}:最近 {window_min} 分钟三声接听率 {value},低于 {limit}",
    },
}
_SHARES = ("queue service level", "queue abandoned", "queue three-ring rate")


def alarm(detail: Detail, language: str) -> str:
    """The sentence of a threshold's alarm; empty for any other alarm."""
    name, figures = str(detail.get("name", "")), detail.get("figures")
    form = SENTENCES[language].get(name)
    if form is None or not isinstance(figures, Mapping):
        return ""
    shown: dict[str, Any] = {"queue": "?", "window_min": "?", **figures}
    shown |= {which: _written(name, figures.get(which)) for which in ("value", "limit")}
    why = str(figures.get("why") or "")
    said = form.format_map(shown)
    if not why:
        return said
    return f"{said}({why})" if language == "zh" else f"{said} ({why})"


def _written(name: str, value: Any) -> str:
    if not isinstance(value, int | float):
        return "-"
    if name in _SHARES:
        return f"{value * 100:.0f} %"
    return clock(value) if name == "queue longest wait" else f"{value:g}"
