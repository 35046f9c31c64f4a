"""The hotline calls itself: what such a call found, and what is wrong with it. Pure: facts in, faults out.

A call goes out over a trunk to one of our own numbers, and the carrier brings it in again; or it goes to our own SIP port (the
local loop, no trunk). One end is *ours out*, the channel that dialled; the other *in*, the channel that came in. `out` is what
goes from the first to the second, `back` what goes from the second to the first.

Who does it: acd/pbx/actions/self_call.py dials and listens, recordings/self_call_sound.py measures, acd/words/self_call.py says
in words what the faults are and what to type.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from acd.telephone_numbers import canonical
from acd.voice_quality import estimated_mos

Code = Literal[
    "refused",
    "no-answer",
    "busy",
    "no-such-number",
    "rejected",
    "trunk-away",
    "nothing-came-in",
    "keys-out",
    "keys-back",
    "sound-out",
    "sound-back",
    "sound-both",
    "quiet-out",
    "quiet-back",
    "loss-out",
    "loss-back",
    "delay",
    "number-other",
    "number-missing",
    "recording",
    "cut",
]
"""What can be wrong, worst first."""

LOCAL = ""
"""The name of no trunk: the local loop."""
QUIET_DB = 10.0
"""A tone that lost more than this on its way is told: a caller would be hard to understand."""
LOSS_PERCENT = 3.0
"""From here on speech is audibly broken; G.113 gives G.711 with loss concealment 10 points of R for it."""
ROUND_TRIP_MS = 400.0
"""ITU-T G.114: below 150 ms one way nobody is disturbed, above 400 ms planning is unacceptable. Told from twice 200 ms on."""
_BUSY, _NO_NUMBER, _NO_ANSWER = {17}, {1, 2, 3, 22, 28}, {18, 19}
_AWAY = {0, 20, 27, 34, 38, 41, 42}
"""Q.850: no route or out of order, temporary failure, congestion; 0: Asterisk had nobody to send it to."""


@dataclass(frozen=True, slots=True)
class Direction:
    """The sound of one direction, as it was heard at its end."""

    heard: bool = False
    level_dbov: float | None = None
    """Level of the tone (ITU-T G.100.1: 0 dBov is a full square wave); None: nothing was heard."""
    lost_db: float | None = None
    """By how much it is quieter than it was sent."""
    loss_percent: float = 0.0
    """Part of the tone that is missing, or of the packets by RTCP's count, whichever is more."""
    jitter_ms: float = 0.0
    """By RTP's own count (RFC 3550) at the end that listens."""
    mos: float | None = None
    """Estimated by the E-model (acd/voice_quality.py); None: nothing was heard."""


@dataclass(frozen=True, slots=True)
class Sound:
    """What both recorders held."""

    out: Direction
    back: Direction
    round_trip_ms: float | None = None
    """From mouth to ear and back, through both telephones' buffers; None where one direction was not heard."""

    def rated(self, codec: str = "alaw") -> Sound:
        """The same with the estimated MOS of each direction."""

        def of(one: Direction) -> Direction:
            if not one.heard:
                return one
            return replace(one, mos=round(estimated_mos(codec, one.loss_percent, one.jitter_ms, self.round_trip_ms), 2))

        return Sound(of(self.out), of(self.back), self.round_trip_ms)


@dataclass(frozen=True, slots=True)
class Line:
    """What an end's RTP has counted."""

    received: int = 0
    lost: int = 0
    jitter_ms: float = 0.0

    @property
    def loss_percent(self) -> float:
        """Part of what should have come."""
        return 100 * self.lost / max(1, self.received + self.lost)


@dataclass(frozen=True, slots=True)
class Arrival:
    """As what the call came in."""

    caller: str
    """The number by [arrive], or "unknown"."""
    dialled: str
    withheld: bool = False
    asserted: str = ""
    """The user part of P-Asserted-Identity, digits and a plus only."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that one call of the hotline to itself has shown."""

    trunk: str
    """Empty: the local loop."""
    number: str
    """Our own number that was dialled."""
    shown: str
    """Our own number that the call showed."""
    written: str = ""
    """The number that was dialled as this carrier wants it written (`dial_as`); empty where nothing was dialled."""
    refused: str = ""
    """Why nothing was dialled: a reason of acd/calls_out.py, a limit, "no-trunk"; empty: it was dialled."""
    answered: bool = False
    cause: int = 0
    """Q.850 cause with which the outgoing channel ended, where it was not answered."""
    sip: str = ""
    """The carrier's answer, as "SIP 404", where Asterisk told it."""
    arrived: Arrival | None = None
    others: tuple[str, ...] = ()
    """Callers of ordinary calls that came in meanwhile: one of them may be ours, with another number."""
    keys_out: str = ""
    keys_back: str = ""
    """Sent."""
    heard_out: str | None = None
    heard_back: str | None = None
    """Heard at the other end; None: that end never got so far."""
    sound: Sound | None = None
    recording: str = ""
    """What is wrong with the recording of the call; empty: nothing."""
    complete: bool = False
    """Whether both ends came to their end."""
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; the words are in acd/words/self_call.py."""

    code: Code
    detail: Mapping[str, str] = field(default_factory=dict)


def heard(facts: Facts, sound: Sound, lines: Mapping[str, Line]) -> Facts:
    """The facts with the sound that the recorders held, joined with what RTP has counted at each end, and rated.

    Packets with keys are counted with those of the sound: where the keys are lost, RTP's count of loss says nothing of the sound.
    """

    def of(one: Direction, line: Line | None, keys_came: bool) -> Direction:
        if line is None or not one.heard:
            return one
        loss = max(one.loss_percent, line.loss_percent) if keys_came else one.loss_percent
        return replace(one, loss_percent=round(loss, 1), jitter_ms=line.jitter_ms)

    out = of(sound.out, lines.get("in"), facts.heard_out == facts.keys_out)
    back = of(sound.back, lines.get("out"), facts.heard_back == facts.keys_back)
    return replace(facts, sound=replace(sound, out=out, back=back).rated())


def faults(facts: Facts, country: str = "CN") -> tuple[Fault, ...]:
    """What is wrong, worst first; none: all is well. `country`: how numbers are read."""
    if facts.refused:
        return (Fault("refused", {"why": facts.refused}),)
    if not facts.answered:
        return (_not_answered(facts),)
    if facts.arrived is None:
        return (Fault("nothing-came-in", {"number": facts.number, "others": ", ".join(facts.others)}),)
    sound = _sound(facts.sound)
    if not facts.complete:
        # The tone was cut off with the call: nothing can be said of its loss.
        sound = [each for each in sound if not each.code.startswith("loss-")]
    found = [*_keys(facts), *sound, *_number(facts, country)]
    if facts.recording:
        found.append(Fault("recording", {"why": facts.recording}))
    # Asterisk itself ends a call in which it hears nothing (rtp_timeout): the sound is the fault then, and is told.
    if not facts.complete and not any(each.code.startswith("sound-") for each in found):
        found.append(Fault("cut", {"took": f"{facts.took_s:.0f}"}))
    return tuple(found)


def _not_answered(facts: Facts) -> Fault:
    written = facts.written or facts.number
    detail = {"number": facts.number, "written": written, "answer": facts.sip or f"cause {facts.cause}"}
    if facts.cause in _BUSY:
        return Fault("busy", detail)
    if facts.cause in _NO_NUMBER:
        return Fault("no-such-number", detail)
    if facts.cause in _NO_ANSWER:
        return Fault("no-answer", detail)
    return Fault("trunk-away" if facts.cause in _AWAY else "rejected", detail)


def _keys(facts: Facts) -> list[Fault]:
    found = []
    for code, sent, heard in (
        ("keys-out", facts.keys_out, facts.heard_out),
        ("keys-back", facts.keys_back, facts.heard_back),
    ):
        if heard != sent and sent:
            found.append(Fault(code, {"sent": sent, "heard": heard or ""}))  # type: ignore[arg-type]
    return found


def _sound(sound: Sound | None) -> list[Fault]:
    if sound is None:
        return []
    if not sound.out.heard and not sound.back.heard:
        return [Fault("sound-both")]
    found: list[Fault] = []
    for way, one in (("out", sound.out), ("back", sound.back)):
        if not one.heard:
            found.append(Fault(f"sound-{way}"))  # type: ignore[arg-type]
            continue
        if one.lost_db is not None and one.lost_db > QUIET_DB:
            detail = {"lost": f"{one.lost_db:.0f}", "level": f"{one.level_dbov:.0f}"}
            found.append(Fault(f"quiet-{way}", detail))  # type: ignore[arg-type]
        if one.loss_percent >= LOSS_PERCENT:
            detail = {"loss": f"{one.loss_percent:.1f}", "mos": "" if one.mos is None else f"{one.mos:.1f}"}
            found.append(Fault(f"loss-{way}", detail))  # type: ignore[arg-type]
    if sound.round_trip_ms is not None and sound.round_trip_ms > ROUND_TRIP_MS:
        found.append(Fault("delay", {"round_trip": f"{sound.round_trip_ms:.0f}"}))
    return found


def _number(facts: Facts, country: str) -> list[Fault]:
    arrived = facts.arrived
    if arrived is None or facts.trunk == LOCAL:
        return []  # A loop shows no number to anybody.
    if arrived.caller == "unknown" or arrived.withheld:
        return [Fault("number-missing", {"shown": facts.shown, "asserted": arrived.asserted})]
    if not same_number(arrived.caller, facts.shown, country):
        return [Fault("number-other", {"shown": facts.shown, "arrived": arrived.caller, "asserted": arrived.asserted})]
    return []


def same_number(one: str, other: str, country: str) -> bool:
    """Whether both are one number in two writings; a short number of our own, as 95001, has no writing with a country code."""
    return one.lstrip("+0") == other.lstrip("+0") or (
        canonical(one, country) != "" and canonical(one, country) == canonical(other, country)
    )


def as_json(facts: Facts, found: tuple[Fault, ...]) -> dict[str, Any]:
    """What is kept and what the API tells; codes only, without the sentences."""
    return {"ok": not found, **asdict(facts), "faults": [{"code": each.code, **each.detail} for each in found]}
