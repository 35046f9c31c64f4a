"""The facts of a talk's sound against the thresholds. Pure functions; every finding has its seconds.

`apart`: stretches in which caller and agent are not alone with each other (hold, consult, three-way, mask). Nothing is found in them.
"""

import numpy as np

from acd.config.analysis import AnalysisTable
from recordings.analysis.activity import FRAME_S, Mask, Spans, mask_of, spans_of
from recordings.analysis.findings import Finding, Who
from recordings.analysis.measured import Measured, Side
from recordings.analysis.voice import STRETCH_S

SPOKE_S = 0.5
"""Who is interrupted has spoken for so long."""
TAIL_S = 0.7
"""Who still speaks so long after the other's beginning is interrupted, and not just at the end of the sentence."""
PAUSE_S = 0.7
"""A shorter pause does not end a turn."""
WORDS_S = 0.2
"""A shorter sound is no greeting."""
FOR_A_MEDIAN = 8
"""Stretches of speech from which a voice's own median is known."""
SOFT_PITCH = 3
"""Of so many stretches around one the highest pitch counts: a shout has vowels, and consonants between them."""


def all_of(measured: Measured, apart: Spans, rules: AnalysisTable) -> list[Finding]:
    """Everything about the sound, detector by detector."""
    return [
        *greeting(measured, apart, rules),
        *dead_air(measured, apart, rules),
        *interruptions(measured, apart, rules),
        *talk_share(measured, rules),
        *raised_voice("caller", measured.caller, apart, rules),
        *raised_voice("agent", measured.agent, apart, rules),
    ]


def greeting(measured: Measured, apart: Spans, rules: AnalysisTable) -> list[Finding]:
    """The agent's first words come later than `greeting_s` after the connection, at which the recording begins; or never. Nothing where they may
    have been said while the two were apart, or the recording masked."""
    first = next((begin for begin, end in measured.agent.speech if end - begin >= WORDS_S), None)
    if any(begin < end and begin <= rules.greeting_s and (first is None or begin < first) for begin, end in apart):
        return []
    if first is None:
        late = measured.seconds > rules.greeting_s
        return [Finding("greeting-late", "agent", 0.0, measured.seconds, None, rules.greeting_s)] if late else []
    return [Finding("greeting-late", "agent", 0.0, first, first, rules.greeting_s)] if first > rules.greeting_s else []


def dead_air(measured: Measured, apart: Spans, rules: AnalysisTable) -> list[Finding]:
    """Nobody speaks for `dead_air_s` or longer."""
    frames = _frames(measured)
    silent = ~(_speech(measured.caller, frames) | _speech(measured.agent, frames) | mask_of(apart, frames))
    return [
        Finding("dead-air", "", begin, end, round(end - begin, 2), rules.dead_air_s)
        for begin, end in spans_of(silent)
        if end - begin >= rules.dead_air_s
    ]


def interruptions(measured: Measured, apart: Spans, rules: AnalysisTable) -> list[Finding]:
    """The agent begins to speak while the caller has been speaking and goes on, and both speak for `interruption_s` or longer."""
    frames = _frames(measured)
    out = mask_of(apart, frames)
    both = _speech(measured.agent, frames) & _speech(measured.caller, frames) & ~out
    found = []
    theirs = _turns(measured.caller.speech)
    for begin, end in _turns(measured.agent.speech):
        for their_begin, their_end in theirs:
            if their_begin + SPOKE_S <= begin <= their_end - TAIL_S:
                until = min(end, their_end)
                overlap = float(both[round(begin / FRAME_S) : round(until / FRAME_S)].sum()) * FRAME_S
                if overlap >= rules.interruption_s:
                    found.append(
                        Finding("interruption", "agent", begin, until, round(overlap, 2), rules.interruption_s)
                    )
    return found


def _turns(speech: Spans) -> Spans:
    """Speech with the pauses that a speaker makes within a sentence."""
    turns: Spans = []
    for begin, end in speech:
        if turns and begin - turns[-1][1] < PAUSE_S:
            turns[-1] = (turns[-1][0], end)
        else:
            turns.append((begin, end))
    return turns


def talk_share(measured: Measured, rules: AnalysisTable) -> list[Finding]:
    """The agent has too much or too little of all speech."""
    share = agents_share(measured)
    if share is None or measured.caller.spoken_s + measured.agent.spoken_s < rules.talk_share_from_s:
        return []
    if share > rules.talk_share_most:
        limit = rules.talk_share_most
    elif share < rules.talk_share_least:
        limit = rules.talk_share_least
    else:
        return []
    return [Finding("talk-share", "agent", 0.0, measured.seconds, round(share, 3), limit)]


def agents_share(measured: Measured) -> float | None:
    """The agent's part of all speech, 0 to 1; None where nobody speaks."""
    caller, agent = measured.caller.spoken_s, measured.agent.spoken_s
    return agent / (caller + agent) if caller + agent else None


def raised_voice(who: Who, side: Side, apart: Spans, rules: AnalysisTable) -> list[Finding]:
    """A voice is `raised_db` louder and `raised_pitch_percent` higher than its own median in this talk, for `raised_s`."""
    if len(side.voice) < FOR_A_MEDIAN:
        return []
    at = np.array([begin for begin, _, _ in side.voice])
    level = np.array([decibels for _, decibels, _ in side.voice])
    pitch = np.array([hertz for _, _, hertz in side.voice])
    if not (pitch > 0).any():
        return []
    usual_db, usual_hz = float(np.median(level)), float(np.median(pitch[pitch > 0]))
    place = np.round(at / STRETCH_S).astype(int)
    count = int(place[-1]) + 1
    loud, high = np.zeros(count, bool), np.zeros(count)
    loud[place] = level >= usual_db + rules.raised_db
    high[place] = pitch
    half = SOFT_PITCH // 2
    highest = np.lib.stride_tricks.sliding_window_view(np.pad(high, half), SOFT_PITCH).max(axis=1)
    raised = loud & (highest >= usual_hz * (1 + rules.raised_pitch_percent / 100))
    out = mask_of(apart, int(count * STRETCH_S / FRAME_S) + 1)
    steps = round(STRETCH_S / FRAME_S)
    raised &= ~out[: count * steps : steps][:count]
    found = []
    for begin, end in _bridged(raised):
        if (end - begin) * STRETCH_S >= rules.raised_s:
            inside = level[(place >= begin) & (place < end)]
            found.append(
                Finding(
                    "raised-voice", who, begin * STRETCH_S, end * STRETCH_S, round(float(inside.max()) - usual_db, 1), rules.raised_db
                )
            )  # fmt: skip
    return found


def _bridged(flags: Mask) -> list[tuple[int, int]]:
    """Runs of True as from and to; a single False between two does not part them."""
    runs: list[tuple[int, int]] = []
    for number in np.flatnonzero(flags):
        if runs and number - runs[-1][1] <= 1:
            runs[-1] = (runs[-1][0], int(number) + 1)
        else:
            runs.append((int(number), int(number) + 1))
    return runs


def _frames(measured: Measured) -> int:
    return int(measured.seconds / FRAME_S)


def _speech(side: Side, frames: int) -> Mask:
    return mask_of(side.speech, frames)
