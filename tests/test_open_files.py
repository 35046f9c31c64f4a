"""The guard that finds a module of tests which leaves descriptors open."""

import os
import socket

import pytest

from tests.support.open_files import AT_MOST, given_back, open_files


def test_what_a_module_leaves_open_is_named():
    left: list[int] = []
    try:
        with pytest.raises(pytest.fail.Exception, match=r"were left open.*pipe"), given_back():
            left.extend(end for _ in range(AT_MOST) for end in os.pipe())
    finally:
        for end in left:
            os.close(end)


def test_a_module_may_begin_what_the_whole_session_shares():
    left: list[int] = []
    with given_back():
        for _ in range(AT_MOST // 2):
            left.extend(os.pipe())
    for end in left:
        os.close(end)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_what_only_waits_for_the_collector_is_closed_and_forgiven():
    class Holder:
        """Holds its sockets, and itself."""

        def __init__(self) -> None:
            self.sockets = [socket.socket() for _ in range(2 * AT_MOST)]
            self.itself = self

    before = open_files()
    with given_back():
        Holder()
    assert (open_files() - before).total() <= AT_MOST
