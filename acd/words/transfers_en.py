"""Rows of the call log about handing over, holds and the card, in English."""

from acd.words.numbers import Detail, clock, cropped, masked, moment, seconds
from acd.words.terms import OUTCOMES_EN, REFUSALS_EN, shown


def target(detail: Detail) -> str:
    """Whom or what a transfer goes to."""
    to = str(detail.get("to") or detail.get("receiver") or "")
    match detail.get("kind"):
        case "agent":
            return f"agent {to}"
        case "queue":
            return f"queue {to}"
        case "skill":
            return f"agents with the skill {to}"
        case "number":
            return masked(to)
        case _:
            return to or "somebody else"


def _receiver(detail: Detail) -> str:
    return f"agent {detail['receiver']}" if detail.get("receiver") else target(detail)


def _why(detail: Detail) -> str:
    why = str(detail.get("code") or detail.get("why") or "")
    return f" ({REFUSALS_EN.get(why) or OUTCOMES_EN.get(why) or cropped(shown(why))})" if why else ""


def _told(detail: Detail) -> str:
    """Reason, amount and note, as the first agent gave them."""
    words = f", reason: {detail['reason']}" if detail.get("reason") else ""
    words += f", amount {detail['amount']:g}" if detail.get("amount") else ""
    return words + (f"; {cropped(detail['note'])}" if detail.get("note") else "")


_RETURNED = {
    "first agent": "; the caller is back with agent {agent}",
    "queue": "; the caller is back at the head of the queue",
}


def transfer(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: the first agent."""
    back = _RETURNED.get(str(detail.get("returned_to")), "").format(agent=agent)
    match detail.get("state"):
        case "asked":
            way = "warm transfer" if detail.get("warm") else "transfer"
            by = f" (requested by {detail['by']})" if detail.get("by") not in (None, "", agent) else ""
            return f"{way} started by agent {agent} to {target(detail)}{by}{_told(detail)}"
        case "consulting":
            return f"on hold; agent {agent} consults {_receiver(detail)}"
        case "three-way":
            return f"three-way call with agent {agent} and {_receiver(detail)}"
        case "completed":
            return f"transferred by agent {agent} to {_receiver(detail)}{_told(detail)}"
        case "taken back":
            return f"agent {agent} cancels the consult with {_receiver(detail)} and returns to the caller"
        case "declined":
            return f"{_receiver(detail)} declines the transfer{_why(detail)}{back}"
        case "failed":
            return f"the transfer to {target(detail)} failed{_why(detail)}{back}"
        case "caller left":
            return f"hangs up during the transfer to {target(detail)}"
        case "explained":
            return f"agent {agent} gives the reason of the transfer{_told(detail)}"
        case "refused":
            return f"agent {agent} can't transfer the caller to {target(detail)}{_why(detail)}"
        case other:
            return f"transfer to {target(detail)}: {other or ''}"


def hold(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: who has the caller."""
    held = clock(detail.get("held_s") or 0)
    match detail.get("state"):
        case "held":
            if detail.get("how") == "verify":
                return f"agent {agent} has the caller verified"
            how = {"telephone": ", by telephone", "page": ", by the page"}.get(str(detail.get("how")), "")
            return f"agent {agent} puts the caller on hold{how}"
        case "retrieved":
            return f"agent {agent} retrieves the caller after {held} on hold"
        case "reminder":
            return f"agent {agent} is reminded: the caller has been on hold for {held}"
        case "too long":
            return f"on hold for too long ({held}); the supervisor has been notified"
        case other:
            return f"hold: {other or ''}"


def muted(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: who is muted or not."""
    return f"agent {agent} {'is muted' if detail.get('muted') else 'is no longer muted'}"


def consult_ended(agent: str, queue: str, detail: Detail) -> str:
    """`agent`: the receiver."""
    other = f"agent {agent}" if agent else "the other number"
    return f"agent {detail.get('first', '')} consulted {other} for {seconds(detail, 'consult_s')}"


_VERIFIED = {"none": "not verified", "number": "number matched", "full": "fully verified"}


def card(agent: str, queue: str, detail: Detail) -> str:
    """An entry on the context card, in one line."""
    by, text = str(detail.get("by") or agent), cropped(detail.get("text") or "")
    match detail.get("what"):
        case "note":
            return f"{by} notes: {text}"
        case "matter":
            return f"{by} writes a summary: {text}"
        case "verified":
            level = str(detail.get("level", ""))
            how = f" ({cropped(detail['how'])})" if detail.get("how") else ""
            return f"{by}: {_VERIFIED.get(level, level)}{how}"
        case "promise":
            until = f" by {moment(detail, 'due_at')}" if detail.get("due_at") else ""
            return f"{by} promises{until}: {text}"
        case "disposition":
            return f"{by} sets the disposition: {detail.get('code', '')}{f', {text}' if text else ''}"
        case "name":
            return f"{by} enters the customer's name: {text}"
        case "value":
            return f"{by} sets the customer tier: {text}"
        case other:
            return f"{by} writes on the card: {other or ''}"
