"""What the daemon counts at its link to Asterisk, for /metrics."""

from acd.pbx.ami.connection import Ami
from acd.pbx.events.translator import Translator


def pbx_figures(ami: Ami, translator: Translator) -> dict[str, tuple[str, float]]:
    """Name to what it says and its value now; numbers count from the start of the daemon."""
    return {
        "pbx_lag_seconds": ("How old the newest event of Asterisk was when it came", ami.lag_s),
        "pbx_messages_forged": ("Messages dropped: without Asterisk's mark", ami.forged),
        "pbx_messages_malformed": ("Messages dropped: not parsed, or with a header twice", ami.malformed),
        "pbx_messages_oversized": ("Messages dropped: too long", ami.oversized),
        "pbx_messages_unread": ("Messages of a known kind that lack what this kind carries", translator.ignored),
    }
