"""What Asterisk holds at this moment: every caller, where, and with which agent. Asked after each connect, before any command.

Asterisk replays nothing to a new AMI connection. So the channel book is filled from CoreShowChannels (whose rows carry our
random ActionID) and from the variables on each caller's channel. Who talks with whom is told by BridgeId and Linkedid, never by
an application's data, which names the first agent even after a transfer. `Status` would give all in one list, but a caller's
text could forge rows in it.

Whether phones are registered: `DEVICE_STATE(PJSIP/…)` per agent by Getvar. The daemon's rights allow it, and it needs no
earlier event (DeviceStateList lists only devices that have changed since Asterisk's start).
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import asdict, replace

from acd.engine.callback_events import CallbackAccepted, CallSentOn
from acd.engine.events import AgentAnswered, AgentPickedUp, Event, MessageLeft
from acd.engine.pbx_report import FoundCall, Place, Talk
from acd.pbx.ami.connection import Ami, Message
from acd.pbx.ami.variables import DEADLINE_S, get_variables
from acd.pbx.channel_book import ChannelBook
from acd.pbx.channels import AGENTS_CHANNEL, CALLABLE, CALLBACK_UNIQUEID, TRUNKS_CHANNEL, CallerLeg, Progress, is_own
from acd.pbx.events.agent_events import UNREACHABLE
from acd.pbx.events.call_events import parse_skills, who_calls
from acd.pbx.events.causes import LOST_CAUSES
from acd.pbx.events.destination_events import seconds_of
from acd.pbx.recovery import resync_consults, resync_listeners
from acd.pbx.recovery.resync_consults import Phone

_VARIABLES = (
    "CALL_ID",
    "CALLER",
    "DIALLED",
    "QUEUE",
    "SKILLS",
    "LANG",
    "ASKED",
    "OFFER_ID",
    "AGENT",
    "TALK_FROM",
    "TALK_TO",
    "BACK",
    "AGENT_CAUSE",
    "CALLBACK_TO",
    "SENT_ON",
    "MESSAGE_BYTES",
    "WITHHELD",
    "UNRECORDED",
)
_PLACES: dict[str, Place] = {
    "arrive": "menu",
    "menu": "menu",
    "waiting": "waiting",
    "connect": "connecting",
    "alone": "fallback",
    "nobody": "fallback",
    "talked": "after",
    "survey": "after",
    "after-call": "after",
    "hold": "held",
    "verify": "held",
    "join": "held",
    "conference": "held",
    "handed-on": "waiting",
    "by-phone": "waiting",
    "handed-over": "waiting",
    "offer-callback": "waiting",
    "no-callback": "waiting",
    "called-back": "waiting",
    "voicemail": "elsewhere",
    "send-on": "elsewhere",
    "let-go": "after",
    "closed-for-now": "after",
}
"""Context of a caller's channel to where the caller is."""
# After an attended REFER onto a second line that was not answered yet, the caller's channel runs in that line's contexts.
_PLACES |= dict.fromkeys(resync_consults.SECOND_LINE_CONTEXTS, "waiting")
ROUTINES = {
    "unrecorded",
    "masked",
    "record-again",
    "place",
    "host-of",
    "message",
    "survey-word",
    "one-key",
    "brand",
    "who-calls",
    "header-number",
    "admit",
    "next-trunk",
    "trunk-tried",
}
"""Contexts that a channel is in by Gosub, for a moment; it returns to the context before."""
_TALK_IS_KNOWN_IN = {"connect", "talked", "alone", "survey", "after-call"} | resync_consults.CONTEXTS
"""In other contexts the variables may be those of an earlier offer."""
WELL_AFTER_MS = 1000
"""After a shorter talk the caller goes to the head of the queue: extensions_connect.conf."""
_AT_ONCE = 200
"""Channels whose variables are read in one write."""


async def found_calls(ami: Ami, book: ChannelBook) -> tuple[tuple[FoundCall, ...], list[Event]]:
    """All callers' channels, and the events to tell after them (phones that were answered and are not bridged yet).

    Fills the book anew from them. Raises AmiDown or AmiSilent when the link does not last that long.
    """
    rows = await _out_of_routines(ami, await ami.ask("CoreShowChannels", DEADLINE_S))
    rows, of_listeners = resync_listeners.apart(rows)
    callers = [
        row
        for row in rows
        if row.get("Uniqueid") == row.get("Linkedid")
        and (row.get("Context") in _PLACES or _is_dialled(row))
        and not is_own(row.get("Channel", ""))
    ]
    variables = await _variables(ami, callers)
    others: defaultdict[str, list[Message]] = defaultdict(list)
    for row in rows:
        if row.get("Uniqueid") != row.get("Linkedid"):
            others[row.get("Linkedid", "")].append(row)
    listeners = await resync_listeners.legs(ami, of_listeners)
    phones = await _phones(ami, rows, callers, variables, others, book.outside)
    _end_talks_without_caller(ami, rows)
    _end_own_halves(ami, rows)
    book.forget_all()
    resync_listeners.enter(book, listeners, {v["CALL_ID"]: row for row, v in zip(callers, variables, strict=True)})
    found: list[FoundCall] = []
    after: list[Event] = []
    now = ami.clock.now()
    for row, values in zip(callers, variables, strict=True):
        if not values["CALL_ID"] or not values["CALLER"]:
            continue
        if _is_dialled(row):
            book.dialled[row["Uniqueid"]] = values["CALL_ID"]
            found.append(_found(book, values, "calling", "", None, now))
            continue
        leg = book.add_caller(values["CALL_ID"], row["Uniqueid"], row["Channel"])
        leg.caller, leg.written = who_calls(book.numbering, values["CALLER"])
        leg.offer = values["OFFER_ID"]
        leg.queued = bool(values["ASKED"])
        leg.queue, leg.language, leg.dialled = values["QUEUE"], values["LANG"], values["DIALLED"]
        leg.bridge = row.get("BridgeId", "")
        place = _PLACES[row["Context"]]
        if (told := _told_by_destination(book, row["Context"], values)) is not None:
            leg.said = told
            after.append(told)
        leg.diverted = place == "elsewhere" or row["Context"] == "let-go" or isinstance(told, CallbackAccepted)
        had_talk = talk_of(values, now) if row["Context"] in _TALK_IS_KNOWN_IN else None
        its_phones, placed = phones.get(values["CALL_ID"], []), None
        if its_phones:
            placed = resync_consults.settle(book, leg, values["AGENT"], row["Context"], its_phones, after)
        if placed is not None:
            found.append(replace(_found(book, values, placed.place, "", had_talk, now), **asdict(placed)))
            continue
        agent = ""
        on_the_way = _on_the_way(values) if row["Context"] in ("connect", "talked") else None
        for other in others[row["Uniqueid"]]:
            if other["Uniqueid"] in book.agent_legs and book.agent_legs[other["Uniqueid"]].released_by_us:
                continue
            if on_the_way is None or (leg.bridge and other.get("BridgeId") == leg.bridge):
                outside = _outside(book.outside, row["Context"], values)
                place, agent = _with_agent(book, leg, other, place, after, outside) or (place, agent)
        if not agent and resync_listeners.took_over(book, leg):
            place, leg.diverted = "elsewhere", True
        elif not agent:
            place = on_the_way or place
        found.append(_found(book, values, place, agent, had_talk, now))
    return tuple(found), after


async def _out_of_routines(ami: Ami, rows: Sequence[Message]) -> list[Message]:
    """The rows, with a channel that is in a routine shown in the context to which it returns, or has returned meanwhile."""
    away = [row for row in rows if row.get("Context") in ROUTINES]
    contexts = await get_variables(
        ami, [(row["Channel"], name) for row in away for name in ("STACK_PEEK(1,c,1)", "CONTEXT")]
    )
    found = {row["Uniqueid"]: back or now for row, back, now in zip(away, contexts[::2], contexts[1::2], strict=True)}
    return [{**row, "Context": found[row["Uniqueid"]]} if row.get("Uniqueid") in found else row for row in rows]


def _end_own_halves(ami: Ami, rows: Sequence[Message]) -> None:
    """Hangs up halves of Local channels that stand where callers do: no caller is on them, and no agent is to be rung for one."""
    halves = [row["Channel"] for row in rows if row.get("Context") in _PLACES and is_own(row.get("Channel", ""))]
    if halves:
        wishes = [("Hangup", {"Channel": channel, "Cause": "16"}) for channel in halves]
        asyncio.gather(*ami.send(wishes), return_exceptions=True)


def _end_talks_without_caller(ami: Ami, rows: Sequence[Message]) -> None:
    """Hangs up on agents in a consult whose caller has hung up meanwhile: nothing else would end that talk."""
    there = {row.get("Uniqueid") for row in rows}
    others = {row.get("BridgeId") for row in rows if not _is_agents(row)}
    for row in rows:
        left = row.get("Linkedid") not in there and row.get("BridgeId") and row.get("BridgeId") not in others
        if _is_agents(row) and left:
            asyncio.gather(*ami.send([("Hangup", {"Channel": row["Channel"], "Cause": "16"})]), return_exceptions=True)


async def _phones(
    ami: Ami,
    rows: Sequence[Message],
    callers: Sequence[Message],
    variables: Sequence[Mapping[str, str]],
    others: Mapping[str, Sequence[Message]],
    rung_outside: Container[str],
) -> dict[str, list[Phone]]:
    """Call to its channels beside the caller's, of callers who may have several agents or are held (`resync_consults`)."""
    wanted: list[Message] = []
    outside: dict[str, tuple[str, str]] = {}
    for caller, its in zip(callers, variables, strict=True):
        if its["AGENT"] in rung_outside:
            trunks = [row for row in others.get(caller["Uniqueid"], ()) if TRUNKS_CHANNEL.fullmatch(row["Channel"])]
            outside |= {row["Uniqueid"]: (its["AGENT"], its["OFFER_ID"]) for row in trunks}
        theirs = others.get(caller["Uniqueid"], ())
        agents = [match[1] for row in theirs if (match := AGENTS_CHANNEL.fullmatch(row.get("Channel", "")))]
        if resync_consults.is_ours(caller["Context"], its["AGENT"], agents):
            wanted += theirs
    lines = [row for row in rows if row.get("Context") in resync_consults.SECOND_LINE_CONTEXTS and _is_agents(row)]
    wanted += [each for line in lines for each in (line, *others.get(line["Uniqueid"], ()))]
    values = await _variables(ami, wanted, resync_consults.VARIABLES)
    found: defaultdict[str, list[Phone]] = defaultdict(list)
    seen: set[str] = set()
    for row, own in zip(wanted, values, strict=True):
        if own["CALL_ID"] and row["Uniqueid"] not in seen:
            seen.add(row["Uniqueid"])
            agent, offer = outside.get(row["Uniqueid"], ("", ""))
            found[own["CALL_ID"]].append(Phone.of(row, own, agent if own["MINE"] == offer else ""))
    return found


def _is_agents(row: Message) -> bool:
    return bool(AGENTS_CHANNEL.fullmatch(row.get("Channel", "")))


async def calls_on(ami: Ami, book: ChannelBook, rows: Sequence[Message]) -> dict[str, str]:
    """Uniqueid to call, of all callers' channels among these rows; a channel that the book lacks is asked for its call.

    Raises AmiDown or AmiSilent.
    """
    known = {uniqueid: leg.call for uniqueid, leg in book.callers.items()} | book.dialled
    unknown = [
        row
        for row in rows
        if row.get("Uniqueid") == row.get("Linkedid")
        and row.get("Context") in _PLACES
        and row.get("Uniqueid") not in known
    ]
    if not unknown:
        return known
    asked = await get_variables(ami, [(row["Channel"], name) for row in unknown for name in ("CALL_ID", "CALLER")])
    for row, call, caller in zip(unknown, asked[::2], asked[1::2], strict=True):
        if call and caller:
            known[row["Uniqueid"]] = call
    return known


def _on_the_way(values: Mapping[str, str]) -> Place | None:
    """Where the dialplan sends a caller in [connect] whose talk has just ended; None when there was no talk."""
    began, ended = values["TALK_FROM"], values["TALK_TO"]
    if not (began.isdigit() and ended.isdigit()):
        return None
    lost = values["AGENT_CAUSE"].isdigit() and int(values["AGENT_CAUSE"]) in LOST_CAUSES
    return "waiting" if lost or int(ended) - int(began) < WELL_AFTER_MS else "after"


def _is_dialled(row: Message) -> bool:
    """Whether this is a customer who is being called back and has not come into the dialplan yet."""
    return row.get("Uniqueid", "").startswith(CALLBACK_UNIQUEID) and row.get("Context") not in _PLACES


def _told_by_destination(book: ChannelBook, context: str, values: Mapping[str, str]) -> Event | None:
    """What the destination has told already, perhaps while no daemon listened."""
    call = values["CALL_ID"]
    if context == "offer-callback" and CALLABLE.fullmatch(values["CALLBACK_TO"]):
        return CallbackAccepted(call, book.numbering.caller(values["CALLBACK_TO"]))
    if context == "send-on" and values["SENT_ON"]:
        return CallSentOn(call)
    if context == "voicemail" and values["MESSAGE_BYTES"].isdigit():
        return MessageLeft(call, seconds_of(values["MESSAGE_BYTES"]))
    return None


def _outside(rung_outside: Container[str], context: str, values: Mapping[str, str]) -> tuple[str, bool]:
    """The agent who is rung at an outside number for this caller, empty for none; and whether the key was pressed."""
    here = context in ("connect", "talked") and values["AGENT"] in rung_outside
    return (values["AGENT"], bool(values["TALK_FROM"])) if here else ("", False)


def _with_agent(
    book: ChannelBook, caller: CallerLeg, row: Message, place: Place, after: list[Event], outside: tuple[str, bool]
) -> tuple[Place, str] | None:
    """Enters the agent's phone of this row: where the caller is by it, and the agent. None when it does not matter."""
    match = AGENTS_CHANNEL.fullmatch(row["Channel"])
    is_outside = match is None and bool(outside[0]) and bool(TRUNKS_CHANNEL.fullmatch(row["Channel"]))
    if match is None and not is_outside:
        return None
    agent = match[1] if match else outside[0]
    leg = book.add_agent(caller, agent, row["Uniqueid"], row["Channel"], caller.offer)
    leg.outside = is_outside
    leg.bridge, leg.on_hold = row.get("BridgeId", ""), None  # The phone may have put the caller on hold meanwhile.
    if leg.bridge and leg.bridge == caller.bridge:
        leg.progress = Progress.BRIDGED
        return "talking", agent
    if row.get("ChannelStateDesc") == "Up" and is_outside and not outside[1]:
        leg.progress, leg.picked_up = Progress.RINGING, True
        after.append(AgentPickedUp(agent, caller.call, caller.offer))
        return "ringing", agent
    if row.get("ChannelStateDesc") == "Up":
        leg.progress = Progress.ANSWERED
        after.append(AgentAnswered(agent, caller.call, caller.offer))
        return "ringing", agent
    if place == "fallback":
        return None
    leg.progress = Progress.RINGING if row.get("ChannelStateDesc") == "Ringing" else Progress.DIALLED
    return ("ringing" if leg.progress == Progress.RINGING else "connecting"), agent


def talk_of(values: Mapping[str, str], now: float) -> Talk | None:
    """The caller's latest talk by the dialplan's variables; None when there was none. `now`: Asterisk's epoch seconds."""
    began = values["TALK_FROM"]
    if not began.isdigit() or not values["AGENT"].isdigit():
        return None
    ended_s, again_s = (_ago_s(values.get(name, ""), now) for name in ("TALK_TO", "BACK"))
    return Talk(values["AGENT"], values["OFFER_ID"], max(0.0, now - int(began) / 1000), ended_s, again_s)


def _ago_s(at_ms: str, now: float) -> float:
    return max(0.001, now - int(at_ms) / 1000) if at_ms.isdigit() else 0.0


def _found(
    book: ChannelBook, values: dict[str, str], place: Place, agent: str, talk: Talk | None, now: float
) -> FoundCall:
    caller, written = who_calls(book.numbering, values["CALLER"])
    try:
        asked = float(values["ASKED"])
    except ValueError:
        asked = 0.0
    return FoundCall(
        call=values["CALL_ID"],
        place=place,
        caller=caller,
        dialled=values["DIALLED"],
        queue=values["QUEUE"],
        skills=parse_skills(values["SKILLS"]),
        language=values["LANG"],
        waiting_for_s=max(0.0, now - asked) if asked else 0.0,
        agent=agent,
        offer=values["OFFER_ID"] if agent else "",
        talk=talk,
        written=written,
        withheld=values["WITHHELD"] == "1",
        unrecorded=values["UNRECORDED"] == "1",
    )


async def _variables(ami: Ami, rows: Sequence[Message], names: Sequence[str] = _VARIABLES) -> list[dict[str, str]]:
    """The variables of each row's channel; all "" where the channel has ended meanwhile."""
    all_values: list[dict[str, str]] = []
    for start in range(0, len(rows), _AT_ONCE):
        part = rows[start : start + _AT_ONCE]
        values = await get_variables(ami, [(row["Channel"], name) for row in part for name in names])
        width = len(names)
        all_values += [dict(zip(names, values[n * width : (n + 1) * width], strict=True)) for n in range(len(part))]
    return all_values


async def phones(ami: Ami, book: ChannelBook, agents: Iterable[str]) -> list[Event]:
    """PhoneChanged for each agent whose phone has come or gone. Raises AmiDown or AmiSilent."""
    agents = list(agents)
    states = await get_variables(ami, [("", f"DEVICE_STATE(PJSIP/{agent})") for agent in agents])
    told: list[Event] = []
    for agent, state in zip(agents, states, strict=True):
        told += book.phone_changed(agent, bool(state) and state not in UNREACHABLE)
    return told


async def started_at(ami: Ami) -> str:
    """When this Asterisk was started, as it prints it; another value at the next connection means that Asterisk was restarted.

    Raises AmiDown, AmiSilent or AmiRefused.
    """
    status = await ami.act("CoreStatus")
    return f"{status.get('CoreStartupDate', '')} {status.get('CoreStartupTime', '')}"
