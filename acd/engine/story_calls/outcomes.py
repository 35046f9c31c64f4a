"""Which stories are called out, who is told what came of each call, and which may have become superfluous meanwhile."""

from collections.abc import Callable, Mapping
from typing import Literal

from acd.engine.faults import news
from acd.engine.state import State
from acd.engine.story_calls.state import StoryCall
from acd.engine.surveys import called

Outcome = Literal["told", "not reached", "refused", "withdrawn"]
Told = Callable[[State, StoryCall, Outcome, str], None]
"""(state, call, outcome, result or reason)"""

STORIES: Mapping[str, Told] = {"fault_news": news.told, called.STORY: called.told}
"""A story's name, as ivr/stories.py has it, to who is told."""
WANTED: Mapping[str, Callable[[State, StoryCall], str]] = {called.STORY: called.wanted}
"""Asked before each try: why the call is not to be made any more; empty: it is. Other stories are wanted until they are withdrawn."""
ONCE = frozenset({called.STORY})
"""Whoever answers such a call and hangs up is not called again: that was an answer."""
