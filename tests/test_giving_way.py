"""How the tests that compute are spread among those that wait, and give way to them."""

import os
import subprocess
import threading

import pytest

from tests.support.giving_way import LOWER_BY, lower_priority, spread


@pytest.mark.parametrize(
    ("few", "many", "order"),
    [
        ("AB", "cdef", "AcdBef"),
        ("ABC", "defghij", "AdeBfghCij"),
        ("ABC", "d", "ABCd"),
        ("A", "", "A"),
        ("", "bc", "bc"),
        ("", "", ""),
    ],
)
def test_each_waiting_file_is_followed_by_its_share_of_the_others(few: str, many: str, order: str):
    found = "".join(spread(few, many))
    assert sorted(found) == sorted(few + many)
    assert [each for each in found if each in few] == list(few) and [each for each in found if each in many] == list(
        many
    )
    if len(many) != 1:
        assert found == order


def test_a_program_that_is_started_meanwhile_gives_way_and_all_is_as_before_afterwards():
    before = os.getpriority(os.PRIO_PROCESS, 0)
    go, later = threading.Event(), list[int]()

    def begun_meanwhile() -> None:
        go.wait()
        later.append(os.getpriority(os.PRIO_PROCESS, 0))

    with lower_priority():
        lowered = os.getpriority(os.PRIO_PROCESS, 0)
        assert int(subprocess.run(["nice"], capture_output=True, text=True, check=True).stdout) == lowered
        thread = threading.Thread(target=begun_meanwhile)
        thread.start()
    # Who may not raise the priority again has not lowered it.
    assert lowered in (before, min(19, before + LOWER_BY))
    go.set()
    thread.join()
    assert later == [before] == [os.getpriority(os.PRIO_PROCESS, 0)]
