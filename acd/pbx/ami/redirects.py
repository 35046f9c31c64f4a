"""Moving channels: variables and a Redirect in one write; a refused Redirect is tried again.

A channel that has just been redirected is "not up" for some milliseconds, though the call is alive. So a refused Redirect is
tried again, unless a later move of the same call has replaced it or the caller has hung up.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence

from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, Fields, IllegalCharacter, Message

_CHANNEL = re.compile(r"[A-Za-z0-9/@._-]{1,80}")
_TRIES = 4
_BETWEEN_TRIES_S = 0.03

Action = tuple[str, Fields]
"""Name of an AMI action, and its fields."""


def to(channel: str, context: str, priority: str = "1", *, extra: str = "", extra_context: str = "") -> Action:
    """A Redirect of `channel` into `context`; with `extra` also of a second channel, at the same moment, into `extra_context`.

    Raises ValueError for what is not the name of a channel.
    """
    fields: dict[str, str] = {"Channel": _known(channel), "Context": context, "Exten": "s", "Priority": priority}
    if extra:
        fields |= {
            "ExtraChannel": _known(extra),
            "ExtraContext": extra_context,
            "ExtraExten": "s",
            "ExtraPriority": "1",
        }
    return "Redirect", fields


def variable(channel: str, name: str, value: str) -> Action:
    """A Setvar on this channel. Raises ValueError for what is not the name of a channel."""
    return "Setvar", {"Channel": _known(channel), "Variable": name, "Value": value}


def _known(channel: str) -> str:
    if not _CHANNEL.fullmatch(channel):
        raise ValueError(f"{channel!r} is not a channel's name")
    return channel


class Redirects:
    """Carries moves out. Nothing here waits: an action goes on the wire at once, its answer is read later."""

    def __init__(self, ami: Ami, lives: Callable[[str], bool]) -> None:
        """`lives`: whether the caller of this call is still on the line."""
        self.ami, self._lives = ami, lives
        self._latest: dict[str, str] = {}
        """Call to its latest move: an older one must not be tried again."""
        self._tasks: set[asyncio.Task[None]] = set()

    def latest(self, call: str) -> str | None:
        """The name of the call's latest move; None when there was none."""
        return self._latest.get(call)

    def forget(self, call: str = "") -> None:
        """Forgets the moves of this call, which has ended; without a call those of all, on a new connection."""
        if call:
            self._latest.pop(call, None)
        else:
            self._latest.clear()

    def move(
        self,
        call: str,
        name: str,
        actions: Sequence[Action],
        failed: Callable[[str], None],
        is_there: Callable[[], bool] = lambda: False,
    ) -> None:
        """Sends `actions`, whose last is the Redirect. `name` distinguishes this move from others of the call. `failed` is called
        with the reason when the move fails, at most once; `is_there`: whether it has happened in spite of a refusal."""
        self._latest[call] = name
        try:
            sent = self.ami.send(list(actions))
        except (AmiDown, IllegalCharacter) as error:
            failed(str(error))
            return
        self.later(self._moved(call, name, actions, sent, failed, is_there))

    async def _moved(
        self,
        call: str,
        name: str,
        actions: Sequence[Action],
        sent: Sequence[Awaitable[list[Message]]],
        failed: Callable[[str], None],
        is_there: Callable[[], bool],
    ) -> None:
        *before, moved = await asyncio.gather(*sent, return_exceptions=True)
        unset = any(
            isinstance(each, BaseException) and action == "Setvar"
            for (action, _), each in zip(actions, before, strict=False)
        )
        for left in range(_TRIES - 1, -1, -1):
            if not isinstance(moved, BaseException) or isinstance(moved, AmiSilent):
                return  # No answer proves nothing: an event follows, or the engine's own deadline.
            if not self._lives(call) or self._latest.get(call) != name or is_there():
                return
            if not left or unset or not isinstance(moved, AmiRefused):
                failed(str(moved))
                return
            await asyncio.sleep(_BETWEEN_TRIES_S)
            try:
                moved = await self.ami.send([actions[-1]])[0]
            except (AmiDown, AmiSilent, AmiRefused) as error:
                moved = error

    def send(self, *actions: Action) -> Sequence[Awaitable[list[Message]]]:
        """Sends actions without a second try; one awaitable of the answers for each. Raises AmiDown, IllegalCharacter."""
        return self.ami.send(list(actions))

    def later(self, work: Awaitable[None]) -> None:
        """Runs `work` in the background."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
