"""Moving channels: variables and a Redirect in one write, tried again where Asterisk was a moment behind.

A channel that was redirected a moment ago is "not up" for some milliseconds, though the call lives. So a Redirect that is
refused is tried again, unless a later move of the same call has taken its place, or the caller has gone.
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


def to(channel: str, context: str, priority: str = "1", *, extra: str = "", extra_context: str = "") -> Action:
    """A Redirect into `context`; with `extra` of a second channel, at the same moment, into `extra_context`."""
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
    return "Setvar", {"Channel": _known(channel), "Variable": name, "Value": value}


def _known(channel: str) -> str:
    if not _CHANNEL.fullmatch(channel):
        raise ValueError(f"{channel!r} is not a channel's name")
    return channel


class Redirects:
    """Carries moves out. Nothing here waits: each goes on the wire at once, its answer is looked at later."""

    def __init__(self, ami: Ami, lives: Callable[[str], bool]) -> None:
        """`lives` says whether the call's caller is still there."""
        self.ami, self._lives = ami, lives
        self._latest: dict[str, str] = {}
        """Call to its latest move, for an older one must not be tried again."""
        self._tasks: set[asyncio.Task[None]] = set()

    def latest(self, call: str) -> str | None:
        return self._latest.get(call)

    def forget(self, call: str = "") -> None:
        """The call is over; without one: on a new connection nothing is known."""
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
        """The last of `actions` is the Redirect; `name` tells this move from others of the call. `failed` hears why it came
        to nothing, once; `is_there` knows whether it has happened all the same."""
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
                return  # Silence is judged by what happens: an event, or the engine's own deadline.
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
        """Without a second try; what comes of them is looked at by whoever asks. Raises AmiDown, IllegalCharacter."""
        return self.ami.send(list(actions))

    def later(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
