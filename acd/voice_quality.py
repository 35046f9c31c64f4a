"""How well a telephone line carries speech: the E-model, from codec, packet loss and delay to an estimated MOS. Pure.

Sources.

* ITU-T G.107 (E-model): R = Ro - Is - Id - Ie,eff + A. Ro - Is and the echo part of Id are those of its default values (a
  handset on a digital line, TELR 65 dB, WEPL 110 dB); then R is 93.2 on a perfect line. Its Annex B gives the MOS of an R.
* ITU-T G.113, Appendix I: Ie (what the codec itself costs) and Bpl (how well it bears loss) of each codec. Loss is taken as
  random (BurstR 1): RTCP tells how much was lost, and not in which bursts. G.711 is rated with packet loss concealment
  (Bpl 25.1), which telephones have; without it Bpl is 4.3. The standard has G.722 on its wideband scale only, which can't be
  compared: G.722 and every codec that the table lacks are rated like G.711.
* ITU-T G.109: R of 90, 80, 70, 60 and 50 bound the classes from "very satisfied" to "nearly all users dissatisfied".
* Ramjee, Kurose, Towsley and Schulzrinne, "Adaptive playout mechanisms for packetized audio applications" (1994): a receiver
  plays a packet four mean deviations after its mean arrival, so four times the jitter counts as delay.

It is an estimate of a planning model, not what a person said: it knows nothing of noise, of the loudness, or of the line
beyond the carrier.
"""

from __future__ import annotations

from math import exp, log2, log10, sqrt
from typing import NamedTuple

PACKET_MS = 20.0
"""Speech in one packet: it is sent when its last sample was spoken."""
PLAYOUT = 4.0
"""How many times the jitter a receiver waits before it plays."""

_RO, _IS = 94.77, 1.41
"""G.107 with its default values: signal to noise at the 0 dBr point, and what disturbs together with speech."""
_TELR_DB, _WEPL_DB = 65.0, 110.0
"""G.107's defaults: how loud talkers hear their own echo, and how much the loop of both ends' echoes is damped."""
_ROE = 1.5 * (61.18 + 2)
"""-1.5 (No - RLR) with G.107's defaults, where No is -61.18 dBm0p and RLR 2 dB."""


class Codec(NamedTuple):
    """A codec's figures of G.113, Appendix I."""

    ie: float
    bpl: float


G711 = Codec(0, 25.1)
CODECS = {
    "alaw": G711,
    "ulaw": G711,
    "g722": G711,
    "gsm": Codec(20, 10.0),  # Bpl is that of GSM-EFR: the table has none for GSM-FR.
    "g729": Codec(11, 19.0),
    "g723": Codec(15, 16.1),
}
"""By Asterisk's name."""


def estimated_mos(codec: str, loss_percent: float, jitter_ms: float, round_trip_ms: float | None) -> float:
    """MOS from 1.0 to 4.5 of speech that was sent over a line, as its listener would rate it.

    `round_trip_ms` is that of the network; None, and it counts as 0. Half of it, one packet and the playout of the jitter are
    the one-way delay.
    """
    delay_ms = (round_trip_ms or 0.0) / 2 + PACKET_MS + PLAYOUT * jitter_ms
    return mos(rating(codec, loss_percent, delay_ms))


def rating(codec: str, loss_percent: float, delay_ms: float) -> float:
    """R by G.107: 93.2 on a perfect line, never below 0. `delay_ms` is one way, from mouth to ear."""
    return max(0.0, _RO - _IS - delay_impairment(delay_ms) - loss_impairment(codec, loss_percent))


def loss_impairment(codec: str, loss_percent: float) -> float:
    """Ie,eff by G.107, eq. 7-29: what codec and loss (0 to 100) cost together, on the scale of R."""
    ie, bpl = CODECS.get(codec, G711)
    loss = min(max(loss_percent, 0.0), 100.0)
    return ie + (95 - ie) * loss / (loss + bpl)


def delay_impairment(delay_ms: float) -> float:
    """Id by G.107, eq. 7-17 to 7-28: talker echo, listener echo and the delay itself, on the scale of R."""
    t = max(delay_ms, 0.0)
    terv = _TELR_DB - 40 * log10((1 + t / 10) / (1 + t / 150)) + 6 * exp(-0.3 * t * t)
    half = (_ROE - (80 + 2.5 * (terv - 14))) / 2
    talker = (half + sqrt(half * half + 100) - 1) * (1 - exp(-t))
    half = (_RO - 10.5 * (_WEPL_DB + 7) / sqrt(sqrt(2 * t + 1))) / 2
    listener = half + sqrt(half * half + 169)
    return max(0.0, talker) + listener + _absolute_delay(t)


def _absolute_delay(t: float) -> float:
    if t <= 100:
        return 0.0
    x = log2(t / 100)
    return float(25 * ((1 + x**6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2))


def mos(r: float) -> float:
    """MOS by G.107, Annex B: 1.0 for an R of 0 or less, 4.5 for 100 or more."""
    if r <= 0:
        return 1.0
    if r >= 100:
        return 4.5
    return max(1.0, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)
