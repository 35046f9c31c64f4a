"""The [transfers] table looked at as a whole: names that lead nowhere, rows that can never match, tiers nobody has."""

from collections.abc import Container, Iterator

from acd.config.messages import near
from acd.config.schema import Config
from acd.config.transfers import Extension, TransferReason
from acd.engine.model import BY_TELEPHONE


def transfer_mistakes(config: Config) -> Iterator[str]:
    """A sentence for everything in [transfers] that can't be."""
    transfers = config.transfers
    yield from _reasons(config)
    for number in transfers.numbers:
        place = f"transfers.numbers.{number}"
        if problem := config.dial_problem(number):
            yield f"{place}: {problem}"
        elif not any(trunk.dials_out for trunk in config.trunks.values()):
            remedy = "Give one `outbound`" if config.trunks else "Add one under [trunks]"
            yield f"{place}: there is no trunk to dial by. {remedy}, or take the number away."
        elif number in config.agents:
            yield f"{place}: is also an agent's extension, and the two could not be told apart. Take one away."
    for extension, leads in transfers.extensions.items():
        place = f"transfers.extensions.{extension}"
        taken: dict[str, Container[str]] = {
            "an agent's extension": config.agents,
            "a number of the hotline": config.numbers,
            "a number of the allow-list": transfers.numbers,
        }
        for what, names in taken.items():
            if extension in names:
                yield f"{place}: is also {what}, and the two could not be told apart. Choose another."
        yield from _places(config, place, leads)
    yield from _escalations(config)


def _reasons(config: Config) -> Iterator[str]:
    reasons = config.transfers.reasons
    said: dict[str, int] = {}
    if not reasons:
        yield "transfers.reasons: there is none, and nobody hands over without a reason. Add one, or take the table away."
    for key, reason in reasons.items():
        place = f"transfers.reasons.{key}"
        if reason.en == BY_TELEPHONE:
            yield f"{place}.en: {BY_TELEPHONE!r} is there by itself, for transfers made by telephone. Give it another name."
        elif reason.en in said:
            yield (
                f"{place}.en: {reason.en!r} is also the reason of key {said[reason.en]}, and the two could not be told "
                "apart. Give it another name."
            )
        said.setdefault(reason.en, key)
        yield from _places(config, place, reason)


def _places(config: Config, place: str, leads: TransferReason | Extension) -> Iterator[str]:
    """Names that lead nowhere."""
    if leads.queue is not None and leads.queue not in config.queues:
        queues = ", ".join(config.queues)
        yield f"{place}.queue: there is no queue {leads.queue!r}{near(leads.queue, config.queues)}. Queues: {queues}."
    known = {skill for agent in config.agents.values() for skill in agent.skills}
    if leads.skill is not None and config.agents and leads.skill not in known:
        yield f"{place}.skill: no agent has the skill {leads.skill!r}{near(leads.skill, known)}. Give it to one, or name another."


def _escalations(config: Config) -> Iterator[str]:
    names = config.transfers.named()
    rows = list(enumerate(config.transfers.escalation, 1))
    for number, row in rows:
        place = f"transfers.escalation (row {number})"
        if row.reason not in names:
            yield (
                f"{place}.reason: there is no reason {row.reason!r}{near(row.reason, names)}. "
                f"Reasons: {', '.join(names)}."
            )
        for other, before in rows:
            if other == number or before.reason != row.reason or (before.over == row.over and other > number):
                continue
            if before.over <= row.over and before.tier >= row.tier:
                yield (
                    f"{place}: can never match: row {other} ({before.said()}) asks for as high a tier already. Raise "
                    "the tier, or take the row away."
                )
                break


def transfer_warnings(config: Config) -> Iterator[str]:
    """A sentence for a tier that nobody has."""
    highest = max((agent.tier for agent in config.agents.values()), default=0)
    for number, row in enumerate(config.transfers.escalation, 1):
        if row.tier > highest:
            yield (
                f"transfers.escalation (row {number}): no agent has tier {row.tier} or a higher one ({row.said()}), so "
                "nobody may receive it. Give one `tier`, or lower it."
            )
