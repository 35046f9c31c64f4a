"""What `doctor` says of each configured address and port: free, held by this hotline itself, or by whom else.

A port that this hotline holds is well: to free it would cut its calls.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress

from acd.cli.finding import Finding
from acd.config import Config
from acd.pbx.install.ports import Kind, can_listen, is_free
from acd.processes import parts
from acd.processes.parts import Process
from acd.setup.installation import Installation
from acd.setup.start_plan import StartPlan


def port_findings(config: Config, installation: Installation) -> Iterator[Finding]:
    """A finding for each port that the configuration names; those that a start chooses (0) are not looked at. An address that is not
    this machine's is a finding of its own, and its port is looked at on the addresses that are."""
    ours = parts.parts(installation)
    own = _own_ports(installation)
    elsewhere: set[str] = set()
    for name, host in _addresses(config):
        if why := can_listen(host):
            elsewhere.add(host)
            remedy = 'Write one that `ip address` shows, or "0.0.0.0".'
            yield Finding(name, False, f"{host} is no address of this machine ({why})", remedy)
    for name, kind, bound, port in _wanted(config):
        hosts = [host for host in bound if host not in elsewhere]
        if not port or not hosts:
            continue
        if all(is_free(kind, host, port) for host in hosts):
            yield Finding(name, True, f"{port} is free")
        else:
            yield _taken(name, kind, port, ours, port in own)


def _addresses(config: Config) -> Iterator[tuple[str, str]]:
    """Key and address of each that the configuration wants to listen on."""
    yield from zip(("sip.bind", "sip.bind_also"), config.sip.binds, strict=False)
    yield "web.host", config.web.host


def _wanted(config: Config) -> Iterator[tuple[str, Kind, tuple[str, ...], int]]:
    sip = config.sip
    yield "sip.port", "udp", tuple(sip.binds), sip.port
    if sip.tls is not None:
        yield "sip.tls.port", "tcp", tuple(sip.binds), sip.tls.port
    yield "web.port", "tcp", (config.web.host,), config.web.port
    yield "ports.ami", "tcp", ("127.0.0.1",), config.ports.ami
    yield "ports.agi", "tcp", ("127.0.0.1",), config.ports.agi


def _own_ports(installation: Installation) -> set[int]:
    """The ports of the last start, where something of this hotline still runs; else none."""
    if not (parts.supervisor(installation) or parts.daemon_lives(installation)):
        return set()
    with suppress(OSError, ValueError, TypeError):
        plan = StartPlan.of(installation)
        return {plan.sip_port, plan.tls_port, plan.ami_port, plan.agi_port, plan.web_port}
    return set()


def _taken(name: str, kind: Kind, port: int, ours: Mapping[str, int], planned: bool) -> Finding:
    """`planned`: the hotline that runs here has chosen this port at its start."""
    found = parts.holders(kind, port)
    own = next((process for process in found if process.pid in ours.values()), None)
    if own is not None:
        part = next(part for part, pid in ours.items() if pid == own.pid)
        return Finding(name, True, f"{port}, held by this hotline ({part}, process {own.pid})")
    if found:
        return _of_another(name, port, found[0])
    if planned:  # its holder is another user's, or another container's, and is not to be seen from here
        return Finding(name, True, f"{port}, held by the hotline that runs here")
    remedy = "`sudo ss -lpn` names the program; stop it if it is no hotline with calls on it, or choose another port."
    return Finding(name, False, f"{port} is taken by another program", remedy)


def _of_another(name: str, port: int, holder: Process) -> Finding:
    said = f"{port} is taken by {holder.name} (process {holder.pid})"
    if state := parts.other_hotline(holder.pid):
        remedy = f"Choose another port, or look at that hotline: --state {state}. To stop it would cut its calls."
        return Finding(name, False, f"{said}, of the hotline in {state}", remedy)
    return Finding(name, False, said, f"Stop {holder.name}, or choose another port.")
