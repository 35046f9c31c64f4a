"""PostgreSQL's address as consoles and other programs write it: read, or refused in a sentence that says what to write."""

import getpass
from typing import Any

import pytest

from acd.config import check
from acd.config.database import SOCKETS, Address, read, with_password
from tests.config.test_config import mistakes, small

READ: dict[str, dict[str, Any]] = {
    "postgresql://sanxiang@db/sanxiang": {"hosts": (("db", 5432),), "user": "sanxiang", "database": "sanxiang", "sslmode": "prefer"},
    "postgres://u@db:6432/d": {"hosts": (("db", 6432),), "user": "u", "database": "d"},
    "postgresql+asyncpg://u@db/d?ssl=require": {"sslmode": "require"},
    "postgresql+psycopg2://u@db/d?sslmode=verify-full&sslrootcert=/etc/ca.pem": {
        "sslmode": "verify-full", "sslrootcert": "/etc/ca.pem",
    },
    "POSTGRES://u@db/d?ssl=true": {"sslmode": "require"},
    "postgresql://u@db/d?sslmode=require&channel_binding=prefer&gssencmode=disable": {"sslmode": "require"},
    "postgresql://h1:5433,h2,10.0.0.3:5435/d?user=u": {
        "hosts": (("h1", 5433), ("h2", 5432), ("10.0.0.3", 5435)), "user": "u", "session": "read-write",
    },
    "postgresql://u@h1,h2/d?target_session_attrs=any": {"session": "any"},
    "postgresql://u@/d?host=h1,h2&port=5433": {"hosts": (("h1", 5433), ("h2", 5433)), "session": "read-write"},
    "postgresql://u@/d?host=h1&port=1&host=h2&port=2": {"hosts": (("h1", 1), ("h2", 2))},
    "postgresql://u@[2001:db8::10]:5433,[::1]/d": {"hosts": (("2001:db8::10", 5433), ("::1", 5432))},
    "postgresql://u@/d?host=/var/run/postgresql": {"hosts": (("/var/run/postgresql", 5432),), "session": "any"},
    "postgresql://u@%2Fvar%2Frun%2Fpostgresql:5433/d": {"hosts": (("/var/run/postgresql", 5433),)},
    "postgresql:///d": {"hosts": tuple((name, 5432) for name in SOCKETS), "user": getpass.getuser(), "session": "any"},
    "postgresql://db/d": {"user": getpass.getuser()},
    "postgresql://a%40tenant@db/my%20d": {"user": "a@tenant", "database": "my d"},
    "postgresql://a@tenant@db/d": {"user": "a@tenant", "hosts": (("db", 5432),)},
    "postgresql://u@db?dbname=d": {"database": "d"},
    "postgresql://u:p%40s%2Fs%3Aw%23r%25d@db/d": {"password": "p@s/s:w#r%d"},
    "postgresql://u@db/d?application_name=hotline%20north&connect_timeout=5": {"application_name": "hotline north", "connect_s": 5},
    "postgresql://u@db/d?connect_timeout=30": {"connect_s": 8},
    "postgresql://u@db/d?options=endpoint%3Dep-cool-1": {"options": "endpoint=ep-cool-1"},
    "postgresql://u@db:6543/d?pgbouncer=true": {"pooled": True},
    "postgresql://u@db:6543/d?statement_cache_size=0": {"pooled": True},
    "postgresql://u@db/d?sslmode=require&sslnegotiation=direct": {"direct_tls": True},
    "postgresql://u@db/d?sslmode=verify-full&sslrootcert=system": {"sslrootcert": "system", "files": []},
}  # fmt: skip
REFUSED = {
    "mysql://u@h/d": "is not written as expected",
    "host=db dbname=d user=u": "is not written as expected",
    "jdbc:postgresql://db/d": "is not written as expected",
    "": "is not written as expected",
    "postgresql:/u@h/d": "is not written as expected",
    "postgresql://u@h": "names no database",
    "postgresql://u@h/": "names no database",
    "postgresql://u@h:x/d": "has a port that is none",
    "postgresql://u@h:70000/d": "has a port that is none",
    "postgresql://u@h1,h2,h3/d?port=1,2": "has 3 hosts and 2 ports",
    "postgresql://u@h1/d?host=h2": "names hosts twice",
    "postgresql://u@2001:db8::10/d": "stands in brackets",
    "postgresql://u@[::1/d": "stands in brackets",
    "postgresql://u@h/d?sslmode=verify_fully": "sslmode=verify_fully",
    "postgresql://u@h/d?sslmode=on": "write one of disable, allow, prefer, require, verify-ca, verify-full",
    "postgresql://u@h/d?sslmod=require": 'did you mean "sslmode"',
    "postgresql://u@h/d?sslmode": "has no NAME=VALUE",
    "postgresql://u@h/d?sslmode=require&sslmode=disable": "sslmode stands twice",
    "postgresql://u@h/d?sslrootcert=/ca.pem": "does nothing with sslmode=prefer",
    "postgresql://u@h/d?sslmode=verify-full&sslrootcert=ca.pem": "is no whole path",
    "postgresql://u@h/d?sslmode=require&sslcert=/c.pem": "sslkey is missing",
    "postgresql://u@h/d?sslmode=require&sslkey=/k.pem": "sslcert is missing",
    "postgresql://u@h/d?target_session_attrs=standby": "the hotline writes",
    "postgresql://u@h/d?target_session_attrs=read-only": "the hotline writes",
    "postgresql://u@h/d?connect_timeout=0": "connect_timeout=0",
    "postgresql://u@h/d?connect_timeout=soon": "whole seconds",
    "postgresql://u@h/d?channel_binding=require": "can't be kept here",
    "postgresql://u@h/d?sslnegotiation=direct": "needs TLS",
    "postgresql://u@h/d?passfile=/root/.pgpass": "passfile: is not known here",
    "postgresql://u@h/d#1": "has a / or # too much",
    "postgresql://u@h/a/b": "has a / or # too much",
    "postgresql://u@h /d": "holds a blank",
    "postgresql://u@h/d\r\n?sslmode=require": "holds a blank or a control character",
}  # fmt: skip


@pytest.mark.parametrize("url", READ)
def test_an_address_is_read(url: str):
    found = read(url)
    for name, value in READ[url].items():
        assert getattr(found, name) == value, name
    if not found.password:
        assert check(small(database={"url": url})).database.url == url


@pytest.mark.parametrize("url", REFUSED)
def test_an_address_that_can_t_be_used_is_refused_by_config_check_with_what_to_write(url: str):
    [told] = mistakes_in(url)
    assert told.startswith("database.url: ") and REFUSED[url] in told
    assert told.endswith(".") and len(told) < 300


def mistakes_in(url: str) -> list[str]:
    return mistakes(small(database={"url": url}))


PASSWORDS = ("p@ss/w:rd#1?&=", "p%40", "密码", "%", "a b", "]:[", "'\"\\", "@@@")


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@db/d",
        "postgresql://a%40t@h1,h2:1/d?sslmode=require",
        "postgresql://db/d",
        "postgresql:///d?host=/run/x",
    ],
)
def test_any_password_can_be_put_into_any_address(url: str, password: str):
    before, after = read(url), read(with_password(url, password))
    assert after.password == password
    assert after == Address(**{name: getattr(before, name) for name in before.__slots__} | {"password": password})
    assert password not in str(after) and password not in repr(after)
