"""Asterisk's counts of packets, look by look."""

from typing import Any

import pytest

from acd.pbx import packet_counts
from acd.pbx.packet_counts import PacketCounts


async def test_a_channel_without_a_count_is_looked_at_like_any_other(monkeypatch: pytest.MonkeyPatch):
    """A channel that is quite new has no count yet: that it was not there at the look before is no fault."""
    counts = {"PJSIP/1001-1": ""}

    async def variables(ami: Any, wanted: list[tuple[str, str]]) -> list[str]:
        return [counts[channel] for channel, _ in wanted]

    monkeypatch.setattr(packet_counts, "get_variables", variables)
    now = 10.0
    looked_at = PacketCounts(None, lambda: now)  # type: ignore[arg-type]
    await looked_at.look(list(counts))
    now, counts["PJSIP/1002-2"] = 12.0, ""
    await looked_at.look(list(counts))
    assert looked_at.still(2.0) == ["PJSIP/1001-1"]
    assert looked_at.still(2.0, counted=True) == []
    counts["PJSIP/1001-1"] = "50"
    await looked_at.look(list(counts))
    assert looked_at.still(0.0, counted=True) == ["PJSIP/1001-1"]
