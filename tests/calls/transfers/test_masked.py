"""A recording that is masked by the interface, transferred meanwhile, and unmasked by the next agent: the manifest says where the files are silent."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from acd.engine.commands import Kind
from recordings import manifest
from tests.calls.support.call_log import of_call
from tests.calls.support.full_system import FullSystem
from tests.calls.support.transfer_checks import Handed, Leg, checked
from tests.calls.support.transfers import for_a_while

NEAR_S = 0.25
"""The row is written, then Asterisk is told."""


async def test_a_mask_outlasts_a_transfer_and_the_manifest_tells_where_the_files_are_silent(system: FullSystem):
    async with system.scene():
        await system.transfers.phone("1001")
        caller, call = await system.transfers.talks_with("1001")
        await for_a_while()
        assert await system.transfers.refused(call, "mask", {"masked": False}) == "not-masked"
        await system.transfers.post(call, "mask", {"masked": True})
        began = await system.log.row(Kind.MASK, of_call(call))
        assert await system.transfers.refused(call, "mask", {"masked": True}) == "masked-already"
        await for_a_while()
        await system.transfers.phone("1002")
        await system.transfers.hand_over(call, {"agent": "1002"})
        await system.log.talk_of(call, "1002")
        assert (await system.transfers.live(call))["masked_since"]
        await for_a_while()
        await system.transfers.post(call, "mask", {"masked": False})
        await for_a_while()
        await system.transfers.goes(caller, call)
        await checked(
            system,
            call,
            offers=[("1001", "answered"), ("1002", "answered")],
            transfers=[Handed(("asked", "completed"), to="1002", receiver="1002")],
            legs=[Leg("1001", ("masked",)), Leg("1002", ("masked",))],
        )
        assert began.agent == "1001"
        assert [row.detail["state"] for row in system.log.of(Kind.MASK, call)] == ["began", "ended"]
        folder = Path(system.prepared.recordings)
        first, second = manifest.read(folder, call)["legs"]
        for leg in (first, second):
            [span] = leg["spans"]
            assert _silence(folder / leg["file"]) == pytest.approx((span["from_s"], span["to_s"]), abs=NEAR_S)
        assert first["spans"][0]["from_s"] > 0.8
        assert _silence(folder / second["file"])[0] == 0.0
        assert not system.log.of(Kind.ALARM, call)


def _silence(file: Path) -> tuple[float, float]:
    """The longest stretch, in seconds, in which both channels hold zeros."""
    sound, rate = soundfile.read(file, dtype="int16")
    edges = np.flatnonzero(np.diff(np.concatenate(([0], (sound == 0).all(axis=1).astype(np.int8), [0]))))
    begin, end = max(zip(edges[::2], edges[1::2], strict=True), key=lambda run: int(run[1] - run[0]))
    return float(begin / rate), float(end / rate)
