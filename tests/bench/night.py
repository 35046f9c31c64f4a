"""The night drill: which faults `doctor` tells rightly; `--write` puts the table into docs/night-drill.md."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.night.table import PAGE, TABLE, Seen, opened, page, seen


def run(*, write: bool = False, say: Callable[[str], None] = print) -> dict[str, Any]:
    """Each fault with the first bad line; the names of those that were wrong under "failed"."""
    found = asyncio.run(_played(say))
    if write:
        PAGE.write_text(page(PAGE.read_text("utf-8"), found), "utf-8")
    played = [each for each in found if not each.not_here]
    return {
        "faults": len(TABLE),
        "played": len(played),
        "right": sum(not each.wrong for each in played),
        "rows": [
            {"fault": each.fault.name, "line": each.line, "remedy": each.remedy, "not_here": each.not_here}
            for each in found
        ],
        "failed": {each.fault.name: each.wrong for each in found if each.wrong},
    }


async def _played(say: Callable[[str], None]) -> list[Seen]:
    found: list[Seen] = []
    async with opened() as hotline:
        for fault in TABLE:
            each = await seen(hotline, fault)
            found.append(each)
            say(f"{each.wrong or each.not_here or 'right':.200} | {fault.name} ({each.took_s:.1f} s)")
    return found
