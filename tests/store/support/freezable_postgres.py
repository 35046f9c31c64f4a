"""A PostgreSQL that can be made to stop answering."""

import contextlib
import os
import signal

from acd.store.embedded import EmbeddedPostgres, _children


class FreezablePostgres(EmbeddedPostgres):
    """One cluster, whose processes can be stopped and continued."""

    def freeze(self) -> None:
        """SIGSTOP of all its processes: it is there and does not answer."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT of all its processes."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, which: signal.Signals) -> None:
        pid = self.pid()
        if pid is not None:
            for each in (pid, *_children(pid)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(each, which)
