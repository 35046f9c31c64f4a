"""What `doctor` finds about the way between this machine and carriers and telephones: NAT, the certificate, codecs.

Looks only: an address is found by asking the kernel over which of ours it would send, and nothing is sent.
"""

import ipaddress
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from acd.config import Config
from acd.config.network import split_port
from acd.pbx.conf.certificates import BadPair, read_pair
from acd.setup.codecs import without_module
from acd.setup.external_address import is_address, resolved
from acd.setup.name_server import NO_ADDRESS, addresses_of
from acd.setup.pbx_settings import tls_of

ENDS_SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NetworkFinding:
    what: str
    ok: bool
    found: str
    remedy: str = ""


def network_findings(config: Config, moddir: Path | None) -> Iterator[NetworkFinding]:
    """Every finding, good and bad. `moddir`: where Asterisk's modules lie, where one was found. May wait for the resolver."""
    yield from _external_address(config)
    yield from _trunks(config)
    yield from _certificate(config)
    if moddir is not None:
        yield from _codecs(config, moddir)


def _external_address(config: Config) -> Iterator[NetworkFinding]:
    name = config.sip.external_address
    if not name:
        return
    try:
        address = name if is_address(name) else resolved(name)
    except OSError as error:
        why = error.strerror or str(error)
        yield NetworkFinding(
            "sip.external_address",
            False,
            f"{name} can't be resolved: {why}",
            "Mend the name, or write the address itself.",
        )
        return
    if any(_within(address, network) for network in config.sip.local_networks):
        remedy = (
            "Write the address that carriers see: what a web page such as the router's own shows as the public one."
        )
        yield NetworkFinding("sip.external_address", False, f"{address} lies in sip.local_networks itself", remedy)
    else:
        yield NetworkFinding("sip.external_address", True, address if address == name else f"{name} ({address})")


def _trunks(config: Config) -> Iterator[NetworkFinding]:
    """A trunk whose name can't be resolved; and one out in the internet, with a private address of ours on the way to it: nobody
    would hear anything."""
    for name, trunk in config.trunks.items():
        # Through the proxy goes everything, and then `host` is a domain that need not be in any name server.
        host = trunk.outbound_proxy or trunk.outbound or trunk.host or next(iter(trunk.addresses), "")
        outside = address_of(host)
        if not outside:
            yield NetworkFinding(
                f"trunk {name}",
                False,
                f"{split_port(host)[0]} can't be resolved",
                f"`getent hosts {split_port(host)[0]}` shows what this machine's name server says. Mend the name, or write the address; "
                "for an IMS domain, which is in no name server, add `outbound_proxy`.",
            )
        if config.sip.external_address:
            continue
        own = source_towards(outside) if outside else ""
        if not own or not is_outside(outside) or is_outside(own):
            continue
        yield NetworkFinding(
            f"trunk {name}",
            False,
            f"the carrier is outside ({outside}), and our address on the way there, {own}, is private: behind a router the "
            "carrier sends the sound of calls to it, and callers hear nothing",
            'Under [sip], write external_address = "…" with the public address (or name) of this place, let the router forward '
            f"UDP {config.sip.port} and {config.sip.rtp_start}-{config.sip.rtp_end}, and start again. "
            "With a VPN to the carrier, add its network to local_networks.",
        )


def address_of(host: str) -> str:
    """The address of `host`, `host:port`, `[address]:port` or of a network's first; of a name without a port also by its SRV records.
    Empty when it can't be resolved."""
    if not host:
        return ""
    try:
        return str(ipaddress.ip_network(host, strict=False).network_address)
    except ValueError:
        pass
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    try:
        return name if is_address(name) else resolved(name)
    except OSError as error:
        # Where no name server answers, another question waits for seconds in vain.
        return _of_a_service(name) if name == host and error.errno in NO_ADDRESS else ""


def _of_a_service(name: str) -> str:
    """Of a name that has SRV records only: an address of a host that they name, one of IPv4 where there is one."""
    try:
        found = addresses_of(name, by_service=True).addresses
    except OSError:
        return ""
    return next((each for each in found if ":" not in each), found[0])


def source_towards(address: str) -> str:
    """This machine's address from which it sends to that one, by the routes; empty where there is no way."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM) as line:
            line.connect((address, 9))
            return str(line.getsockname()[0])
    except OSError:
        return ""


def is_outside(address: str) -> bool:
    """Whether the address is one of the internet, not of a private, local or documentation network."""
    return ipaddress.ip_address(address).is_global


def _within(address: str, network: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(network)


def _certificate(config: Config) -> Iterator[NetworkFinding]:
    if (tls := tls_of(config)) is None:
        return
    try:
        pair = read_pair(tls)
    except BadPair as bad:
        yield NetworkFinding(
            "sip.tls", False, str(bad).removeprefix("sip.tls: "), "Mend the two files; no restart is needed."
        )
        return
    left = pair.good_until - datetime.now(UTC)
    until = f"good until {pair.good_until:%Y-%m-%d}"
    if left > ENDS_SOON:
        yield NetworkFinding("sip.tls", True, until)
    else:
        said = f"{until}: {left.days} days" if left > timedelta(0) else f"ended on {pair.good_until:%Y-%m-%d}"
        yield NetworkFinding("sip.tls", False, said, "Renew the certificate; no restart is needed.")


def _codecs(config: Config, moddir: Path) -> Iterator[NetworkFinding]:
    for place, codec, module in without_module(config, moddir):
        remedy = f"Take it out of {place}, or put {module} of its maker into {moddir}."
        yield NetworkFinding(f"codec {codec}", False, "this Asterisk can't turn it into sound", remedy)
