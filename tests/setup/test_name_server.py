"""What a carrier's name stands for: its own addresses, and those of the hosts that its SRV records name."""

import socket
from collections.abc import Iterator
from functools import partial

import pytest

from acd.setup import name_server as module
from acd.setup.name_server import Answer, addresses_of, hosts_of
from tests.support.name_server import NameServer

NAME = "sip.example.net"
RECORDS = {
    f"_sip._udp.{NAME}.": ["10 60 5060 a.example.net.", "10 40 5060 b.example.net.", "20 0 5090 a.example.net."],
    f"_sip._tcp.{NAME}.": ["10 0 5060 c.example.net."],
    f"_sips._tcp.{NAME}.": ["0 0 0 ."],
}
HOSTS = {"a.example.net": ["192.0.2.1"], "b.example.net": ["192.0.2.2", "2001:db8::2"], "c.example.net": ["192.0.2.3"]}
ALL = ("192.0.2.1", "192.0.2.2", "192.0.2.3", "2001:db8::2")


@pytest.fixture
def server() -> Iterator[NameServer]:
    with NameServer(RECORDS) as server:
        yield server


def asked(server: NameServer, own: list[str] | None = None, *, by_service: bool = True) -> Answer:
    """`own`: the addresses that the name itself has; None: it has none, as a name with SRV records only."""

    def ask(host: str) -> list[str]:
        found = own if host == NAME else HOSTS[host]
        if found is None:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return found

    return addresses_of(NAME, by_service=by_service, ask=ask, ask_service=partial(hosts_of, name_server=server.place))


def test_a_name_with_srv_records_only_has_the_addresses_of_all_hosts_they_name(server: NameServer):
    assert hosts_of(f"_sip._udp.{NAME}", server.place) == ["a.example.net", "b.example.net"]
    assert hosts_of(f"_sips._tcp.{NAME}", server.place) == [], "a dot says that there is no such service"
    assert asked(server) == Answer(ALL)


def test_they_stand_beside_the_addresses_of_the_name_itself(server: NameServer):
    assert asked(server, ["198.51.100.7"]) == Answer((*ALL[:3], "198.51.100.7", ALL[3]))


def test_a_name_with_a_port_has_its_own_addresses_alone(server: NameServer):
    assert asked(server, ["198.51.100.7"], by_service=False) == Answer(("198.51.100.7",))
    assert server.asked == []


@pytest.mark.parametrize("there", [True, False])
def test_a_name_without_srv_records_is_as_it_was(server: NameServer, there: bool):
    server.records = dict.fromkeys(RECORDS, ()) if there else {}
    assert asked(server, ["198.51.100.7"]) == Answer(("198.51.100.7",))
    with pytest.raises(OSError, match="not known"):
        asked(server)


@pytest.mark.parametrize("fault", ["silent", "fails"])
def test_a_name_server_that_does_not_answer_about_services_is_no_word_that_there_are_none(
    server: NameServer, fault: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(module, "WITHIN_S", 0.3)  # nobody answers: the test waits for no more
    setattr(server, fault, True)
    assert asked(server, ["198.51.100.7"]) == Answer(("198.51.100.7",), whole=False)
    assert set(server.asked) == {f"_sip._udp.{NAME}."}, "the others are not asked for, each for seconds"
    with pytest.raises(OSError, match=r".+"):
        asked(server)


def test_a_host_of_a_service_that_can_not_be_resolved_leaves_the_answer_in_part(server: NameServer):
    server.records[f"_sip._udp.{NAME}."] = ["10 0 5060 gone.example.net.", "10 0 5060 a.example.net."]
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(HOSTS, "gone.example.net", None)
        assert asked(server) == Answer(("192.0.2.1",), whole=False)


@pytest.mark.parametrize("name", ["x" * 64, "a..b", "é" * 70, ""])
def test_a_name_that_is_none_is_an_error_like_any_other(name: str):
    with pytest.raises(OSError, match=r".+"):
        addresses_of(name, by_service=True, ask_service=partial(hosts_of, name_server=("127.0.0.1", 9)))


def test_no_service_fills_the_memory(server: NameServer):
    server.records[f"_sip._udp.{NAME}."] = [f"10 0 5060 h{n}.example.net." for n in range(40)]
    assert len(hosts_of(f"_sip._udp.{NAME}", server.place)) <= module.MOST_HOSTS
