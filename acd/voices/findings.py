"""What is wrong with a sound that callers hear: too loud, too soft, clipped, silent in the wrong places. Sentences with the remedy."""

from collections.abc import Iterator

from acd.voices.sound import Measured

LEVEL_DBFS = -20.0
NEAR_DB = 3.0
"""So far a prompt may be from the level of the others."""
SOFTEST_DBFS = -50.0
"""Below it a recording is mostly the noise of its room, which levelling would bring up with the voice."""
MOST_LEAD_S, MOST_TAIL_S, MOST_PAUSE_S, MOST_S = 0.4, 0.6, 1.2, 40.0
MOST_CLIPPED = 8
"""Samples: fewer are not heard."""
MOST_OFFSET = 0.02
LEAST_S, LATIN = 0.08, 0.3
"""A syllable takes 0.08 s at the very least (12 in a second), a letter of English 0.3 of one."""
MUSIC_DBFS = (-34.0, -18.0)
"""Music is to be softer than speech, and still to be heard."""


def prompt_faults(found: Measured) -> Iterator[str]:
    """A sentence for each thing that a caller would notice."""
    if found.level_dbfs == float("-inf"):
        yield "It is silent. Record it anew."
        return
    if abs(found.level_dbfs - LEVEL_DBFS) > NEAR_DB:
        how = "loud" if found.level_dbfs > LEVEL_DBFS else "soft"
        yield f"It is too {how}: {found.level_dbfs:.0f} dBFS, and {LEVEL_DBFS:.0f} is meant. `prompt import` levels it."
    yield from _flaws(found)
    if found.lead_s > MOST_LEAD_S:
        yield f"It begins with {found.lead_s:.1f} s of silence. `prompt import` trims it."
    if found.tail_s > MOST_TAIL_S:
        yield f"It ends with {found.tail_s:.1f} s of silence. `prompt import` trims it."


def recording_faults(found: Measured) -> Iterator[str]:
    """Of a recording before it is taken: what no conversion can mend."""
    if found.level_dbfs < SOFTEST_DBFS:
        yield f"It is far too soft ({found.level_dbfs:.0f} dBFS): what is to be heard is mostly noise. Record it anew, nearer to the microphone."
    yield from _flaws(found)


def too_short_for(found: Measured, text: str) -> Iterator[str]:
    """Of a recording that can't be what is written: nobody says it in so short a time."""
    least = LEAST_S * len([letter for letter in text if letter.isalnum()]) * (1 if is_han(text) else LATIN)
    spoken = found.seconds - found.lead_s - found.tail_s
    if spoken < least:
        yield f"It sounds for {spoken:.1f} s, too short for its text ({cropped(text)}). Take the whole recording."


def is_han(text: str) -> bool:
    """Whether it is Chinese, of which a letter is a syllable."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in text)


def cropped(text: str, most: int = 30) -> str:
    """Not more of a text than names it."""
    return text if len(text) <= most else f"{text[:most]}…"


def music_faults(found: Measured) -> Iterator[str]:
    """Of the music on hold."""
    softest, loudest = MUSIC_DBFS
    if not softest <= found.level_dbfs <= loudest:
        yield f"The music has {found.level_dbfs:.0f} dBFS; between {softest:.0f} and {loudest:.0f} callers hear it, and are not shouted at."
    if found.longest_pause_s > MOST_PAUSE_S:
        yield f"The music is silent for {found.longest_pause_s:.1f} s: a caller takes the line for dead."
    if found.clipped > MOST_CLIPPED:
        yield "The music is clipped. Record it at a lower level."


def _flaws(found: Measured) -> Iterator[str]:
    if found.clipped > MOST_CLIPPED:
        yield f"It is clipped in {found.clipped} samples: it was recorded too loud. Record it anew at a lower level."
    if abs(found.offset) > MOST_OFFSET:
        yield "It is not centred (a direct current lies under it), and clicks. Record it anew with another microphone or interface."
    if found.longest_pause_s > MOST_PAUSE_S:
        yield f"There are {found.longest_pause_s:.1f} s of silence in it: a caller takes the line for dead. Cut the pause."
    if found.seconds > MOST_S:
        yield f"It lasts {found.seconds:.0f} s; nobody listens longer than {MOST_S:.0f} s. Shorten the text."
