"""What `doctor` says of things that the configuration names and that live elsewhere: the name server, prompts, the ways of alarms, keys
of other programs. Looks only; to a way of alarms a connection is opened, and nothing is sent.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from acd.cli.finding import Finding
from acd.cli.language import in_language
from acd.config import Config
from acd.config.database import read
from acd.errors import SanxiangError
from acd.setup.external_address import is_address
from acd.setup.installation import Installation
from acd.setup.prepare import prompt_faults
from acd.setup.start_plan import StartPlan
from acd.setup.voice_maker import VoiceState
from acd.web.access.tokens import Tokens

REACHED_WITHIN_S = 3.0
ENDS_SOON = timedelta(days=7)
RESOLV_CONF = Path("/etc/resolv.conf")


def names_finding(config: Config) -> Iterator[Finding]:
    """One finding when no name server answers: otherwise each name that the configuration has would be told as a fault of its own."""
    names = sorted({name for name in _names(config) if name and not is_address(name) and name != "localhost"})
    if names and _unanswered(names) == names:
        servers = ", ".join(_name_servers()) or "none is named"
        found = (
            f"no name server answers this machine ({RESOLV_CONF}: {servers}), so {', '.join(names)} can't be resolved"
        )
        fix = (
            f"`resolvectl status` or `cat {RESOLV_CONF}` shows which it asks; mend that or the way there. Calls go on over the last "
            "good addresses; an address in the place of a name needs no name server."
        )
        yield Finding("name server", False, found, fix)


def _names(config: Config) -> Iterator[str]:
    yield config.sip.external_address
    for trunk in config.trunks.values():
        for host in (trunk.host, trunk.outbound, trunk.outbound_proxy):
            yield _host(host or "")
    if config.database.url:
        with suppress(ValueError):
            yield from (host for host, _ in read(config.database.url).hosts if not host.startswith("/"))


def _host(text: str) -> str:
    return (
        text[1:].partition("]")[0] if text.startswith("[") else text.partition(":")[0] if text.count(":") < 2 else text
    )


def _unanswered(names: list[str]) -> list[str]:
    """Those of which nobody has said anything: neither their address nor that there is none. Waits REACHED_WITHIN_S at most."""
    answered: set[str] = set()

    def ask(name: str) -> None:
        try:
            socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                return
        except OSError:
            return
        answered.add(name)

    asking = [threading.Thread(target=ask, args=(name,), daemon=True, name="a name asked for") for name in names]
    for each in asking:
        each.start()
    end = time.monotonic() + REACHED_WITHIN_S
    for each in asking:
        each.join(max(0.0, end - time.monotonic()))
    return [name for name in names if name not in answered]


def _name_servers() -> list[str]:
    with suppress(OSError):
        words = [line.split() for line in RESOLV_CONF.read_text("utf-8", "replace").splitlines()]
        return [line[1] for line in words if len(line) > 1 and line[0] == "nameserver"]
    return []


def prompt_findings(installation: Installation) -> Iterator[Finding]:
    """Prompts that are missing or can't be played, once a start has made them."""
    try:
        faults = prompt_faults(Path(StartPlan.of(installation).sounds))
    except (OSError, ValueError, TypeError):
        return  # never started, or told by the finding about the state folder
    if faults:
        more = f", and {len(faults) - 1} more" if len(faults) > 1 else ""
        fix = "`./sanxiang config reload` speaks what is missing anew while calls go on; a start does so too."
        yield Finding("prompts", False, in_language(faults[0]) + in_language(more), fix)
    else:
        yield Finding("prompts", True, "all are there")
    if voice := VoiceState.of(installation):
        yield Finding("voice", True, in_language(voice.sentence))  # espeak-ng serves callers too: nothing is broken


def way_findings(config: Config) -> Iterator[Finding]:
    """Each way by which alarms are told outside: whether it can be used now."""
    ways = config.alarms
    if ways.command:
        program = Path(ways.command[0])
        trouble = (
            f"{program} is not there"
            if not program.is_file()
            else f"{program} can't be run"
            if not os.access(program, os.X_OK)
            else ""
        )
        yield _way("command", trouble, "Put the program there, and make it executable.")
    if (hook := ways.webhook) is not None:
        parts = urlsplit(hook.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        trouble = _unreadable(hook.secret_file) or _unreached(parts.hostname or "", port)
        yield _way("webhook", trouble, "Mend what listens there, or alarms.webhook.url and secret_file.")
    if (mail := ways.mail) is not None:
        trouble = (_unreadable(mail.password_file) if mail.password_file else "") or _unreached(mail.host, mail.port)
        yield _way("mail", trouble, "Mend the mail server, or host, port and password_file of [alarms.mail].")


def _way(name: str, trouble: str, fix: str) -> Finding:
    if not trouble:
        return Finding(f"alarms.{name}", True, "is there")
    told = "Alarms stand on the page and in `./sanxiang alarms` meanwhile; `./sanxiang alarms test` tries it."
    return Finding(f"alarms.{name}", False, f"alarms reach nobody by it: {trouble}", f"{fix} {told}")


def _unreadable(file: Path) -> str:
    try:
        with file.open("rb"):
            return ""
    except OSError as error:
        return f"{file}: {error.strerror}"


def _unreached(host: str, port: int) -> str:
    try:
        with socket.create_connection((host, port), timeout=REACHED_WITHIN_S):
            return ""
    except OSError as error:
        return f"{host}:{port} can't be reached ({error.strerror or 'no answer in time'})"


def token_findings(installation: Installation) -> Iterator[Finding]:
    """Keys of other programs that have ended, or end within a week."""
    try:
        tokens = Tokens(installation.state).all()
    except (OSError, SanxiangError, ValueError, KeyError):
        return
    now = datetime.now(UTC)
    for token in tokens:
        if token.until is None or token.until > now + ENDS_SOON:
            continue
        ended = token.until <= now
        fix = (
            f"`./sanxiang account token remove {token.name}`, then `./sanxiang account token add {token.name} --role {token.role}`."
            if ended
            else f"`./sanxiang account token rotate {token.name} --keep-hours 24` before that, or remove it."
        )
        until = f"{token.until:%Y-%m-%d %H:%M}"
        found = f"has ended on {until} UTC ({token.role})" if ended else f"ends on {until} UTC ({token.role})"
        yield Finding(f"token {token.name}", False, found, fix)
