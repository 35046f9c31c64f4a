"""What is left over in a running system: nothing of a call that has ended, every row in PostgreSQL, every leg filed."""

import itertools
import re
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp

from acd.engine.commands import Kind, Outcome
from tests.calls.support.system.people import SystemPeople
from tests.support.waiting import eventually


class SystemLeftovers(SystemPeople):
    def recorded_whole(self, detail: Mapping[str, Any]) -> bool:
        """Whether this leg was filed as complete, or lacks no more sound than the time for which this machine let a thread of the test's
        processes wait for a processor. The product's own verdict is "incomplete" then, and rightly."""
        if detail["complete"]:
            return True
        lacks = re.fullmatch(r"([\d.]+) s of sound for ([\d.]+) s of talk(?: and hold)?", str(detail["reason"]))
        return lacks is not None and float(lacks[2]) - float(lacks[1]) <= self.processor_waits.longest_s() + 0.5

    async def caught_up(self) -> None:
        """Waits until PostgreSQL has every row that is on disk."""

        async def level() -> bool:
            health = await self.ask("GET", "/health")
            shipper = next((check for check in health.get("checks", []) if check["name"] == "shipper"), None)
            return bool(shipper and shipper["up"] and not shipper["figure"])  # none: asked too often, and told so

        await eventually(level, "PostgreSQL's catching up", 60)

    async def times_tile(self, agent: str) -> bool:
        """The agent's states cover the wall clock, one after the other, in the log and in PostgreSQL. AssertionError."""
        was, since = "", None
        for at, row in self.log.rows():
            if row.kind is not Kind.AGENT_STATE or row.agent != agent:
                continue
            assert row.detail["was"] == was or since is None, f"{agent} was {was}, not {row.detail['was']}"
            if since is not None:
                lasted = (at - since).total_seconds()
                assert abs(row.detail["lasted_s"] - lasted) <= 0.05, f"{agent} {was}: {lasted} s, {dict(row.detail)}"
            was, since = str(row.detail["state"]), at
        await self.caught_up()
        stretches = await self.store.agent_time(datetime.now(UTC).date(), agent)
        for one, next_ in itertools.pairwise(stretches):
            assert one.to_at is not None
            assert abs((next_.from_at - one.to_at).total_seconds()) <= 0.05, f"{one} then {next_}"
        assert [stretch.to_at for stretch in stretches[-1:]] == [None], f"{agent}: {stretches[-1:]}"
        wall = (stretches[-1].from_at - stretches[0].from_at).total_seconds()
        told = sum((each.to_at - each.from_at).total_seconds() for each in stretches if each.to_at is not None)
        assert abs(wall - told) <= 0.05, f"{agent}: {told} s of {wall} s"
        return True

    async def nothing_left(self) -> None:
        """No channel, no bridge, no live sound, no call in the engine; every row in PostgreSQL and every leg filed."""

        async def channels() -> bool:
            return "0 active channels" in await self.cli("core show channels count")

        async def bridges() -> bool:
            return len((await self.cli("bridge show all")).strip().splitlines()) <= 1

        try:
            await eventually(channels, "the end of the last channel", 90)
        except AssertionError as error:
            raise AssertionError(
                f"{error}:\n{await self.cli('core show channels concise')}\n{self.log.report()}"
            ) from None
        await eventually(bridges, "the end of the last bridge")

        async def no_calls() -> bool:
            try:
                return not (await self.state())["calls"]
            except aiohttp.ClientConnectorError:
                return False  # An upgrade has just ended one daemon, and the next does not listen yet.

        await eventually(no_calls, "the end of the last call in the engine")
        live = Path(self.prepared.recordings) / "live"
        try:
            await eventually(lambda: not list(live.iterdir()), "the filing of the last recording", 60)
        except AssertionError as error:
            left = [f"{each.name}: {each.stat().st_size} bytes" for each in sorted(live.iterdir())]
            raise AssertionError(f"{error}: {left}\n{self.log.report()}") from None
        await self.caught_up()
        self._every_call_ended_once()
        await self._every_answered_leg_has_its_recording()
        await self._every_row_is_in_postgresql()

    def _every_call_ended_once(self) -> None:
        ended = [row.call for _, row in self.log.rows() if row.kind is Kind.ENDED]
        assert sorted(ended) == sorted(set(ended)), self.log.report()
        assert set(ended) == {row.call for _, row in self.log.rows() if row.kind is Kind.ARRIVED}, self.log.report()

    async def _every_answered_leg_has_its_recording(self) -> None:
        answered = {
            row.offer
            for _, row in self.log.rows()
            if row.kind is Kind.OFFER_ENDED and row.detail["outcome"] == Outcome.ANSWERED
        }
        for offer in answered:

            async def filed(offer: str = offer) -> bool:
                leg = await self.store.recording(offer)
                return (
                    leg is not None and leg.filed_at is not None
                )  # "none": of a millisecond's bridge there is no sound

            await eventually(filed, f"the verdict on {offer}")

    async def _every_row_is_in_postgresql(self) -> None:
        """Row by row and in order, call by call; and each offer's and call's last word in its own table."""
        for call in {row.call for _, row in self.log.rows() if row.kind is Kind.ARRIVED}:
            with suppress(AssertionError):  # What is measured of a line is told some moments after the call.
                await eventually(lambda call=call: self._is_in_postgresql(call), "", 10)  # type: ignore[misc]
            on_disk, kept = await self._on_disk_and_kept(call)
            assert kept == on_disk, (
                f"{call}: {len(kept)} rows in PostgreSQL, {len(on_disk)} on disk\n{self.log.report()}"
            )
            told = {row.offer: (row.agent, row.outcome) for row in await self.store.offers(call)}
            last = {
                row.offer: (row.agent, str(row.detail["outcome"]))
                for _, row in self.log.rows()
                if row.call == call and row.kind is Kind.OFFER_ENDED
            }  # one that was answered in the moment of its taking back ends twice, and its last word counts
            assert told == last, f"{call}: {told}, and in the log {last}"

    async def _is_in_postgresql(self, call: str) -> bool:
        on_disk, kept = await self._on_disk_and_kept(call)
        return on_disk == kept

    async def _on_disk_and_kept(self, call: str) -> tuple[list[Any], list[Any]]:
        """The call's rows, in the journal and in PostgreSQL."""
        on_disk = [(row.kind, row.agent, row.offer, dict(row.detail)) for _, row in self.log.rows() if row.call == call]
        kept = [(Kind(row.kind), row.agent, row.offer, dict(row.detail)) for row in await self.store.timeline(call)]
        return on_disk, kept
