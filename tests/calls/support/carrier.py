"""The carrier beyond the trunk: somebody there answers, is busy, or lets it ring."""

from acd.sipp.actors import Phone, SippAgents
from tests.calls.support.running_system import RunningSystem
from tests.support.network import TRUNK_ADDRESS
from tests.support.sipp_ports import media_ports


class Carrier:
    """Of a system that was made with `carrier=True`: its trunk leads here."""

    def __init__(self, system: RunningSystem) -> None:
        self._system = system

    async def outside(self, phone: Phone) -> SippAgents:
        """Whoever is called beyond the trunk behaves like this; at most one such at a time."""
        system = self._system
        assert system.carrier_port, "the system was made without a carrier"
        telephone = SippAgents(
            system.pbx.tool("sipp"),
            {},
            phone,
            host="127.0.0.1",
            pbx_port=system.prepared.sip_port,
            port=system.carrier_port,
            **media_ports(TRUNK_ADDRESS, 8),
            address=TRUNK_ADDRESS,
            folder=system.folder_for_person(),
        )
        system.people.append(telephone)
        await telephone.start()
        return telephone
