"""Which row of the table of faults is proven where.

| row | proven by |
|---|---|
| A1-A5, A9, A10 | `daemon.py`, in tests/calls/faults/test_daemon_rows.py; A1-A3, A5 also in tests/calls/test_fault_daemon.py |
| A6-A8 | `leaders.py`, in tests/calls/faults/test_daemon_rows.py; also in tests/calls/test_restart.py |
| B1-B5, B9, B10 | `ami_link.py`, in tests/calls/faults/test_ami_link_rows.py |
| B8 | `ami_link.py`, tried by the bench alone, for it takes a minute; the alarm in tests/pbx/conf/test_house.py |
| B6 | recorded streams in any order, doubled and with holes: tests/pbx/events/test_streams.py; tests/engine/test_whole_stories.py |
| B7 | single bytes, any cut, a message beyond all measure: tests/pbx/ami/test_ami.py |
| B11 | `ami_link.py`, in tests/calls/faults/test_ami_link_rows.py; 29 texts of a caller's making: tests/calls/test_fault_texts.py; with the first wall down: tests/pbx/conf/test_house.py |
| F1-F5, F9 | `agents.py`, in tests/calls/faults/test_phone_and_caller_rows.py; also tests/calls/test_missed.py, tests/calls/test_hung_up.py |
| C7 | `resources.py`, in tests/calls/faults/test_resource_and_trunk_rows.py; also tests/pbx/conf/test_admission.py |
| E2 | `recordings.py`, tried by the bench alone: it takes root, a loop device and mkfs.ext4; E1 in tests/calls/test_fault_disk.py |
| T1 (registration refused) | `trunks.py`, tried by the bench alone, for it takes two minutes; every answer of a registrar in tests/pbx/actions/test_trunks_out.py, there 403 too, with 4 s in the place of five minutes |
| T2 (first trunk refuses a call out) | `trunks.py`, in tests/calls/faults/test_resource_and_trunk_rows.py; also tests/pbx/actions/test_trunks_out.py |
| T3 (first trunk is silent to it) | `trunks.py`, in tests/calls/faults/test_resource_and_trunk_rows.py; also tests/pbx/actions/test_silent_trunks.py |
| T4 (a carrier's name has another address) | tests/daemon/watchdogs/test_watch_trunks.py |
| M1, M4 | `crowds.py`, in tests/calls/faults/test_crowd_rows.py; the limits one by one in tests/pbx/conf/test_admission.py, tests/pbx/conf/test_menu_limits.py |
| C6, M2, M3, M5, M6 | `floods.py`, tried by the bench alone; beside ten talks in tests/calls/test_floods.py |
| K5 | tests/calls/test_hostile_invites.py: 300 messages by a seed, 10,000 as a drill |
| J4 | tests/daemon/watchdogs/test_watch_conf.py |
| G1-G8 | `callers.py`, in tests/calls/faults/test_phone_and_caller_rows.py; G1 also in tests/calls/test_given_up.py |
"""

import random
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path

from tests.calls.faults import (
    agents,
    ami_link,
    callers,
    crowds,
    daemon,
    floods,
    leaders,
    recordings,
    resources,
    trunks,
)
from tests.calls.faults.figures import Figures
from tests.calls.support.fault_table_system import FaultTableSystem

Scenario = Callable[[FaultTableSystem, int, int], Awaitable[list[Figures]]]


@dataclass(frozen=True, slots=True)
class Entry:
    """One scenario: the rows that it proves, and how often it is tried."""

    rows: tuple[str, ...]
    scenario: Scenario
    few: int
    """In the tests; 0: it takes too long for them, and the bench tries it once."""
    many: int
    """For `./sanxiang drill tests/calls/faults` and `./sanxiang bench faults --full`."""
    system: Callable[[Path], AbstractAsyncContextManager[FaultTableSystem]] = FaultTableSystem
    """Opens the scenario's system; rows of the groups C, E and T have systems of their own."""

    @property
    def name(self) -> str:
        return self.scenario.__name__


TABLE = (
    # Those with trip wires (daemon_with_faults.py) stand together: the daemon is changed for them once.
    Entry(("A1",), daemon.a1, 1, 9),
    Entry(("A2",), daemon.a2, 2, 100),
    Entry(("A3",), daemon.a3, 1, 12),
    Entry(("A5",), daemon.a5, 3, 100),
    Entry(("A6",), leaders.a6, 1, 20),
    Entry(("A7",), leaders.a7, 1, 100),
    Entry(("A8",), leaders.a8, 1, 20),
    Entry(("A4",), daemon.a4, 1, 120),
    Entry(("A9",), daemon.a9, 1, 20),
    Entry(("A9",), daemon.a9_files, 0, 5),
    Entry(("A10",), daemon.a10, 1, 10),
    Entry(("B1",), ami_link.b1, 3, 120),
    Entry(("B2",), ami_link.b2, 1, 12),
    Entry(("B4",), ami_link.b4, 3, 200),
    Entry(("B8",), ami_link.b8, 0, 5),
    Entry(("B9",), ami_link.b9, 1, 5),
    Entry(("B10",), ami_link.b10, 10, 1_000),
    Entry(("B11",), ami_link.b11, 6, 200),
    Entry(("B3",), ami_link.b3, 5_000, 20_000),
    Entry(("B5",), ami_link.b5, 2, 60),
    Entry(("F1", "F5"), agents.f1_f5, 1, 25),
    Entry(("F2",), agents.f2, 2, 60),
    Entry(("F3",), agents.f3, 1, 20),
    Entry(("F4", "G2", "G4"), agents.vanishing, 1, 10),
    Entry(("F9",), agents.f9, 1_000, 10_000),
    Entry(("G1",), callers.g1, 1, 50),
    Entry(("G3", "G4", "G7"), callers.g3_g4_g7, 20, 500),
    Entry(("G5",), callers.g5, 2, 20),
    Entry(("G6",), callers.g6, 5, 30),
    Entry(("G8",), callers.g8, 4, 60),
    Entry(("M1",), crowds.m1, 8, 60),
    Entry(("M4",), crowds.m4, 9, 500),
    Entry(("C6",), floods.c6, 0, 12),
    Entry(("C7",), resources.c7_ports, 1, 20, resources.FewPorts),
    Entry(("C7",), resources.c7_files, 0, 10, resources.FewPorts),
    Entry(("C7",), resources.c7_calls, 1, 10, resources.low_maxcalls),
    Entry(("E2",), recordings.e2, 0, 10, recordings.on_a_disk_that_stalls),
    Entry(("T1",), trunks.t1, 0, 1, trunks.registering),
    Entry(("T2",), trunks.t2, 1, 10, trunks.two_ways_out),
    Entry(("T3",), trunks.t3, 2, 5, trunks.two_ways_out),
    Entry(("M2", "M3", "M6"), floods.strangers, 0, 12),
    Entry(("M5",), floods.m5, 0, 12),
)


def of_group(letters: str) -> list[Entry]:
    """The tests' scenarios whose first row begins with one of these letters."""
    return [entry for entry in TABLE if entry.rows[0][0] in letters and entry.few]


async def nothing_is_lost_to(entry: Entry, system: FaultTableSystem, whole: bool) -> bool:
    """Tries the scenario a few times at random moments, `whole`: as often as the table wants.

    AssertionError with the scenario's figures where a call was lost.
    """
    seed = random.randrange(10**6)
    print(f"./sanxiang bench faults --only {entry.rows[0]} --seed {seed}")
    for figures in await entry.scenario(system, entry.many if whole else entry.few, seed):
        print(figures.as_row())
        assert figures.lost == 0, figures
    return True
