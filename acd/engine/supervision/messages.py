"""A supervisor's message to one agent, to teams or to all: shown until its end or until it is withdrawn, acknowledged by each."""

from acd.engine.commands import Kind
from acd.engine.state import State
from acd.engine.supervision.book import ENDED_KEPT, LONGEST_TEXT, MOST_MESSAGES, TeamMessage
from acd.engine.supervision.events import AgentsMessaged, MessageSeen, MessageWithdrawn
from acd.engine.transfers.targets import Refusal


def refusal(s: State, event: AgentsMessaged) -> Refusal | None:
    """Why this message can't be sent."""
    if len(s.supervision.holding()) >= MOST_MESSAGES:
        return Refusal("too-many-messages", f"{MOST_MESSAGES} messages hold already. Withdraw one first.")
    if not event.text.strip() or len(event.text) > LONGEST_TEXT:
        return Refusal("text", f"A message has 1 to {LONGEST_TEXT} characters.")
    if event.until <= s.outer(s.now):
        return Refusal("past", "The message's end is past. Choose a later one.")
    for agent in event.agents:
        if agent not in s.agents:
            return Refusal("unknown-agent", f"There is no agent {agent}.")
    return None


def sent(s: State, event: AgentsMessaged) -> None:
    """AgentsMessaged: shown from now on."""
    if event.message in s.supervision.messages:
        s.ignore(event, "this message was sent already")
        return
    if (refused := refusal(s, event)) is not None:
        s.ignore(event, refused.code)
        return
    message = TeamMessage(
        event.message, event.text, s.outer(s.now), event.until, event.by, tuple(event.agents), tuple(event.teams)
    )
    s.supervision.messages[event.message] = message
    s.deadlines.set(("message", event.message), event.until + s.skew)
    _log(
        s,
        message,
        "sent",
        by=event.by,
        text=event.text,
        agents=list(event.agents),
        teams=list(event.teams),
        until=event.until.isoformat(),
    )


def seen(s: State, event: MessageSeen) -> None:
    """MessageSeen: by one of those to whom it is shown."""
    message, agent = s.supervision.messages.get(event.message), s.agents.get(event.agent)
    if message is None or agent is None or not message.is_for(agent.agent, agent.team):
        s.ignore(event, "no such message for this agent")
    elif message.ended_at is not None or agent.agent in message.seen:
        s.ignore(event, "the message is over, or acknowledged")
    else:
        message.seen[agent.agent] = s.outer(s.now)
        _log(s, message, "seen", agent=agent.agent)


def withdrawn(s: State, event: MessageWithdrawn) -> None:
    """MessageWithdrawn: shown no more."""
    message = s.supervision.messages.get(event.message)
    if message is None or message.ended_at is not None:
        s.ignore(event, "no such message holds")
    else:
        _end(s, message, event.by)


def over(s: State, name: str) -> None:
    """The message's time is over."""
    message = s.supervision.messages.get(name)
    if message is not None and message.ended_at is None:
        _end(s, message, "")


def _end(s: State, message: TeamMessage, by: str) -> None:
    s.deadlines.clear(("message", message.message))
    message.ended_at, message.ended_by = s.outer(s.now), by
    _log(s, message, "ended", by=by, seen=len(message.seen))
    ended = [one.message for one in s.supervision.messages.values() if one.ended_at is not None]
    for old in ended[:-ENDED_KEPT]:
        del s.supervision.messages[old]


def _log(s: State, message: TeamMessage, state: str, agent: str = "", **more: object) -> None:
    s.log(Kind.AGENT_MESSAGE, agent=agent, detail={"state": state, "message": message.message, **more})
