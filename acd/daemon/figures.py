"""What the daemon counts at its link to Asterisk, for /metrics."""

from acd.config.capacity import Capacity
from acd.pbx.ami.connection import Ami
from acd.pbx.channel_book import ChannelBook
from acd.pbx.events.arrivals import SHORT_OF, WHY
from acd.pbx.events.translator import Translator
from acd.words.refused_calls import why_not_taken


def pbx_figures(ami: Ami, translator: Translator) -> dict[str, tuple[str, float]]:
    """Name to what it says and its value now; numbers count from the start of the daemon."""
    return {
        "pbx_lag_seconds": ("How old the newest event of Asterisk was when it came", ami.lag_s),
        "pbx_messages_forged": ("Messages dropped: without Asterisk's mark", ami.forged),
        "pbx_messages_malformed": ("Messages dropped: not parsed, or with a header twice", ami.malformed),
        "pbx_messages_oversized": ("Messages dropped: too long", ami.oversized),
        "pbx_messages_unread": ("Messages of a known kind that lack what this kind carries", translator.ignored),
    }


def arrival_figures(book: ChannelBook, capacity: Capacity) -> dict[str, tuple[str, float]]:
    """Calls that were not taken, by what was full, and how many are taken at a time."""
    why = (*WHY, *SHORT_OF)
    by_why = {each: sum(count for (_, reason), count in book.refused.items() if reason == each) for each in why}
    figures: dict[str, tuple[str, float]] = {
        f"calls_refused_{each}": (f"Calls not taken: {why_not_taken(each)}", by_why[each]) for each in why
    }
    return figures | {"calls_limit": ("Calls that are taken at a time", capacity.calls)}
