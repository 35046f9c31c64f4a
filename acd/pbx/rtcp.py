"""What Asterisk counts of one channel's sound: the text of CHANNEL(rtcp,all) as figures. Pure.

The fields, as seen on 22.10.1 (tests/pbx/channels/test_line_quality.py): `rxcount` and `txcount` are packets received and sent, up to this
moment. `lp` are packets lost on their way to Asterisk, up to its latest RTCP report, which it sends every 5 s. `rlp` are those that
the other side reports as lost. **`txjitter` is the jitter of what Asterisk receives, and `rxjitter` that which the other side
reports**, whatever their names say; jitter and `rtt` in seconds. Without RTCP from the other side `rlp`, `rxjitter` and `rtt`
stay 0.
"""

from __future__ import annotations

from dataclasses import dataclass

_HALF = 2**31
"""Asterisk prints a negative count, of a repeated packet, as a number above this."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Since the channel was answered; jitter and round trip as of now."""

    packets: int = 0
    """Received."""
    lost: int = 0
    jitter_ms: float = 0.0
    sent: int = 0
    sent_lost: int = 0
    sent_jitter_ms: float = 0.0
    round_trip_ms: float = 0.0

    @property
    def reported(self) -> bool:
        """Whether the other side has sent a report. (One that tells of nothing lost, no jitter and no time is taken for none.)"""
        return bool(self.sent_lost or self.sent_jitter_ms or self.round_trip_ms)

    def since(self, before: Totals) -> Totals:
        """What came after `before`. A count that has gone back was begun anew meanwhile."""

        def more(now: int, then: int) -> int:
            return now - then if now >= then else now

        return Totals(
            more(self.packets, before.packets),
            more(self.lost, before.lost),
            self.jitter_ms,
            more(self.sent, before.sent),
            more(self.sent_lost, before.sent_lost),
            self.sent_jitter_ms,
            self.round_trip_ms,
        )


def totals(text: str) -> Totals | None:
    """The figures; None when the text is empty or lacks one, as that of a channel without sound does."""
    fields = dict(part.partition("=")[::2] for part in text.split(";") if "=" in part)
    try:
        return Totals(
            _count(fields["rxcount"]),
            _count(fields["lp"]),
            _ms(fields["txjitter"]),
            _count(fields["txcount"]),
            _count(fields["rlp"]),
            _ms(fields["rxjitter"]),
            _ms(fields["rtt"]),
        )
    except (KeyError, ValueError):
        return None


def _count(text: str) -> int:
    value = int(text)
    return value if 0 <= value < _HALF else 0


def _ms(text: str) -> float:
    return max(0.0, float(text)) * 1000
