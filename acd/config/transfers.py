"""The table [transfers]: reasons, outside numbers, extensions of queues and skills, escalation, dispositions.

Checks of the whole table stand in transfer_checks.py.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

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
from acd.engine.model import BY_TELEPHONE, LINE_DROPPED


class TransferReason(Reason):
    """Why a caller is transferred, and the queue or skill that is proposed first."""

    queue: Name | None = None
    skill: Name | None = None


class OutsideNumber(Label):
    """Who is there, and which transfers they may receive: see Escalation."""

    tier: Level = 1


class Extension(Part):
    """What agents dial to transfer a caller to a queue, or to any agent with a skill."""

    queue: Name | None = None
    skill: Name | None = None

    @property
    def target(self) -> str:
        """As the engine reads it: "queue:billing", "skill:refund"."""
        return f"queue:{self.queue}" if self.queue else f"skill:{self.skill}"

    @model_validator(mode="after")
    def _one(self) -> "Extension":
        if (self.queue is None) == (self.skill is None):
            raise ValueError('an extension leads to one place: write { queue = "…" } or { skill = "…" }')
        return self


class Escalation(Part):
    """The tier that a transfer needs: for this reason, about more than `over`, an agent of this tier or a higher one."""

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
    numbers: Annotated[dict[Dialable, OutsideNumber], Field(max_length=1000)] = Field(default={})
    """Outside numbers that callers may be transferred to."""
    extensions: dict[AgentId, Extension] = Field(default={})
    """What agents dial, beside each other's extensions."""
    escalation: Annotated[list[Escalation], Field(max_length=50)] = []
    hold_reminder_s: Annotated[float, Field(gt=0, le=3600)] = 45
    """The agent is reminded of a caller who is on hold for so long."""
    hold_limit_s: Annotated[float, Field(gt=0, le=3600)] = 120
    """The supervisor is told of a caller who is on hold for so long."""
    consult_recording: Literal["leg", "off"] = "leg"
    """What two agents say while the customer is on hold: a recording of its own, or none."""
    dropped_within_min: Annotated[float, Field(ge=0, le=DAY_S / 60)] = 10
    """A caller whose line dropped and who calls again within this is offered to the same agent first; 0: none is."""
    dispositions: dict[Annotated[str, Field(pattern=REASON)], Label] = Field(default=_DISPOSITIONS)
    """How an agent may class a call: code to label."""
    verify: dict[Name, Label] = Field(default=_VERIFY)
    """How a customer may have been verified; the answers themselves are kept nowhere."""

    @field_validator("dispositions")
    @classmethod
    def _dropped(cls, given: dict[str, Label]) -> dict[str, Label]:
        return given if LINE_DROPPED in given else {**given, LINE_DROPPED: _DISPOSITIONS[LINE_DROPPED]}

    @model_validator(mode="after")
    def _bounded(self) -> "Transfers":
        if self.hold_reminder_s >= self.hold_limit_s:
            raise ValueError("hold_limit_s must be longer than hold_reminder_s: first the agent is told, then others")
        return self

    def named(self) -> dict[str, TransferReason]:
        """Each reason by its name; the one of the softphone's own keys is among them."""
        by_telephone = TransferReason(zh="话机转接", en=BY_TELEPHONE)
        return {reason.en: reason for reason in (*self.reasons.values(), by_telephone)}

    def tier_for(self, reason: str, amount: float = 0.0) -> int:
        """The lowest tier that may receive such a matter; an amount of 0 is not known, and every row of the reason counts."""
        rows = [
            row for row in self.escalation if row.reason == reason and (not amount or not row.over or amount > row.over)
        ]
        return max((row.tier for row in rows), default=1)
