"""What the name servers say of a carrier: the addresses of its name, and those of the hosts that its SRV records name.

Asterisk follows RFC 3263 where a name is written without a port: it asks for SRV records, and sends to the hosts that they name. A
carrier with such records sends its calls from these hosts, so their addresses count as the trunk's, beside those of the name itself. For
a name with a port no SRV record is asked for (RFC 3263, 4.2).
"""

import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from acd.setup.trunk_names import usable

SERVICES = ("_sip._udp", "_sip._tcp", "_sips._tcp")
"""A carrier's calls are taken over all three transports, whichever we register over."""
MOST_HOSTS = 16
"""Hosts of one service that are looked up."""
WITHIN_S = 3.0
"""For the answer about one service: all name servers and repetitions included."""
NO_ADDRESS = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
"""The name server's word that a name is not there, or has no address: an answer, and no failure."""

Ask = Callable[[str], Iterable[str]]
"""A name to its addresses, or a service to its hosts. Raises OSError. May take long."""


@dataclass(frozen=True, slots=True)
class Answer:
    addresses: tuple[str, ...]
    whole: bool = True
    """False: some question had no answer, so addresses that were known before may be good still."""


def resolve(name: str) -> list[str]:
    """The addresses of this name by the machine's resolver. Raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)]


def hosts_of(service: str, name_server: tuple[str, int] | None = None) -> list[str]:
    """The hosts that the SRV records of this service ("_sip._udp.example.com") name; none where there are no such records, or where
    they say that there is no such service. Raises OSError where no name server answers, or none is known.

    `name_server`: address and port of the one to ask; else those of /etc/resolv.conf, as Asterisk does.
    """
    import dns.exception
    import dns.resolver  # Here: it takes a tenth of a second, and most daemons have no name to look up.

    try:
        resolver = dns.resolver.Resolver(configure=name_server is None)
        if name_server is not None:
            resolver.nameservers, resolver.port = [name_server[0]], name_server[1]
        found = resolver.resolve(f"{service}.", "SRV", lifetime=WITHIN_S)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return []
    except dns.exception.DNSException as error:
        raise OSError(str(error) or type(error).__name__) from None
    # "." as target says that there is no such service (RFC 2782).
    # In their own order, for an answer has none: of more than MOST_HOSTS it is always the same that count.
    records = sorted(found, key=lambda record: (record.priority, -record.weight, str(record.target)))
    hosts = (str(record.target).rstrip(".") for record in records)
    return [host for host in dict.fromkeys(hosts) if host][:MOST_HOSTS]


def addresses_of(name: str, *, by_service: bool, ask: Ask = resolve, ask_service: Ask = hosts_of) -> Answer:
    """Every address that the name stands for. `by_service`: the name is written without a port, so SRV records count. Raises OSError
    where nothing was found, with the reason of the first question that failed."""
    found: list[str] = []
    failed: list[Exception] = []

    def answers(question: Ask, about: str) -> list[str]:
        try:
            return list(question(about))
        except (OSError, UnicodeError) as error:
            failed.append(error)
            return []

    found += answers(ask, name)
    whole = not failed or (isinstance(failed[0], socket.gaierror) and failed[0].errno in NO_ADDRESS)
    of_the_name = len(failed)
    for service in SERVICES if by_service else ():
        for host in answers(ask_service, f"{service}.{name}"):
            found += answers(ask, host)
        if len(failed) > of_the_name:
            whole = False
            break  # Whoever has not answered about one is not asked about the others: that takes seconds each.
    addresses = usable(found)
    if not addresses:
        raise OSError(str(failed[0]) if failed else f"{name} has no address")
    return Answer(addresses, whole)
