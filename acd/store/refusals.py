"""Why PostgreSQL does not serve us, each in one sentence with what to type. No password, statement or value stands in any."""

import re
import socket
import ssl
from collections.abc import Sequence
from pathlib import Path

import asyncpg  # type: ignore[import-untyped]

from acd.config.database import Address
from acd.store.errors import SchemaMissing

NO_TABLE = "42P01"
FROM_A_POOLER = ("42P05", "26000")
"""A prepared statement that is there already, or is gone: between us and the server somebody shares its sessions out."""

BY_STATE = {
    "25006": (
        "PostgreSQL takes no writing just now: it is a standby, or default_transaction_read_only is on. After a switch-over name all "
        "servers, as postgresql://user@host1,host2/sanxiang."
    ),
    "26000": "A pooler shares out PostgreSQL's sessions; from the next attempt on no statement is kept prepared.",
    "42501": (
        "The database's user may not make or change our tables. As PostgreSQL's administrator type "
        "`ALTER DATABASE name OWNER TO user`, or in that database `GRANT ALL ON SCHEMA public TO user`."
    ),
    NO_TABLE: str(SchemaMissing()),
    "42P05": "A pooler shares out PostgreSQL's sessions; from the next attempt on no statement is kept prepared.",
    "53100": "PostgreSQL's disk is full. Make room on the server.",
    "53200": "PostgreSQL is out of memory. Look at the server.",
    "53300": (
        "PostgreSQL has no connection left for us; the hotline takes up to 8. Raise max_connections (or the user's CONNECTION LIMIT), "
        "or end others: `SELECT pid, usename, application_name FROM pg_stat_activity` names them."
    ),
    "57P03": "PostgreSQL is starting, or is a standby that takes no connections yet. It is tried again by itself.",
}
"""PostgreSQL's code of an error to what it means for whoever keeps the hotline."""


def sentence(failures: Sequence[tuple[int, BaseException]], address: Address) -> str:
    """Why none of the hosts served. `failures`: index of the host, and what was raised there."""
    told: dict[str, list[str]] = {}
    for place, reason in failures:
        host, port = address.hosts[place]
        at = host if host.startswith("/") else f"{host}:{port}"
        told.setdefault(_told(reason, address, host, at), []).append(at)
    if len(told) == 1:
        return next(iter(told))
    return " ".join(f"{', '.join(places)}: {each}" for each, places in told.items())


def of_files(reason: OSError, address: Address) -> str:
    """Why the certificates that the address names can't be used."""
    for word, file in address.files:
        if not file.exists():
            return f"database.url, {word}: {file} is not there. Name the file that the provider gave, or take the word away."
        try:
            file.read_bytes()
        except OSError as error:
            return f"database.url, {word}: {file} can't be read ({error.strerror}). Make it readable for the hotline's user."
    if address.sslkey and b"ENCRYPTED" in Path(address.sslkey).read_bytes():
        return f"database.url, sslkey: {address.sslkey} has a passphrase, for which nobody can be asked. Store it without one."
    if "KEY_VALUES_MISMATCH" in str(reason):
        return f"database.url, sslkey: {address.sslkey} is not the key of {address.sslcert}. Name the pair that belongs together."
    said = "sslrootcert" if "X509" in str(reason) or "CERTIFICATE" in str(reason) else "sslcert and sslkey"
    files = ", ".join(str(file) for _, file in address.files)
    return f"database.url, {said}: not a PEM file that can be used ({files}). Write certificates as PEM (-----BEGIN CERTIFICATE-----)."


def _told(reason: BaseException, address: Address, host: str, at: str) -> str:
    match reason:
        case ssl.SSLCertVerificationError():
            return _certificate(reason, address, host)
        case ssl.SSLError():
            return f"PostgreSQL at {at} broke off TLS ({reason.reason or reason}). Ask who keeps it for the right sslmode and certificates."
        case socket.gaierror():
            return f"The name {host} leads nowhere just now. `getent hosts {host}` shows what this machine's name server says."
        case TimeoutError():
            return f"There is no answer in time from {at} ({address.connect_s:g} s). Look at the server, and at the firewall on the way."
        case FileNotFoundError():
            return (
                f"No PostgreSQL of this machine has its socket in {host}. Start it, or name its host in database.url."
            )
        case ConnectionRefusedError():
            return f"Nobody listens at {at}. Start PostgreSQL, or mend host and port in database.url."
        case ConnectionError() if "rejected SSL" in str(reason):
            return f"PostgreSQL at {at} has no TLS. Turn it on there (ssl = on), or write sslmode=disable where no stranger can listen."
        case asyncpg.PostgresError():
            return _by_state(reason, address)
        case asyncpg.TargetServerAttributeNotMatched():
            return "It takes no writing: it is a standby, or default_transaction_read_only is on. Name the primary, or all servers."
        case OSError():
            return f"{at} can't be reached ({reason.strerror or reason}). Look at the network, and at host and port in database.url."
    return f"PostgreSQL at {at} broke off ({type(reason).__name__}). Its own log says why."


def _certificate(reason: ssl.SSLCertVerificationError, address: Address, host: str) -> str:
    believed = (
        f"in {address.sslrootcert}" if address.sslrootcert not in ("", "system") else "that this machine believes"
    )
    if reason.verify_code in (62, 64):
        return (
            f"PostgreSQL's certificate is not for {host}. Write the name that stands in it as host, or sslmode=verify-ca where the name "
            "can't be had."
        )
    if reason.verify_code in (9, 10):
        return "PostgreSQL's certificate has ended, or has not begun yet. Renew it on the server; look at both clocks."
    return (
        f"PostgreSQL's certificate is signed by none of the authorities {believed}. Take the provider's CA file, and name it as "
        "sslrootcert=FILE."
    )


def _by_state(reason: asyncpg.PostgresError, address: Address) -> str:
    if "no pg_hba.conf entry" in str(reason) and isinstance(reason.__cause__, asyncpg.PostgresError):
        reason = reason.__cause__  # With sslmode=prefer: what was said over TLS, before it was tried without.
    state, said = reason.sqlstate or "", (str(reason).splitlines() or [""])[0]
    if state == "28P01":
        return _password(address)
    if state == "3D000":
        return (
            f"There is no database {address.database}. Type `createdb --encoding=UTF8 --owner={address.user} {address.database}` as "
            "PostgreSQL's administrator, or mend the name in database.url."
        )
    if state == "28000":
        return _not_let_in(said, address)
    return BY_STATE.get(state) or f"PostgreSQL says: {said}."


def _password(address: Address) -> str:
    if not address.password:
        return (
            f"PostgreSQL wants a password of {address.user} (password authentication failed). Write it into a file (chmod 600), and name "
            "that under [database] as password_file."
        )
    hint = ""
    if re.search(r"%[0-9A-Fa-f]{2}", address.password):
        hint = " In the file it stands as it is, not as in an address: @, not %40."
    return (
        f"PostgreSQL refuses the password of {address.user} (password authentication failed). Put the right one into the file that "
        f"database.password_file names, then `sanxiang config reload`: no call is touched.{hint}"
    )


def _not_let_in(said: str, address: Address) -> str:
    user = address.user
    if "does not exist" in said:
        return f"PostgreSQL has no user {user}. Type `createuser --pwprompt {user}` as its administrator, or mend the name in database.url."
    if "client certificate" in said:
        return (
            "PostgreSQL wants a certificate of ours. Name it, and its key, as sslcert=FILE&sslkey=FILE in database.url."
        )
    if "certificate authentication failed" in said:
        return f"Our certificate (sslcert) is not {user}'s: the name in it (CN) has to be {user}. Ask the provider for that one."
    if "no encryption" in said and address.sslmode in ("disable", "allow"):
        return (
            f"PostgreSQL lets {user} in over TLS only. Write sslmode=verify-full (or sslmode=require) in database.url."
        )
    if "no pg_hba.conf entry" in said:
        return f"PostgreSQL does not let {user} in from this machine. Allow it in the provider's console, or by a line in pg_hba.conf."
    if "not permitted to log in" in said:
        return f"PostgreSQL's {user} may not log in. Type `ALTER ROLE {user} LOGIN` as its administrator."
    return f"PostgreSQL does not let {user} in: {said}."
