"""The call log of a running system, read as it is written: what a scenario waits for and asserts."""

from collections.abc import Callable
from datetime import datetime

from acd.engine.commands import Ending, Kind, Log
from acd.setup.installation import Installation
from acd.store.journal.journal_follower import Follower
from acd.store.journal.spool import lines, segments
from acd.telephone_numbers import Numbering
from tests.support.waiting import eventually

person = Numbering().caller
"""The number by which the log knows who calls from this one, in any writing; "unknown": nobody."""


class CallLog:
    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self._rows: list[tuple[datetime, Log]] = []
        self._follower = Follower(installation.journal)

    async def call_of(self, caller: str) -> str:
        """The id of the call that this number makes."""
        return (await self.row(Kind.ARRIVED, lambda row: row.detail["caller"] == person(caller))).call

    async def ending_of(self, call: str) -> Log:
        """The call's last word, waited for."""
        return await self.row(Kind.ENDED, lambda row: row.call == call)

    def rows(self) -> list[tuple[datetime, Log]]:
        """Every row so far, in order, with the time at which it was written."""
        self._rows += self._follower.new_rows()
        return self._rows

    def forget(self) -> None:
        """What has been written so far belongs to the scenario before."""
        self.rows()
        self._rows.clear()

    async def next_row(self) -> None:
        rows = len(self.rows())
        await eventually(lambda: len(self.rows()) > rows, "the next row")

    async def row(self, kind: Kind, which: Callable[[Log], bool] = lambda _: True, count: int = 1) -> Log:
        """The `count`th row of this kind for which `which` holds, waited for."""
        return (await self.timed_row(kind, which, count))[1]

    async def timed_row(
        self, kind: Kind, which: Callable[[Log], bool] = lambda _: True, count: int = 1
    ) -> tuple[datetime, Log]:
        def found() -> list[tuple[datetime, Log]]:
            return [(at, row) for at, row in self.rows() if row.kind is kind and which(row)][count - 1 :]

        try:
            return (await eventually(found))[0]  # type: ignore[no-any-return]
        except AssertionError:
            raise AssertionError(f"no row {kind!r} number {count} came\n{self.report()}") from None

    def story(self, call: str) -> list[str]:
        """What happened to the call, in the log's words; an offer's end by its outcome. How well its lines carried speech is told
        at its own time and left out."""
        return [
            str(row.detail["outcome"]) if row.kind is Kind.OFFER_ENDED else str(row.kind)
            for _, row in self.rows()
            if row.call == call and row.kind not in (Kind.AGENT_STATE, Kind.LINE, Kind.LEG_QUALITY)
        ]

    def offers(self, call: str) -> list[tuple[str, str]]:
        """(agent, outcome) of each offer of the call that has ended."""
        return [
            (row.agent, str(row.detail["outcome"]))
            for _, row in self.rows()
            if row.call == call and row.kind is Kind.OFFER_ENDED
        ]

    def of(self, kind: Kind, call: str = "") -> list[Log]:
        """Rows of this kind so far, of this call or of all."""
        return [row for _, row in self.rows() if row.kind is kind and call in ("", row.call)]

    def time_of(self, kind: Kind, call: str) -> datetime:
        """When the call's first row of this kind was written."""
        return next(at for at, row in self.rows() if row.kind is kind and row.call == call)

    async def first_after(self, kind: Kind, after: datetime) -> datetime:
        """When the first row of this kind after that moment was written, by the moment's own clock."""

        def found() -> list[datetime]:
            return [at for at, row in self.rows() if row.kind is kind and at > after]

        return (await eventually(found, f"{kind} after {after:%H:%M:%S}"))[0]  # type: ignore[no-any-return]

    def endings(self) -> dict[str, str]:
        """Call to how it ended."""
        return {row.call: str(row.detail["ending"]) for row in self.of(Kind.ENDED)}

    def lost(self) -> int:
        """How many calls a fault of ours has cut."""
        return sum(1 for ending in self.endings().values() if ending == Ending.LOST)

    def alarms(self) -> list[str]:
        """The alarms' names, in order."""
        return [str(row.detail["name"]) for row in self.of(Kind.ALARM)]

    async def alarm(self, name: str) -> str:
        """What the first alarm of this name says, waited for. (A busy machine may raise others.)"""
        return str((await self.row(Kind.ALARM, lambda row: row.detail["name"] == name)).detail["detail"])

    def journal_lines(self) -> list[int]:
        """Numbers of all lines of the journal, in the order in which they stand there."""
        folder = self.installation.journal
        return [line.number for segment in segments(folder) for line, _ in lines(segment)]

    def none_offered_twice(self) -> None:
        """No agent has two offers that go on at once, and no caller has two. AssertionError."""
        going_on: dict[str, str] = {}
        for _, row in self.rows():
            if row.kind is Kind.OFFERED:
                for party in (row.agent, row.call):
                    assert party not in going_on, f"{party} has {row.offer} beside {going_on[party]}"
                    going_on[party] = row.offer
            elif row.kind is Kind.TALK_ENDED or (row.kind is Kind.OFFER_ENDED and row.detail["outcome"] != "answered"):
                going_on.pop(row.agent, None)
                going_on.pop(row.call, None)

    # --- transfers ---

    async def talk_of(self, call: str, agent: str, count: int = 1) -> Log:
        """Waits for the `count`th leg of caller and this agent; the row."""
        return await self.row(Kind.CONNECTED, lambda row: (row.call, row.agent) == (call, agent), count)

    async def rings_at(self, call: str, agent: str, count: int = 1) -> Log:
        """Waits until this agent's telephone rings for the call for the `count`th time; the row."""
        return await self.row(Kind.RINGING, lambda row: (row.call, row.agent) == (call, agent), count)

    async def held(self, call: str, state: str = "held", count: int = 1) -> Log:
        """Waits until the call is held, or is what `state` says; the row."""
        return await self.row(Kind.HOLD, lambda row: (row.call, row.detail["state"]) == (call, state), count)

    async def transfer_is(self, call: str, state: str, number: int = 1) -> Log:
        """Waits until the call's transfer of this number has come to this state; the row."""

        def which(row: Log) -> bool:
            return row.call == call and (row.detail["state"], row.detail["number"]) == (state, number)

        return await self.row(Kind.TRANSFER, which)

    async def consult_of(self, call: str, number: int = 1) -> None:
        """Waits until first agent and receiver hear each other."""
        await self.transfer_is(call, "consulting", number)

    def transfers(self, call: str) -> list[tuple[int, str]]:
        """(number, state) of every row of a transfer of this call."""
        return [(row.detail["number"], str(row.detail["state"])) for row in self.of(Kind.TRANSFER, call)]

    def report(self) -> str:
        """The log so far and the ends of the processes' logs, for a failed assertion."""
        told = [
            f"{at:%H:%M:%S.%f} {r.kind} call={r.call} agent={r.agent} offer={r.offer} {dict(r.detail)}"
            for at, r in self.rows()
        ]
        for file in sorted(self.installation.log.glob("*.log")):
            told += [f"== {file.name}", *file.read_text("utf-8", "replace").splitlines()[-15:]]
        return "\n".join(told)


def of_call(call: str) -> Callable[[Log], bool]:
    """For `CallLog.row`: rows of this call."""
    return lambda row: row.call == call
