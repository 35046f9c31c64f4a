"""What only all trunks together can show."""

import itertools
from collections.abc import Iterator

from acd.config.network import is_address, overlap, split_port
from acd.config.schema import Config, Trunk


def trunk_warnings(config: Config) -> Iterator[str]:
    """A sentence for two trunks that can't be told apart by the address of a call or are one account, and for an address that SIP does
    not reach."""
    for name, trunk in config.trunks.items():
        yield from _other_family(config, name, trunk)
    for (one, first), (other, second) in itertools.combinations(config.trunks.items(), 2):
        # Two accounts at one server are two trunks (docs/trunks/registered.md): an address that both have as their server is none.
        shared = [
            (a, mine)
            for a in (*first.addresses, *_server(first))
            for b, mine in (*((b, True) for b in second.addresses), *((b, False) for b in _server(second)))
            if overlap(a, b) and (mine or a in first.addresses)
        ]
        if shared:
            address, in_addresses = shared[0]
            yield (
                f"trunks.{other}.{'addresses' if in_addresses else 'host'}: {address} counts as trunks.{one} too, and a call from there "
                "is taken for a call of either. Keep each address in one trunk."
            )
        if first.host and (first.host.lower(), first.username) == (second.host.lower(), second.username):
            yield (
                f"trunks.{other}.username: is the account of trunks.{one} at {first.host} too, and the carrier would send its calls to "
                "whichever registered last. Keep one of the two trunks."
            )


def _other_family(config: Config, name: str, trunk: Trunk) -> Iterator[str]:
    """The first address of a trunk that is of a family on which SIP does not listen."""
    listens = {":" in bind for bind in config.sip.binds}
    hosts = {key: split_port(getattr(trunk, key))[0] for key in ("outbound_proxy", "outbound", "host")}
    written = [
        *((key, host) for key, host in hosts.items() if is_address(host)),
        *(("addresses", a) for a in trunk.addresses),
    ]
    for key, address in written:
        if (six := ":" in address) not in listens:
            other = "IPv6" if six else "IPv4"
            yield (
                f"trunks.{name}.{key}: {address} is an address of {other}, and SIP listens on {' and '.join(config.sip.binds)} alone, so no "
                f"call comes from there or goes there. Write an address of this machine of {other} as sip.bind_also"
                + (', or sip.bind = "::" for both.' if six else ".")
            )
            return


def _server(trunk: Trunk) -> list[str]:
    """The address of the server that sends this trunk's calls, where it is written as an address."""
    server = split_port(trunk.outbound_proxy or trunk.host)[0]
    return [server] if is_address(server) else []
