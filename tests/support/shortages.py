"""What a program on this machine can run out of: ports that another program has, and files that it may open."""

import resource
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def no_port_left(first: int, last: int, host: str = "127.0.0.1") -> Iterator[None]:
    """Every UDP port of this range that is free now is taken meanwhile."""
    taken: list[socket.socket] = []
    try:
        for port in range(first, last + 1):
            one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            taken.append(one)
            try:
                one.bind((host, port))
            except OSError:
                continue  # Whoever has it keeps it.
        yield
    finally:
        for one in taken:
            one.close()


@contextmanager
def no_file_left(pid: int) -> Iterator[None]:
    """This process may open no file and no socket more than it has; each that it closes may be opened again."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    used = {int(file.name) for file in Path(f"/proc/{pid}/fd").iterdir()}
    # The limit is on the number of a new file, which is the lowest that is free.
    free = next(number for number in range(len(used) + 1) if number not in used)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (free, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))
