"""The keeper of Asterisk's logs where no supervisor keeps Asterisk: in its container, beside docker/asterisk.sh.

    python -m acd.processes.beside_asterisk keep RUN             reads, masks and bounds, until SIGTERM
    python -m acd.processes.beside_asterisk become RUN WORD …    becomes this program, with the pipes open

Both name the `run` folder. The two may start in any order, and the keeper may end and start again: Asterisk holds the reading ends too, as
it does on a host (log_pipes.py), so its start waits for nobody and no log is given up. Whoever is away for long loses lines, not calls.
What Asterisk writes to standard output goes through a third pipe, which never waits, and by the keeper to the engine's own log.
"""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import structlog

from acd.processes import logs
from acd.processes.log_files import FOR_GROUP
from acd.processes.log_keeper import LogKeeper
from acd.processes.log_pipes import ASTERISK_LOGS, fifo, readers

log = structlog.get_logger(__name__)

BOUNDS = "log-bounds.json"
"""Below `run`: how much of each log is kept, as the daemon writes it."""
OUTPUT = "output.pipe"
"""Below run/asterisk/log: Asterisk's standard output and standard error."""
_ENDS = {signal.SIGTERM, signal.SIGINT}


def keep(run: Path) -> None:
    """Returns after SIGTERM or SIGINT, when all that is in the pipes is written."""
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # Before any thread begins, so that all leave them to us.
    folder = run / "asterisk" / "log"
    keeper = LogKeeper(bounds_file=run / BOUNDS, mode=FOR_GROUP)
    keeper.fifos(folder)
    keeper.shown(folder / OUTPUT)
    signal.sigwait(_ENDS)
    keeper.close()


def become(run: Path, words: Sequence[str]) -> None:
    """Does not return: this process is the program from now on. A pipe that can't be made is logged, and the program does without.

    Raises OSError where the program is not there.
    """
    folder = run / "asterisk" / "log"
    held = []
    for name in ASTERISK_LOGS:
        try:
            held.append(fifo(folder / f"{name}.pipe"))
        except OSError as error:
            log.error("Asterisk's log goes through no pipe", log=name, why=str(error))
    for each in readers(folder):
        os.set_inheritable(each, True)
    for each in held:
        os.close(each)
    try:
        output = fifo(folder / OUTPUT)
        os.dup2(output, 1)
        os.dup2(output, 2)
    except OSError as error:
        log.error("Asterisk's output goes through no pipe", why=str(error))
    os.environ.pop("PYTHONPATH", None)  # Ours; the stories that Asterisk runs find their own way.
    os.execvp(words[0], list(words))


def main(arguments: Sequence[str]) -> None:
    """`keep RUN`, or `become RUN WORD …`."""
    logs.set_up()
    match arguments:
        case ["keep", run]:
            keep(Path(run))
        case ["become", run, *words] if words:
            become(Path(run), words)
        case _:
            sys.exit("usage: beside_asterisk keep RUN | become RUN WORD …")


if __name__ == "__main__":
    main(sys.argv[1:])
