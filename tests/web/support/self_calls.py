"""The hotline's calls to itself, for a server without a hotline: the real runner over a link that was never made, and reports that
earlier calls have left."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from acd.config import check
from acd.daemon.self_calls import SelfCallRunner
from acd.engine.acd import Acd
from acd.engine.model import Rules
from acd.files import write_private
from acd.self_call import Facts, as_json, faults
from acd.store.journal.journal import Journal
from acd.switchboard import Switchboard
from tests.pbx.support.asterisk_fixture import LinkUnderTest
from tests.pbx.support.rendered_conf import settings_in
from tests.test_self_call import GOOD
from tests.web.support.web_server import CONFIG

CALLER = "13812345678"
"""A customer who has called while the hotline called itself."""
KEYS_LOST = replace(GOOD, heard_out="")
KEPT_BY_THE_CARRIER = replace(GOOD, arrived=None, others=(CALLER,))
LOOP = replace(GOOD, trunk="")


def report(facts: Facts, at: str = "2026-11-22T19:30:10+00:00", why: str = "nightly") -> dict[str, Any]:
    """As the daemon keeps it."""
    return {"at": at, "why": why, **as_json(facts, faults(facts))}


def runner(folder: Path, *kept: Facts) -> SelfCallRunner:
    """With reports of these calls, the latest first. Trunks: `carrier`, which can be dialled, and `inbound`, which can't."""

    file = folder / "self-calls.json"
    folder.mkdir(parents=True, exist_ok=True)
    write_private(file, json.dumps([report(each) for each in kept]))
    trunks = {"carrier": {"addresses": ["192.0.2.10"]}, "inbound": {"addresses": ["192.0.2.0/24"]}}
    config = check({**CONFIG, "hotline": {"name": "三响热线", "numbers": {"95000": "ask"}}, "trunks": trunks})
    link = LinkUnderTest(settings_in(folder / "pbx"), 1).pbx

    async def nothing(command: object) -> None:
        return None

    journal = Journal(folder / "journal")
    board = Switchboard(Acd((), (), Rules()), journal, lambda: datetime.now(UTC), nothing)
    journal.close()  # this switchboard does not run
    return SelfCallRunner(
        link, board, lambda: config, folder / "recordings", file, lambda: datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    )
