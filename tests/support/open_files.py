"""What a module of tests has opened and not given back: files, sockets, pipes.

A worker of the suite runs hundreds of modules in one process. With 1,024 descriptors open, whatever calls select(2) fails in modules that
have nothing to do with it.
"""

import gc
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

AT_MOST = 24
"""What a module may leave: servers and loops of the whole session begin in the module that first asks for them."""


def open_files() -> Counter[str]:
    """Descriptors of this process by what they lead to: a path, `socket`, `pipe`, `anon_inode`."""
    found: Counter[str] = Counter()
    for each in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            path = str(each.readlink())
            found[path if path.startswith("/") else path.partition(":")[0]] += 1
    return found


@contextmanager
def given_back() -> Iterator[None]:
    """Fails when more than AT_MOST are open afterwards that were not before; what only waits for the collector is closed."""
    before = open_files()
    yield
    if (open_files() - before).total() > AT_MOST:
        gc.collect()
        left = open_files() - before
        if left.total() > AT_MOST:
            pytest.fail(
                f"{left.total()} files, sockets or pipes were left open: {dict(left.most_common(12))}", pytrace=False
            )
