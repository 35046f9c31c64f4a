"""A figure of a queue, or of the hotline, that has crossed a limit, as a sentence. English and Chinese.

The row carries the figures (acd/alarms/thresholds.py): queue, value, limit, level, why, and window_min where the figure is that of the
latest minutes.
"""

from collections.abc import Mapping
from typing import Any

from acd.words.numbers import Detail, clock

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "queue waiting": "queue {queue}: {value} callers waiting (limit {limit})",
        "queue longest wait": "queue {queue}: longest wait {value} (limit {limit})",
        "queue service level": "queue {queue}: service level {value} in the last {window_min} min, below {limit}",
        "queue abandoned": "queue {queue}: abandon rate {value} in the last {window_min} min (limit {limit})",
        "queue staffed": "queue {queue}: {value} agents logged in, fewer than {limit}",
        "queue three-ring rate": "queue {queue}: three-ring rate {value} in the last {window_min} min, below {limit}",
        "trunks ill": "{value} trunks have problems (limit {limit})",
        "disk room short": "{value} MB left on the disk of state or recordings, less than {limit} MB",
        "events late": "events are handled {value} late (limit {limit})",
        "certificate days few": "the certificate of SIP over TLS expires in {value} days, fewer than {limit}",
    },
    "zh": {
        "queue waiting": "队列 {queue}：{value} 位客户在等待（上限 {limit}）",
        "queue longest wait": "队列 {queue}：最长等待 {value}（上限 {limit}）",
        "queue service level": "队列 {queue}：最近 {window_min} 分钟服务水平 {value}，低于 {limit}",
        "queue abandoned": "队列 {queue}：最近 {window_min} 分钟放弃率 {value}（上限 {limit}）",
        "queue staffed": "队列 {queue}：在线座席 {value} 人，少于 {limit} 人",
        "queue three-ring rate": "队列 {queue}：最近 {window_min} 分钟振铃 3 声内接通率 {value}，低于 {limit}",
        "trunks ill": "{value} 条中继异常（上限 {limit} 条）",
        "disk room short": "状态或录音所在磁盘剩余 {value} MB，少于 {limit} MB",
        "events late": "事件处理延迟 {value}（上限 {limit}）",
        "certificate days few": "SIP over TLS 的证书还有 {value} 天到期，少于 {limit} 天",
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
    return f"{said}（{why}）" if language == "zh" else f"{said} ({why})"


def _written(name: str, value: Any) -> str:
    if not isinstance(value, int | float):
        return "-"
    if name in _SHARES:
        return f"{value * 100:.0f}%"
    if name == "events late":
        return f"{value:.1f} s"
    if name == "disk room short":
        return f"{value:,.0f}"
    return clock(value) if name == "queue longest wait" else f"{value:g}"
