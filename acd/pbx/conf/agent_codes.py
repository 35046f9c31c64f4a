"""The codes that an agent's telephone dials: *12 to *16, and *17 and *18 by which an agent leaves one queue, with a reason, and joins it again.

Each is told by a UserEvent, after which the telephone waits for the daemon's answer (extensions_agents.conf)."""

import re
from collections.abc import Callable, Iterator

from acd.identifiers import EXTENSION, NAME, REASON
from acd.pbx.conf.settings import PbxSettings

_REFUSED = ("*14", "*16", "*17", "*18")
"""Codes that take digits, and *16, after which people press some; with up to so many digits:"""
_MOST_DIGITS = 8
_ANSWER_S = 5
"""How long a telephone waits for the answer to a code."""

Fit = Callable[[str, str, re.Pattern[str]], str]

_EXTENSION, _NAME, _REASON = re.compile(EXTENSION), re.compile(NAME), re.compile(REASON)
_KEY = re.compile("[1-9]")


def codes(settings: PbxSettings, fit: Fit) -> str:
    """Lines of [from-agents] for each code. Raises what `fit` raises for a value that can't stand there."""
    return "\n".join(_lines(code, told) for code, told in _told(settings, fit))


def _lines(code: str, told: str) -> str:
    """A daemon that is away is told nothing. Between telling and waiting there is nothing: the answer may come at once, and must not be
    overtaken by a jump."""
    return (
        f"exten => {code},1,GotoIf($[${{EPOCH}} - ${{GLOBAL(ACD_BEAT)}} > 10]?code-not-now,s,1)\n"
        " same => n,Ringing()\n"
        f" same => n,UserEvent({told})\n"
        f" same => n,Wait({_ANSWER_S})\n"
        " same => n,Goto(code-not-now,s,1)"
    )


def _told(settings: PbxSettings, fit: Fit) -> Iterator[tuple[str, str]]:
    """Each code, and what is told when it is dialled."""
    of = "Agent: ${AGENT}"
    yield "*12", f"AgentLoggedOut,{of}"
    yield "*13", f"AgentReady,{of}"
    reasons = {
        fit("not_ready_reasons", str(key), _KEY): fit(f"not_ready_reasons.{key}", reason, _REASON)
        for key, reason in settings.not_ready_reasons.items()
    }
    for key, reason in reasons.items():
        yield f"*14{key}", f"AgentNotReady,{of},Reason: {reason}"
    yield "*15", f"WrapUpEnded,{of}"
    yield "*16", f"HelpAsked,{of}"
    for extension, queue in settings.queue_extensions.items():
        short, name = fit("transfers.extensions", extension, _EXTENSION), fit("transfers.extensions", queue, _NAME)
        for key, reason in reasons.items():
            yield f"*17{key}{short}", f"QueueLeft,{of},Queue: {name},Reason: {reason}"
        yield f"*18{short}", f"QueueJoined,{of},Queue: {name}"


def wrong_codes() -> str:
    """Lines of [from-agents] that refuse by voice what begins like a code and is none: a reason or a queue that there is not. Asterisk
    prefers the codes, which stand there digit by digit."""
    bare = [code for code in _REFUSED if code != "*16"]
    patterns = [f"_{code}{'X' * digits}" for code in _REFUSED for digits in range(1, _MOST_DIGITS + 1)]
    return "\n".join(f"exten => {one},1,Goto(wrong-code,s,1)" for one in (*bare, *patterns))
