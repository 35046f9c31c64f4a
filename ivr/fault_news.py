"""A customer is called: the fault of which they wanted to hear is mended. Nobody waits for an agent to hear it.

STORY_RESULT on the channel says how it went: "told" once the news was heard to its end, "no key" where a mailbox, or a person, has
pressed none though one was asked for.
"""

from typing import Any

from ivr.hotline import merge
from ivr.menu import Menus
from ivr.step import Call, Collect, Done, GoToQueue, LookUp, Play, SetVariable, Story

AGAIN = 4
"""How often the news is said at most."""


def fault_news(call: Call, menus: Menus) -> Story:
    """`call.subject`: the fault. A daemon that does not answer: the general sentence is said."""
    told = yield LookUp("fault-news", call.subject or "0")
    if call.ask_key:
        for _ in range(2):  # a person says "hello" first
            if (yield Collect("fault-news-press-one")) == "1":
                break
        else:
            yield SetVariable("STORY_RESULT", "no key")
            return Done()
    else:
        yield Play("fault-news-hello", keys="")
    for _ in range(AGAIN):
        key = yield Play(prompt_of(told, call.language))
        if not key:
            yield SetVariable("STORY_RESULT", "told")
            key = yield Collect("fault-news-after", first_s=5)
        if key in ("1", "0"):
            yield Play(menus.notice, whole=True)
            queue = told.get("queue") if isinstance(told, dict) else ""
            queue = queue if isinstance(queue, str) and queue else menus.person.queue
            skills = merge(menus.languages.get(call.language, ()), menus.person.skills)
            return GoToQueue(queue, skills)
        if key != "#":
            break
    yield Play("goodbye", keys="")
    return Done()


def prompt_of(told: Any, language: str) -> str:
    """The prompt with the operator's words in this language, else the general one."""
    name = told.get(f"say_{language or 'zh'}") if isinstance(told, dict) else ""
    return name if isinstance(name, str) and name else "fault-news-mended"
