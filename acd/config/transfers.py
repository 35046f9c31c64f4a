"""Handing over, as the operator writes it: reasons, whither, who may receive what, and what an agent may note.

`[transfers]` of the file. What agents may dial by their telephones stands here too: reasons by key, extensions of queues.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field, field_validator, model_validator

from acd.config.messages import near
from acd.config.types import (
    DAY_S,
    REASON,
    AgentId,
    Dialable,
    Label,
    Level,
    Name,
    Part,
    Reason,
    Why,
)

if TYPE_CHECKING:
    from acd.config import Config

BY_TELEPHONE = "by telephone"
"""The reason of whoever hands over by his softphone's own keys, which can't ask for one."""
LINE_DROPPED = "line dropped"
"""The disposition of a call that broke off: its caller goes on with it when he calls again soon."""
Whisper = Literal["always", "without-page", "never"]


class TransferReason(Reason):
    """Why a caller is handed over, and where to as a rule: that is proposed first."""

    queue: Name | None = None
    skill: Name | None = None


class Extension(Part):
    """What agents dial to hand over to a queue, or to whoever has a skill."""

    queue: Name | None = None
    skill: Name | None = None

    @property
    def target(self) -> str:
        """As the engine reads it: "queue:billing", "skill:refund"."""
        return f"queue:{self.queue}" if self.queue else f"skill:{self.skill}"

    @model_validator(mode="after")
    def _one(self) -> Extension:
        if (self.queue is None) == (self.skill is None):
            raise ValueError('an extension leads to one place: write { queue = "…" } or { skill = "…" }')
        return self


class Escalation(Part):
    """Who may receive a matter: for this reason, about more than `over`, this tier or a higher one."""

    reason: Annotated[str, Field(pattern=REASON)]
    tier: Annotated[int, Field(ge=2, le=9)]
    over: Annotated[float, Field(ge=0, le=1e9, allow_inf_nan=False)] = 0
    """In money; 0: whatever the amount."""
    why: Why

    def said(self) -> str:
        """The row in words, as "refund over 500: tier 2"."""
        over = f" over {self.over:g}" if self.over else ""
        return f"{self.reason}{over}: tier {self.tier}"


_REASONS = {
    1: TransferReason(zh="技术支持", en="technical support"),
    2: TransferReason(zh="退款", en="refund"),
    3: TransferReason(zh="投诉", en="complaint"),
    4: TransferReason(zh="账单", en="billing"),
    5: TransferReason(zh="订单", en="order"),
    6: TransferReason(zh="其他语种", en="another language"),
    7: TransferReason(zh="要求主管接听", en="supervisor wanted"),
    8: TransferReason(zh="超出权限", en="beyond authority"),
    9: TransferReason(zh="其他事项", en="other matter"),
}
_DISPOSITIONS = {
    "solved": Label(zh="已解决", en="Solved"),
    "to be followed up": Label(zh="待跟进", en="To be followed up"),
    "handed over": Label(zh="已转交", en="Handed over"),
    "ticket": Label(zh="已建工单", en="Ticket made"),
    "callback promised": Label(zh="已承诺回电", en="Callback promised"),
    "wrong number": Label(zh="误拨", en="Wrong number"),
    LINE_DROPPED: Label(zh="掉线", en="Line dropped"),
}
_VERIFY = {
    "number-and-order": Label(zh="注册号码和最近订单", en="Registered number and last order"),
    "e-mail": Label(zh="注册邮箱", en="Registered e-mail"),
    "app-face": Label(zh="APP人脸核验", en="Face check in the app"),
    "by-colleague": Label(zh="同事已核实", en="By a colleague"),
}


class Transfers(Part):
    reasons: dict[Level, TransferReason] = Field(default=_REASONS)
    """Key on the telephone to the reason."""
    numbers: Annotated[dict[Dialable, Label], Field(max_length=1000)] = Field(default={})
    """Outside numbers that callers may be handed over to."""
    extensions: dict[AgentId, Extension] = Field(default={})
    """What agents dial, beside each other's extensions."""
    escalation: Annotated[list[Escalation], Field(max_length=50)] = []
    hold_reminder_s: Annotated[float, Field(gt=0, le=3600)] = 45
    """The agent is reminded of a caller who is on hold for so long."""
    hold_limit_s: Annotated[float, Field(gt=0, le=3600)] = 120
    """Then the supervisor is told."""
    consult_recording: Literal["leg", "off"] = "leg"
    """What two agents say while the customer is on hold: a recording of its own, or none."""
    dropped_within_min: Annotated[float, Field(ge=0, le=DAY_S / 60)] = 10
    """Whose line dropped and who calls again within this is offered to the same agent first; 0: nobody is."""
    dispositions: dict[Annotated[str, Field(pattern=REASON)], Label] = Field(default=_DISPOSITIONS)
    """How an agent may class a call: code to label."""
    verify: dict[Name, Label] = Field(default=_VERIFY)
    """How a customer may have been verified; the answers themselves are kept nowhere."""

    @field_validator("dispositions")
    @classmethod
    def _dropped(cls, given: dict[str, Label]) -> dict[str, Label]:
        return given if LINE_DROPPED in given else {**given, LINE_DROPPED: _DISPOSITIONS[LINE_DROPPED]}

    @model_validator(mode="after")
    def _bounded(self) -> Transfers:
        if self.hold_reminder_s >= self.hold_limit_s:
            raise ValueError("hold_limit_s must be longer than hold_reminder_s: first the agent is told, then others")
        return self

    def named(self) -> dict[str, TransferReason]:
        """Each reason by its name; the one of the softphone's own keys is among them."""
        by_telephone = TransferReason(zh="话机转接", en=BY_TELEPHONE)
        return {reason.en: reason for reason in (*self.reasons.values(), by_telephone)}

    def tier_for(self, reason: str, amount: float = 0.0) -> int:
        """The lowest tier that may receive such a matter."""
        rows = [row for row in self.escalation if row.reason == reason and (not row.over or amount > row.over)]
        return max((row.tier for row in rows), default=1)


def proposed(config: Config, reason: str, amount: float = 0.0) -> list[tuple[Literal["agent", "queue", "skill"], str]]:
    """Where such a matter goes first by the configuration: the reason's own place; the agents of the tier that it
    needs, the lowest that will do first. Empty where nothing is said."""
    transfers = config.transfers
    found: list[tuple[Literal["agent", "queue", "skill"], str]] = []
    if (known := transfers.named().get(reason)) is not None:
        found += [("queue", known.queue)] if known.queue else []
        found += [("skill", known.skill)] if known.skill else []
    if (tier := transfers.tier_for(reason, amount)) > 1:
        able = [(profile.tier, agent) for agent, profile in config.agents.items() if profile.tier >= tier]
        found += [("agent", agent) for _, agent in sorted(able)]
    return found


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
            "a number of the hotline": config.hotline.numbers,
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
