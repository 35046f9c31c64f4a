"""PostgreSQL's address as a provider's console gives it (a URL in libpq's writing), read as values or refused in a sentence."""

import getpass
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args
from urllib.parse import parse_qsl, quote, unquote

from acd.config.messages import near

SslMode = Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]
Session = Literal["any", "primary", "read-write"]

SCHEME = re.compile(r"postgres(?:ql)?(?:\+[a-z0-9]+)?://", re.IGNORECASE)
"""Also as SQLAlchemy, Heroku and others write it: the driver behind the plus is left away."""
DEFAULT_PORT = 5432
LONGEST_WAIT_S = 8
"""Of one attempt to connect to one host; a longer connect_timeout counts as this: a page waits no longer."""
SOCKETS = ("/run/postgresql", "/tmp", "localhost")
"""Where a server of this machine is looked for when the address names no host."""

_PARTS = re.compile(r"[^:]+://([^/?#]*)(?:/([^?#]*))?(?:\?([^#]*))?(#.*)?")
_SESSIONS: tuple[Session, ...] = get_args(Session)
_MODES: tuple[SslMode, ...] = get_args(SslMode)
_USELESS = {"channel_binding": ("disable", "prefer"), "gssencmode": ("disable", "prefer")}
"""Words that providers write and that change nothing here, and with which values."""
_POOLED = {
    "statement_cache_size": "0",
    "prepared_statement_cache_size": "0",
    "prepare_threshold": "0",
    "pgbouncer": "true",
}
"""How other drivers are told that a pooler in transaction mode stands in front."""
_KNOWN = (
    "sslmode", "sslrootcert", "sslcert", "sslkey", "sslnegotiation", "target_session_attrs", "application_name", "connect_timeout",
    "host", "port", "user", "dbname", "options", "statement_cache_size",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Address:
    """Where PostgreSQL is and how it is talked to. Its text holds no password."""

    hosts: tuple[tuple[str, int], ...]
    """Name, address or folder of a socket, and port; tried in this order."""
    user: str
    database: str
    password: str = ""
    sslmode: SslMode = "prefer"
    sslrootcert: str = ""
    """PEM file with the authorities that are believed; empty or "system": those of this machine."""
    sslcert: str = ""
    sslkey: str = ""
    direct_tls: bool = False
    session: Session = "any"
    """Which of the servers will do."""
    application_name: str = "sanxiang"
    connect_s: float = 3.0
    options: str = ""
    """Sent as it is: `-c NAME=VALUE`, or a provider's endpoint."""
    pooled: bool = False
    """A pooler in transaction mode stands in front: no statement may be kept prepared."""

    def __str__(self) -> str:
        hosts = ",".join(name if name.startswith("/") else f"{name}:{port}" for name, port in self.hosts)
        return f"{self.user}@{hosts}/{self.database}"

    __repr__ = __str__

    @property
    def files(self) -> list[tuple[str, Path]]:
        """Parameter and file of each that must be there."""
        named = (("sslrootcert", self.sslrootcert), ("sslcert", self.sslcert), ("sslkey", self.sslkey))
        return [(word, Path(file)) for word, file in named if file and file != "system"]


def with_password(url: str, password: str) -> str:
    """The same URL with this password, whatever it is made of. `url`: one that `read` takes, without a password."""
    scheme, _, rest = url.partition("://")
    place = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user, at, _ = place.rpartition("@")
    user = user if at else quote(read(url).user, safe="")
    return f"{scheme}://{user}:{quote(password, safe='')}@{rest[len(user) + 1 :] if at else rest}"


def read(url: str) -> Address:
    """The URL's values. ValueError with a sentence that says what to write instead; no part of a password stands in it."""
    if not SCHEME.match(url):
        raise ValueError(f"is not written as expected. Write {EXAMPLE}")
    if re.search(r"[\x00-\x20\x7f]", url):
        raise ValueError("holds a blank or a control character. Write it on one line; in a value, %20 is a blank")
    found = _PARTS.fullmatch(url)
    assert found is not None  # whatever begins as SCHEME and holds no line break
    place, path, asked, fragment = (each or "" for each in found.groups())
    query = _query(asked)
    before, _, after = place.rpartition("@")
    user, _, password = before.partition(":")
    if "password" in query:
        password = quote(query.pop("password"), safe="")
    hosts = _hosts(unquote(after) if "%2f" in after.lower() else after, query)
    database = query.pop("dbname", "") or unquote(path)
    if not database:
        raise ValueError(f"names no database. Write it at the end, as {EXAMPLE}")
    if "/" in path or fragment:
        raise ValueError("has a / or # too much. In a name or password write %2F for / and %23 for #")
    mode = _mode(query)
    several = len(hosts) > 1 and hosts != _local()
    address = Address(
        hosts=hosts,
        user=query.pop("user", "") or unquote(user) or _own_name(),
        database=database,
        password=unquote(password),
        sslmode=mode,
        sslrootcert=_whole_path("sslrootcert", query),
        sslcert=_whole_path("sslcert", query),
        sslkey=_whole_path("sslkey", query),
        direct_tls=_one_of("sslnegotiation", query, ("postgres", "direct")) == "direct",
        session=_session(query) or ("read-write" if several else "any"),
        application_name=query.pop("application_name", "sanxiang"),
        connect_s=_seconds(query),
        options=query.pop("options", ""),
        pooled=any(query.get(word) == value for word, value in _POOLED.items()),
    )
    _refuse_rest(query)
    _check_tls(address)
    return address


EXAMPLE = "postgresql://user@host:5432/sanxiang"
_BRACKETS = "has a host with colons. An IPv6 address stands in brackets, as [2001:db8::10]:5432; in a name or password write %3A for :"


def _own_name() -> str:
    """The user of this process, as libpq takes it. ValueError where it has no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise ValueError(f"names no user, and this process's user has no name. Write {EXAMPLE}") from None


def _query(text: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True) if text else []
    except ValueError:
        raise ValueError(
            "has no NAME=VALUE behind the question mark. Write ?sslmode=require, more of them with &"
        ) from None
    query = dict(pairs)
    if len(query) < len(pairs):
        twice = next(word for word, _ in pairs if [each for each, _ in pairs].count(word) > 1)
        if twice not in ("host", "port"):
            raise ValueError(f"{twice} stands twice. Keep one")
        for word in ("host", "port"):
            query |= {word: ",".join(value for each, value in pairs if each == word)} if word in query else {}
    return query


def _local() -> tuple[tuple[str, int], ...]:
    return tuple((name, DEFAULT_PORT) for name in SOCKETS)


def _hosts(text: str, query: dict[str, str]) -> tuple[tuple[str, int], ...]:
    """From what stands before the path, or `host` and `port` behind the question mark."""
    listed, ports = query.pop("host", ""), query.pop("port", "")
    if text and listed:
        raise ValueError("names hosts twice, before the database and as host=. Keep one")
    names = [each for each in (listed or text).split(",") if each]
    if not names:
        return tuple((name, _port(ports or str(DEFAULT_PORT))) for name in SOCKETS)
    numbers = ports.split(",") if ports else []
    if numbers and len(numbers) not in (1, len(names)):
        raise ValueError(f"has {len(names)} hosts and {len(numbers)} ports. Write one port for all, or one for each")
    found = []
    for place, each in enumerate(names):
        name, own = _split(each)
        number = own or (numbers[min(place, len(numbers) - 1)] if numbers else "")
        found.append((name, _port(number or str(DEFAULT_PORT))))
    return tuple(found)


def _split(host: str) -> tuple[str, str]:
    """Name and port, this empty where none is written."""
    if host.startswith("/"):
        folder, _, port = host.rpartition(":")
        return (folder, port) if folder and port.isdigit() else (host, "")
    if host.startswith("["):
        name, closed, rest = host[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise ValueError(_BRACKETS)
        return name, rest[1:]
    if host.count(":") > 1:
        raise ValueError(_BRACKETS)
    name, _, port = host.partition(":")
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,253}", name):
        raise ValueError(
            "has a host that is none. In a user's name or password write %40 for @, %3A for :, %2F for /; "
            f"the whole as {EXAMPLE}"
        )
    return name, port


def _port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise ValueError(f"has a port that is none. Write 1 to 65535, as {EXAMPLE}")
    return int(text)


def _mode(query: dict[str, str]) -> SslMode:
    """From sslmode, or ssl as some drivers have it."""
    short = query.pop("ssl", "")
    word = query.pop("sslmode", "") or {"true": "require", "false": "disable"}.get(short, short)
    for mode in _MODES:
        if mode == (word or "prefer").replace("_", "-"):
            return mode
    raise ValueError(f"sslmode={word}{near(word, _MODES)}: write one of {', '.join(_MODES)}")


def _session(query: dict[str, str]) -> Session | None:
    word = query.pop("target_session_attrs", "")
    for session in _SESSIONS:
        if session == word:
            return session
    if word:
        raise ValueError(
            f"target_session_attrs={word}: the hotline writes, so it needs the server that can be written to. "
            "Write read-write, primary or any"
        )
    return None


def _one_of(word: str, query: dict[str, str], values: tuple[str, ...]) -> str:
    said = query.pop(word, values[0])
    if said not in values:
        raise ValueError(f"{word}={said}{near(said, values)}: write one of {', '.join(values)}")
    return said


def _whole_path(word: str, query: dict[str, str]) -> str:
    said = query.pop(word, "")
    if said and not said.startswith("/") and (word, said) != ("sslrootcert", "system"):
        raise ValueError(f"{word}={said} is no whole path. Write it from / on")
    return said


def _seconds(query: dict[str, str]) -> float:
    said = query.pop("connect_timeout", "3")
    if not said.isdigit() or not int(said):
        raise ValueError(f"connect_timeout={said}: write whole seconds, 1 to {LONGEST_WAIT_S}")
    return float(min(int(said), LONGEST_WAIT_S))


def _refuse_rest(query: dict[str, str]) -> None:
    for word, said in query.items():
        if word in _USELESS:
            if said not in _USELESS[word]:
                raise ValueError(
                    f"{word}={said} can't be kept here. Take it away, and write sslmode=verify-full for a safe connection"
                )
        elif word not in _POOLED:
            raise ValueError(f"{word}: is not known here{near(word, _KNOWN)}. Known: {', '.join(_KNOWN)}")


def _check_tls(address: Address) -> None:
    if bool(address.sslcert) != bool(address.sslkey):
        lacking = "sslkey" if address.sslcert else "sslcert"
        raise ValueError(f"{lacking} is missing: a client certificate needs both. Write sslcert=FILE&sslkey=FILE")
    if address.sslmode in ("disable", "allow", "prefer") and address.sslrootcert:
        raise ValueError(
            f"sslrootcert does nothing with sslmode={address.sslmode}: no certificate is checked. Write sslmode=verify-full"
        )
    if address.direct_tls and address.sslmode in ("disable", "allow", "prefer"):
        raise ValueError("sslnegotiation=direct needs TLS. Write sslmode=require or sslmode=verify-full beside it")
