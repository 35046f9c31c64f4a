"""The whole product for one scenario: supervisor, Asterisk, stories, daemon and a real PostgreSQL, each a real process.

    async with FullSystem(folder) as system:
        await system.staffed("1001", Phone(ring_s=7))            # telephone registered, agent ready
        caller = await system.caller(Caller("95001", keys="1"))
        talk = await system.log.row(Kind.TALK_ENDED)
        assert system.log.story(talk.call) == [...]
        await system.faults.back(system.faults.kill("daemon"))

What a scenario does with the running system is done by objects that take it: `log` reads the call log, `faults` kills
processes, `leaders` looks at who leads, `carrier` answers beyond the trunk, `transfers` has callers handed over.
"""

from functools import cached_property

from tests.calls.support.carrier import Carrier
from tests.calls.support.faults import Faults
from tests.calls.support.leaders import Leaders
from tests.calls.support.running_system import RunningSystem
from tests.calls.support.transfers import Transfers


class FullSystem(RunningSystem):
    @cached_property
    def faults(self) -> Faults:
        return Faults(self)

    @cached_property
    def leaders(self) -> Leaders:
        return Leaders(self)

    @cached_property
    def carrier(self) -> Carrier:
        return Carrier(self)

    @cached_property
    def transfers(self) -> Transfers:
        return Transfers(self)
