"""Whether a leg's line was bad, and in which ways. Pure: figures and thresholds in, verdict out."""

from dataclasses import dataclass

from acd.engine.line_events import LineFigures
from acd.engine.model import LineRules
from acd.voice_quality import estimated_mos

PROBLEMS = ("one-way", "loss", "sent-loss", "jitter", "sent-jitter", "delay", "mos", "sent-mos")
"""one-way: nothing was heard from the party; loss, jitter, mos: of what came from the party; sent-…: of what was sent to the
party, as the party reports it; delay: the round trip."""
LEAST_S = 3.0
"""A talk that was shorter is not judged: a lost packet would be one per cent of it."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures as percentages and estimated MOS, and what is wrong with them."""

    loss_percent: float
    sent_loss_percent: float | None
    mos: float
    """As the other party hears this one: 1.0 when nothing came."""
    sent_mos: float | None
    """As this party hears the other; None: the party sent no report."""
    problems: tuple[str, ...]
    """In the order of PROBLEMS."""


def verdict(figures: LineFigures, rules: LineRules) -> Verdict:
    """The verdict by these thresholds. A line on which nothing came has no jitter or loss of its own: it is one-way."""
    loss = share(figures.lost, figures.lost_of)
    sent_loss = None if figures.sent_lost is None else share(figures.sent_lost, figures.sent_lost_of)
    # Above its threshold only; of a leg that is shorter, all of it.
    one_way = figures.unheard_s >= min(rules.unheard_s, max(figures.seconds, 0.001)) if figures.unheard_s else False
    jitter, sent_jitter, round_trip = figures.jitter_ms, figures.sent_jitter_ms, figures.round_trip_ms
    mos = 1.0 if not figures.packets else estimated_mos(figures.codec, loss, jitter, round_trip)
    sent_mos = None
    if sent_loss is not None:
        sent_mos = estimated_mos(figures.codec, sent_loss, sent_jitter or 0.0, round_trip)
    wrong = {
        "one-way": one_way,
        "loss": loss > rules.loss_percent,
        "sent-loss": sent_loss is not None and sent_loss > rules.loss_percent,
        "jitter": bool(figures.packets) and jitter > rules.jitter_ms,
        "sent-jitter": sent_jitter is not None and sent_jitter > rules.jitter_ms,
        "delay": round_trip is not None and round_trip > rules.round_trip_ms,
        "mos": bool(figures.packets) and mos < rules.mos,
        "sent-mos": sent_mos is not None and sent_mos < rules.mos,
    }
    return Verdict(
        round(loss, 2),
        None if sent_loss is None else round(sent_loss, 2),
        round(mos, 2),
        None if sent_mos is None else round(sent_mos, 2),
        tuple(name for name in PROBLEMS if wrong[name] and figures.seconds >= LEAST_S),
    )


def share(part: float, whole: float) -> float:
    """Per cent, from 0 to 100; 0 of nothing."""
    return min(100.0, max(0.0, 100.0 * part / whole)) if whole > 0 else 0.0
