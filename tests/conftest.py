"""What every test does: it gives the ports back that it chose."""

from collections.abc import Iterator

import pytest

from acd.pbx.install.ports import given_back


@pytest.fixture(autouse=True, scope="module")
def ports_of_the_module() -> Iterator[None]:
    """A worker runs hundreds of tests in one process, and a port is held until its process ends."""
    with given_back():
        yield


@pytest.fixture(autouse=True)
def ports_of_the_test(ports_of_the_module: None) -> Iterator[None]:
    """The same for what this test alone has chosen: its fixtures of the module keep theirs."""
    with given_back():
        yield
