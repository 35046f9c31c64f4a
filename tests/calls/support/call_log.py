"""The call log of a house, read as it is written: what a scenario waits for and asserts."""

from collections.abc import Callable
from datetime import datetime

from acd.engine.commands import Kind, Log
from acd.setup.installation import Installation
from acd.store.journal_follower import Follower
from tests.support.waiting import eventually


class Book:
    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.rows: list[tuple[datetime, Log]] = []
        self._follower = Follower(installation.journal)

    async def call_of(self, caller: str) -> str:
        """The id of the call that this number makes."""
        return (await self.row(Kind.ARRIVED, lambda row: row.detail["caller"] == caller)).call

    async def ending_of(self, call: str) -> Log:
        """The call's last word, waited for."""
        return await self.row(Kind.ENDED, lambda row: row.call == call)

    def log(self) -> list[tuple[datetime, Log]]:
        """Every row of the call log so far, in order."""
        self.rows += self._follower.new_rows()
        return self.rows

    async def row(self, kind: Kind, which: Callable[[Log], bool] = lambda _: True, count: int = 1) -> Log:
        """The `count`th row of this kind for which `which` holds, waited for."""
        return (await self.timed_row(kind, which, count))[1]

    async def timed_row(
        self, kind: Kind, which: Callable[[Log], bool] = lambda _: True, count: int = 1
    ) -> tuple[datetime, Log]:
        def found() -> list[tuple[datetime, Log]]:
            return [(at, row) for at, row in self.log() if row.kind is kind and which(row)][count - 1 :]

        try:
            return (await eventually(found, patience_s=90))[0]  # type: ignore[no-any-return]
        except AssertionError:
            raise AssertionError(f"no row {kind!r} number {count} came\n{self.tale()}") from None

    def story(self, call: str) -> list[str]:
        """What happened to the call, in the log's words; an offer's end by its outcome."""
        return [
            str(row.detail["outcome"]) if row.kind is Kind.OFFER_ENDED else str(row.kind)
            for _, row in self.log()
            if row.call == call and row.kind is not Kind.AGENT_STATE
        ]

    def offers(self, call: str) -> list[tuple[str, str]]:
        """(agent, outcome) of each offer of the call that has ended."""
        return [
            (row.agent, str(row.detail["outcome"]))
            for _, row in self.log()
            if row.call == call and row.kind is Kind.OFFER_ENDED
        ]

    def tale(self) -> str:
        """The log so far and the ends of the processes' logs, for a failed assertion."""
        lines = [
            f"{at:%H:%M:%S.%f} {r.kind} call={r.call} agent={r.agent} offer={r.offer} {dict(r.detail)}"
            for at, r in self.log()
        ]
        for file in sorted(self.installation.log.glob("*.log")):
            lines += [f"== {file.name}", *file.read_text("utf-8", "replace").splitlines()[-15:]]
        return "\n".join(lines)
