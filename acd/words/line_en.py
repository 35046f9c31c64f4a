"""Rows of the call log about how well a line carries speech, in English."""

from acd.words.numbers import Detail


def problem(name: str, detail: Detail) -> str:
    """One of line_verdict.PROBLEMS, with its figure; `side` in `detail` is the party whose line it is."""
    party = detail.get("side") or "party"
    match name:
        case "one-way":
            return f"one-way: nothing was heard from the {party} for {detail.get('unheard_s', 0):g} s"
        case "loss":
            return f"{detail.get('loss_percent', 0):g}% of the {party}'s words lost"
        case "sent-loss":
            return f"{detail.get('sent_loss_percent') or 0:g}% of what the {party} should hear lost"
        case "jitter":
            return f"jitter {detail.get('jitter_ms', 0):g} ms from the {party}"
        case "sent-jitter":
            return f"jitter {detail.get('sent_jitter_ms') or 0:g} ms to the {party}"
        case "delay":
            return f"{detail.get('round_trip_ms') or 0:g} ms to the {party} and back"
        case "mos":
            return f"the {party} is hard to understand"
        case "sent-mos":
            return f"the {party} can hardly understand"
        case other:
            return other


def line(agent: str, queue: str, detail: Detail) -> str:
    """A line in talk has changed."""
    side = detail.get("side", "")
    problems = detail.get("problems") or ()
    if not problems:
        return f"the {side}'s line is good again (estimated MOS {detail.get('mos', 0):g})"
    return f"the {side}'s line is bad: {'; '.join(problem(each, detail) for each in problems)}"


def leg_quality(agent: str, queue: str, detail: Detail) -> str:
    """A line over a whole talk."""
    words = f"line of the {detail.get('side', '')} ({detail.get('party', '')}): "
    words += f"estimated MOS {detail.get('mos', 0):g}, loss {detail.get('loss_percent', 0):g}%, jitter {detail.get('jitter_ms', 0):g} ms"
    if detail.get("round_trip_ms") is not None:
        words += f", round trip {detail['round_trip_ms']:g} ms"
    if detail.get("sent_mos") is not None:
        words += f"; the other way MOS {detail['sent_mos']:g}, loss {detail.get('sent_loss_percent') or 0:g}%"
    problems = detail.get("problems") or ()
    return words + (f". Bad: {'; '.join(problem(each, detail) for each in problems)}" if problems else "")
