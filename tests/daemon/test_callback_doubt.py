"""Which daemon doubts the callbacks that its journal owes: the first under a supervisor, until PostgreSQL has answered."""

import os
from pathlib import Path

from acd.daemon.callback_doubt import CallbackDoubt
from acd.engine.doubt_events import CallbacksDoubted, CallbacksTrusted
from acd.engine.events import Event
from acd.processes.up import claimed
from acd.setup.installation import Installation


def began(installation: Installation, *, answered: bool = False) -> list[Event]:
    """What a daemon that starts tells the engine."""
    told: list[Event] = []
    doubt = CallbackDoubt(installation, told.append)
    doubt.begin()
    for _ in range(3 * answered):  # again after each trouble with PostgreSQL
        doubt.answered()
    return told


def test_the_first_daemon_of_a_supervisor_doubts_and_the_next_does_not_once_postgresql_has_answered(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    with claimed(installation):
        assert began(installation) == [CallbacksDoubted()]
        assert began(installation) == [CallbacksDoubted()], "PostgreSQL has not answered meanwhile"
        assert began(installation, answered=True) == [CallbacksDoubted(), CallbacksTrusted()]
        assert began(installation) == [CallbacksTrusted()]


def test_another_start_and_a_copy_doubt_again(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    with claimed(installation):
        began(installation, answered=True)
        mark = installation.run / "callbacks-trusted"
        mark.write_text(f"{os.getpid()} 1")
        assert began(installation) == [CallbacksDoubted()], "the mark of a process that had the same number before"
        mark.write_bytes(b"\xff\xff")
        assert began(installation) == [CallbacksDoubted()]


def test_without_a_supervisor_of_ours_each_daemon_asks_postgresql(tmp_path: Path):
    installation = Installation.at(tmp_path / "state")
    began(installation, answered=True)
    assert began(installation) == [CallbacksDoubted()]
