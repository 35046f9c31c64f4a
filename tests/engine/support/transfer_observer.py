"""The book of callers who are handed over: each has one holder, each transfer one end, and each talk its time."""

from acd.engine.acd import Acd
from acd.engine.commands import Command, Kind, Log, Offer
from acd.engine.entities import Call
from acd.engine.events import Event
from acd.engine.transfers.transfer import WARM

ENDS = ("completed", "taken back", "declined", "failed", "caller left")
BEFORE = {
    "consulting": ("asked",),
    "three-way": ("consulting",),
    "sent on": ("asked", "consulting"),
    # consulting: of a number, when nobody can be brought together
    "completed": ("sent on", "asked", "consulting", "three-way"),
    "taken back": ("asked", "consulting", "three-way"),
    "declined": ("asked", "consulting", "three-way"),
    "failed": ("sent on", "asked", "consulting", "three-way"),
    "caller left": ("sent on", "asked", "consulting", "three-way"),
}


class TransferObserver:
    def __init__(self, acd: Acd) -> None:
        self.acd = acd
        self.under_way: dict[str, tuple[int, str]] = {}
        """Call to the number of its transfer and how far that has come."""
        self.made: dict[str, int] = {}
        self.needs: dict[str, int] = {}
        """Call to the tier that its transfer needs; the configuration may ask for another meanwhile."""

    def read(self, event: Event, commands: list[Command]) -> None:
        rung: list[str] = []
        for command in commands:
            if isinstance(command, Log) and command.kind is Kind.TRANSFER:
                self._read_row(command)
            elif isinstance(command, Log) and command.kind is Kind.OFFERED:
                self._has_authority(command, event)
            elif isinstance(command, Log) and command.kind is Kind.ENDED:
                assert command.call not in self.under_way, f"{command.call} is over, its transfer is not, by {event}"
            elif isinstance(command, Log) and command.kind is Kind.TALK_ENDED:
                self._look_at_spans(command)
            elif isinstance(command, Offer):
                rung.append(command.call)
        assert len(rung) == len(set(rung)), f"{rung}: rung twice for one caller, by {event}"
        for call in self.acd._state.calls.values():
            self._look(call, event)

    def _read_row(self, row: Log) -> None:
        state = row.detail["state"]
        if state in ("explained", "refused"):
            return
        number = row.detail["number"]
        if state == "asked":
            assert row.call not in self.under_way, f"{row}: another is under way"
            self.made[row.call] = self.made.get(row.call, 0) + 1
            assert number == self.made[row.call]
            self.under_way[row.call] = (number, state)
            self.needs[row.call] = self._needed(row) if row.detail["kind"] in ("queue", "skill") else 1
            return
        assert row.call in self.under_way, f"{row}, and nothing is under way"
        known, was = self.under_way[row.call]
        assert (known, True) == (number, was in BEFORE[state]), f"{row} after {was}"
        if state in ENDS:
            del self.under_way[row.call]
        else:
            self.under_way[row.call] = (number, state)

    def _needed(self, row: Log) -> int:
        needed = 1
        for escalation in self.acd._state.rules.escalations:
            small = 0 < row.detail["amount"] <= escalation.over
            if escalation.reason == row.detail["reason"] and not small:
                needed = max(needed, escalation.tier)
        return needed

    def _has_authority(self, row: Log, event: Event) -> None:
        """Whoever is rung for a transfer to a queue or skill has the tier that the matter needed when it was asked for."""
        agent = self.acd._state.agents.get(row.agent)
        needed = self.needs.get(row.call, 1) if row.call in self.under_way else 1
        assert agent is None or agent.tier >= needed, (
            f"{row.agent} is rung for {row.call}, which needs {needed}, {event}"
        )

    def _look_at_spans(self, row: Log) -> None:
        detail = row.detail
        if "spans" not in detail:
            return
        for masked in (True, False):  # a mask may lie over a hold, and over a part of one
            last = 0.0
            for span in detail["spans"]:
                if (span["kind"] == "masked") is masked:
                    assert last - 0.002 <= span["from_s"] <= span["to_s"], f"{row}: spans overlap"
                    last = span["to_s"]
            assert last <= detail["recorded_s"] + 0.01, f"{row}: a span goes on beyond the leg"
        assert detail["recorded_s"] >= detail["talk_s"] - 0.01, f"{row}: less is recorded than was said"

    def _look(self, call: Call, event: Event) -> None:
        transfer = call.transfer
        assert (transfer is not None) == (call.call in self.under_way), f"{call.call} after {event}"
        if call.consult is not None:
            assert transfer is not None and transfer.state in WARM, f"{call.call} is consulted about for nobody"
            assert call.consult.consulted and call.consult.agent.offer is call.consult
            assert call.consult is not call.offer
        if transfer is not None and transfer.state in WARM:
            assert call.stage == "talking" and call.offer is not None, f"{call.call} is {call.stage} after {event}"
            assert transfer.kind == "number" or call.consult is not None, f"{call.call}: nobody is consulted, {event}"
        offer = call.offer
        if offer is not None and offer.apart_at is not None:
            assert offer.bridged_at is not None and offer.agent.work in ("hold", "consult"), (
                f"{call.call} after {event}"
            )
        elif offer is not None and offer.bridged_at is not None:
            assert offer.agent.work == "talking", f"{offer.agent.agent} is {offer.agent.work} after {event}"
        for left in call.leaving:
            assert left.handed and left is not offer and left is not call.consult
        if call.stage == "waiting" and self.acd._state.pbx:
            in_hand = call.in_line or call.resting or call.dialling or bool(call.kept_for)
            assert in_hand, f"{call.call} is with nobody after {event}"
