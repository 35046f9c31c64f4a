"""UserEvents of the survey after a talk (extensions_waiting.conf, extensions_gone.conf, extensions_stories.conf). Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from acd.engine import events as ev
from acd.engine.surveys.events import SurveyAnswered, SurveyWordLeft
from acd.engine.surveys.rules import CALLED
from acd.pbx.channel_book import ChannelBook, Message, Reader
from acd.pbx.channels import CALL, STORY_CHANNEL, fit
from acd.pbx.events.destination_events import seconds_of

ANSWERS = re.compile(r"[a-z]{1,20}\.[0-9](-[a-z]{1,20}\.[0-9]){0,9}")
SIZE = re.compile("[0-9]{1,9}")
SHORTEST_S = 1.5
"""A shorter word is the second of silence that Record keeps, and a breath."""
SOLVED: Mapping[str, str] = {"1": "yes", "2": "no"}


def answers_of(call: str, written: str) -> SurveyAnswered | None:
    """What the story has written to the caller's channel, as "satisfied.4-solved.1"; None: nothing, or none of it."""
    if not ANSWERS.fullmatch(written):
        return None
    said = dict(part.split(".") for part in written.split("-"))
    solved = SOLVED.get(said.get("solved", ""), "")
    return SurveyAnswered(
        call,
        satisfied=int(said.get("satisfied", "0")),
        solved="yes" if solved == "yes" else "no" if solved else "",
        recommend=int(said.get("recommend", "-1")) if "recommend" in said else -1,
        callback=said.get("callback") == "1",
    )


def told(book: ChannelBook, message: Message) -> list[ev.Event]:
    """SurveyAnswered: the caller hangs up, and this was keyed."""
    found = answers_of(_callers(book, message), message["Answers"])
    return [] if found is None else [found]


def word(book: ChannelBook, message: Message) -> list[ev.Event]:
    """SurveyWordLeft, where something was said."""
    return list(_word(_callers(book, message), message["Bytes"]))


def told_in_call_back(name: str, kept: str) -> list[ev.Event]:
    """What was answered in the call back of this name, as STORY_OVER keeps it: "satisfied.4-solved.1/<bytes of the word>". Nothing for a
    story that is no survey, and for what does not fit."""
    if not name.startswith(CALLED):
        return []
    answers, _, size = kept.partition("/")
    call = name.removeprefix(CALLED)
    found = answers_of(call, answers)
    return [*([] if found is None else [found]), *(_word(call, size) if SIZE.fullmatch(size) else ())]


def _word(call: str, size: str) -> Iterator[SurveyWordLeft]:
    if (seconds := seconds_of(size)) >= SHORTEST_S:
        yield SurveyWordLeft(call, seconds)


def _callers(book: ChannelBook, message: Message) -> str:
    """The call, told by its caller's own channel, or by that of the call back about it. Raises ValueError for another one."""
    call = fit(CALL, message["Call"])
    story = STORY_CHANNEL.fullmatch(message["Uniqueid"])
    if story is not None and story[1] == call and call.startswith(CALLED):
        return call.removeprefix(CALLED)
    leg = book.calls.get(call)
    if leg is None or leg.uniqueid != message["Uniqueid"]:
        raise ValueError(f"{message['UserEvent']} of {call} comes from another channel")
    return call


USER_EVENTS: dict[str, Reader] = {"SurveyTold": told, "SurveyWord": word}
