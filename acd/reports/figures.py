"""The figures of a report: what each one is, from how many calls on it says something, and which target it is held against."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from acd.config import Target

FEW = 10
"""With fewer calls or offers a share or a mean says little (docs/definitions.md#few-calls)."""
Kind = Literal["count", "share", "seconds", "time"]
"""seconds: a mean, to a tenth; time: a sum, as hours, minutes, seconds. Both are in seconds."""
Value = int | float | None


@dataclass(frozen=True, slots=True)
class Figure:
    name: str
    kind: Kind
    of: Callable[[Any], Value]
    """From the counts of the store (`Kpi`, `AgentKpi`)."""
    base: Callable[[Any], int] | None = None
    """How many calls or offers it is made of; None: it is a count or a sum."""
    target: Callable[[Target], float] | None = None
    """None: there is no target."""
    low_is_good: bool = False

    def few(self, counts: Any) -> bool:
        """Whether there is a value that is made of too little."""
        return self.base is not None and 0 < self.base(counts) < FEW

    def missed(self, counts: Any, target: Target | None) -> bool:
        """Whether the value misses the target; never with too few calls, without a value, or without a target."""
        value = self.of(counts)
        if target is None or self.target is None or value is None or self.few(counts):
            return False
        limit = self.target(target)
        return value > limit if self.low_is_good else value < limit


def _plain(name: str, kind: Kind = "count") -> Figure:
    return Figure(name, kind, lambda counts: getattr(counts, name))


QUEUE_FIGURES: tuple[Figure, ...] = (
    Figure("calls", "count", lambda k: k.ended),
    _plain("answered"),
    Figure("connect_rate", "share", lambda k: k.connect_rate, lambda k: k.ended, lambda t: t.connect_share),
    Figure("within_15_s", "share", lambda k: k.within_15_s, lambda k: k.ended_asked, lambda t: t.within_share),
    Figure(
        "three_ring_rate", "share", lambda k: k.three_ring_rate, lambda k: k.offers_rang, lambda t: t.three_ring_share
    ),
    Figure(
        "promises_kept_rate", "share", lambda k: k.promises_kept_rate, lambda k: k.promises, lambda t: t.promises_share
    ),
    Figure(
        "asa_s", "seconds", lambda k: k.asa_s, lambda k: k.answered - k.called_back, lambda t: t.answer_within_s, True
    ),
    Figure("aht_s", "seconds", lambda k: k.aht_s, lambda k: k.answered, lambda t: t.aht_s, True),
    Figure("abandoned", "count", lambda k: k.abandoned_ivr + k.abandoned_queue + k.abandoned_ringing),
    *(_plain(name) for name in ("short", "callbacks", "sent_on", "message")),
    *(_plain(name, "time") for name in ("talk_s", "hold_s", "wrap_up_s")),
)
AGENT_FIGURES: tuple[Figure, ...] = (
    *(_plain(name) for name in ("talks", "offers")),
    Figure(
        "three_ring_rate", "share", lambda k: k.three_ring_rate, lambda k: k.offers_rang, lambda t: t.three_ring_share
    ),
    _plain("no_answer"),
    Figure("handling_s", "seconds", lambda k: k.handling_s, lambda k: k.talks, lambda t: t.aht_s, True),
    *(_plain(name, "time") for name in ("talk_s", "hold_s", "wrap_up_s", "logged_in_s", "idle_s", "not_ready_s")),
    Figure("occupancy", "share", lambda k: k.occupancy),
    Figure("agent_hung_up", "share", lambda k: k.agent_hung_up, lambda k: k.ended_by_agent + k.ended_by_caller),
)


def shown(figure: Figure, value: Value) -> str:
    """The value as people read it: "1 234", "93.5%", "0:12", "2:03:10"; a dash for none."""
    return written(figure.kind, value)


def written(kind: Kind, value: Value) -> str:
    """The same by the kind."""
    if value is None:
        return "–"
    if kind == "share":
        return f"{value * 100:.1f}%"
    if kind == "count":
        return f"{value:,}".replace(",", "\u202f")
    whole = round(value)
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


FIGURES: Mapping[str, tuple[Figure, ...]] = {"queues": QUEUE_FIGURES, "agents": AGENT_FIGURES}
