"""All rows of the night drill, played one after the other in one installation; and the page that says what came of them."""

import shutil
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.night import machine, services
from tests.night.fault import Fault, NotHere, verdict
from tests.night.hotline import Hotline, well
from tests.store.support.rented_postgres import readable_folder

TABLE: tuple[Fault, ...] = (*machine.ROWS, *services.ROWS)
PAGE = Path(__file__).parents[2] / "docs" / "night-drill.md"
BEGIN, END = "<!-- night: written by ./sanxiang bench night --write -->", "<!-- end of night -->"


@dataclass(frozen=True, slots=True)
class Seen:
    """What `doctor` has said of one fault."""

    fault: Fault
    line: str = ""
    """Its first bad line."""
    remedy: str = ""
    wrong: str = ""
    """Why that is not right; empty when it is."""
    not_here: str = ""
    """Why the fault could not be made on this machine; empty when it was."""
    took_s: float = 0.0


@asynccontextmanager
async def opened() -> AsyncIterator[Hotline]:
    """An installation that is well, in a folder that PostgreSQL's user may enter."""
    folder = readable_folder()
    try:
        async with well(folder) as hotline:
            yield hotline
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def seen(hotline: Hotline, fault: Fault) -> Seen:
    """Makes the fault, asks `doctor`, mends the fault."""
    began = time.monotonic()
    try:
        async with fault.make(hotline):
            bad = await hotline.bad()
    except NotHere as why:
        return Seen(fault, not_here=str(why))
    first = bad[0] if bad else {"what": "", "found": "nothing", "remedy": ""}
    line = f"{first['what']}: {first['found']}"
    return Seen(fault, line, first["remedy"], verdict(fault, bad), took_s=time.monotonic() - began)


def page(before: str, found: Sequence[Seen]) -> str:
    """The page with this table in it, and the count above. Raises ValueError where the page has no place for it."""
    head, begin, rest = before.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"docs/night-drill.md has no lines {BEGIN!r} and {END!r}: nothing was written.")
    played = [each for each in found if not each.not_here]
    right = sum(not each.wrong for each in played)
    lines = [
        f"{right} of {len(played)} faults: the first bad line is the right one, and its remedy names what mends it.",
        "",
        "| what happens | the first bad line of `sanxiang doctor` | its remedy names | |",
        "|---|---|---|---|",
    ]
    for each in found:
        names = ", ".join(f"`{word.strip()}`" for word in each.fault.remedy)
        state = "not made here" if each.not_here else "WRONG" if each.wrong else "right"
        lines.append(f"| {each.fault.name} | {each.fault.what}: … {each.fault.says} … | {names} | {state} |")
    return "\n".join([head + begin, *lines, end]) + after
