"""Faults of PostgreSQL, and of what a running daemon tells: its trunks, queues, clock, parts, key, proxies and alarms."""

import asyncio
import contextlib
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from acd import config as configuration
from acd.engine.events import AlarmRaised, CallerHungUp
from acd.pbx.trunk_states import GRACE, Seen, TrunkState, TrunkStates
from tests.night.fault import Fault
from tests.night.hotline import DATABASE, Hotline, moved_away
from tests.store.support.rented_postgres import PASSWORD
from tests.support.tcp_proxy import TcpProxy
from tests.web.support.web_server import CONFIG, RunningServer

# --- PostgreSQL ---


@asynccontextmanager
async def database_stopped(hotline: Hotline) -> AsyncIterator[None]:
    with hotline.configured(url=hotline.url):
        await asyncio.to_thread(hotline.server.stop)
        try:
            yield
        finally:
            await asyncio.to_thread(hotline.server.start)


@asynccontextmanager
async def database_frozen(hotline: Hotline) -> AsyncIterator[None]:
    hotline.server.freeze()
    try:
        with hotline.configured(url=f"{hotline.url}?connect_timeout=1"):
            yield
    finally:
        hotline.server.thaw()


@asynccontextmanager
async def database_slow(hotline: Hotline) -> AsyncIterator[None]:
    async with TcpProxy(target=hotline.server.port, late_s=0.12) as proxy:
        url = f"postgresql://renter@127.0.0.1:{proxy.port}/{DATABASE}?sslmode=disable&connect_timeout=8"
        with hotline.configured(url=url):
            yield


@asynccontextmanager
async def _changed(hotline: Hotline, there: str, back: str, database: str = "") -> AsyncIterator[None]:
    await hotline.server.sql(there, database=database)
    try:
        yield
    finally:
        await hotline.server.sql(back, database=database)


def wrong_password(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    change = "ALTER ROLE renter PASSWORD '{}'"
    return _changed(hotline, change.format("changed by night"), change.format(PASSWORD))


def read_only_database(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    change = f"ALTER DATABASE {DATABASE} "
    return _changed(
        hotline, f"{change}SET default_transaction_read_only = on", f"{change}RESET default_transaction_read_only"
    )


def no_connection_left(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _changed(hotline, "ALTER ROLE renter CONNECTION LIMIT 0", "ALTER ROLE renter CONNECTION LIMIT -1")


def database_renamed(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _changed(hotline, f"ALTER DATABASE {DATABASE} RENAME TO aside", f"ALTER DATABASE aside RENAME TO {DATABASE}")


# --- a daemon that runs ---


def trunks_of(*states: TrunkState) -> TrunkStates:
    made = TrunkStates(lambda at: at.strftime("%H:%M"))
    made.configured(states)
    return made


@asynccontextmanager
async def _trunk(
    hotline: Hotline, seen: Seen, *, registers: bool = False, watched: bool = False
) -> AsyncIterator[None]:
    """The trunk `carrier` as the daemon has seen it for longer than it is patient."""
    trunks, began = (
        trunks_of(TrunkState("carrier", registers=registers, watched=watched, dials_out=True)),
        datetime.now(UTC) - GRACE,
    )
    trunks.look({"carrier": seen}, began)
    async with hotline.running(trunks=lambda: trunks.rows(datetime.now(UTC))):
        yield


def trunk_silent(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _trunk(hotline, Seen(answers=False), watched=True)


def trunk_refused(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _trunk(hotline, Seen(registered=False, registrar=403), registers=True)


def trunk_without_registrar(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _trunk(hotline, Seen(registered=False, registrar=0), registers=True)


def trunk_unresolved(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _trunk(hotline, Seen(registered=False, unresolved=("sip.carrier.example",)), registers=True)


def trunk_closed(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _trunk(hotline, Seen(taken=False))


@asynccontextmanager
async def trunk_refuses_calls(hotline: Hotline) -> AsyncIterator[None]:
    trunks = trunks_of(TrunkState("carrier", registers=True, dials_out=True))
    trunks.look({"carrier": Seen(registered=True)}, datetime.now(UTC))
    trunks.not_carried("carrier", 403, datetime.now(UTC))
    async with hotline.running(trunks=lambda: trunks.rows(datetime.now(UTC))):
        yield


@asynccontextmanager
async def nobody_staffed(hotline: Hotline) -> AsyncIterator[None]:
    async with hotline.running() as house:
        call = house.calls.arrives()
        await house.calls.settled()
        yield
        house.calls.tell(CallerHungUp(call))
        await house.calls.settled()


@asynccontextmanager
async def clock_set(hotline: Hotline, seconds: float) -> AsyncIterator[None]:
    """While the hotline runs: its own clock goes on from its start, and the machine's is elsewhere."""
    async with hotline.running() as house:
        house.time.forward(seconds)
        yield


def clock_forward(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return clock_set(hotline, -3 * 3600)


def clock_back(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return clock_set(hotline, 300)


@asynccontextmanager
async def _down(hotline: Hotline, *parts: str) -> AsyncIterator[None]:
    async with hotline.running() as house:
        house.well.update(dict.fromkeys(parts, False))
        yield


def asterisk_away(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _down(hotline, "pbx", "sip")


def stories_away(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _down(hotline, "stories")


@asynccontextmanager
async def key_gone(hotline: Hotline) -> AsyncIterator[None]:
    async with hotline.running():
        with moved_away(hotline.installation.token_file):
            yield


@asynccontextmanager
async def other_key(hotline: Hotline) -> AsyncIterator[None]:
    """Somebody has put a state folder's files back from another time."""
    file = hotline.installation.token_file
    async with hotline.running():
        was = file.read_text()
        file.write_text("a-key-of-another-time")
        yield
        file.write_text(was)


@asynccontextmanager
async def proxy_not_trusted(hotline: Hotline) -> AsyncIterator[None]:
    """A proxy at 127.0.0.1, and the configuration trusts another one."""
    web = {"behind_tls": True, "trusted_proxies": ["192.0.2.7"], "public_url": "https://hotline.example.com"}
    changed: dict[str, Any] = {**CONFIG, "web": web}
    async with hotline.running(config=configuration.check(changed), behind_tls=True) as house:
        async with (
            house.client() as client,
            client.get("/health", headers={"X-Forwarded-For": "203.0.113.5"}) as answer,
        ):
            assert answer.status == 200
        await house.calls.settled()
        yield


@asynccontextmanager
async def _alarm(hotline: Hotline, name: str, detail: str, *, parts: tuple[str, ...] = ()) -> AsyncIterator[None]:
    """A watchdog of the daemon has raised it; `parts` are down meanwhile."""
    async with hotline.running() as house:
        await raised(house, AlarmRaised(name, detail))
        house.well.update(dict.fromkeys(parts, False))
        yield


async def raised(house: RunningServer, alarm: AlarmRaised) -> None:
    house.calls.tell(alarm)
    await house.calls.settled()


def recordings_disk_stalls(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _alarm(hotline, "recordings disk stalls", "no answer for 5 s")


def flood(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _alarm(hotline, "asterisk overloaded", "SIP answered after 4 s", parts=("sip",))


def limit_reached(hotline: Hotline) -> contextlib.AbstractAsyncContextManager[None]:
    return _alarm(hotline, "calls refused", "3 refused: the hotline was full (limits.calls)")


@asynccontextmanager
async def copied_state(hotline: Hotline) -> AsyncIterator[None]:
    """The state folder is put back from an older copy, while it is stopped."""
    state = hotline.installation.state
    async with hotline.running() as house:
        await house.calls.ready("1001")
        assert await house.shipper.catch_up(30)
    copy = hotline.folder / "copy"
    shutil.copytree(state / "journal", copy)
    async with hotline.running() as house:
        await house.calls.ready("1001")
        await house.calls.whole()
    shutil.rmtree(state / "journal")
    shutil.copytree(copy, state / "journal")
    yield
    shutil.rmtree(copy)


ROWS = (
    Fault("PostgreSQL is stopped", "database", "Nobody listens at 127.0.0.1:", ("Start PostgreSQL", "Calls go on"), database_stopped),
    Fault("PostgreSQL hangs", "database", "no answer in time from 127.0.0.1:", ("Look at the server", "Calls go on"), database_frozen),
    Fault("PostgreSQL is slow", "database", "answers slowly", ("pg_stat_activity", "Calls go on"), database_slow),
    Fault("the database's password was changed", "database", "refuses the password of renter", ("config reload",), wrong_password),
    Fault("PostgreSQL is read-only after a switch-over", "database", "takes no writing", ("primary",), read_only_database),
    Fault("PostgreSQL has no connection left", "database", "no connection left", ("max_connections",), no_connection_left),
    Fault("the database has another name", "database", DATABASE, ("createdb",), database_renamed),
    Fault("a trunk does not answer", "trunk carrier", "DOES NOT ANSWER", ("Ask the carrier", "firewall"), trunk_silent),
    Fault("a trunk refuses our password", "trunk carrier", "NOT REGISTERED", ("password_file",), trunk_refused),
    Fault("a trunk's registrar is away", "trunk carrier", "NOT REGISTERED", ("firewall",), trunk_without_registrar),
    Fault("a trunk's name can't be resolved", "trunk carrier", "can't be resolved", ("getent hosts",), trunk_unresolved),
    Fault("Asterisk did not take a trunk's addresses", "trunk carrier", "CLOSED", ("messages.log", "config check"), trunk_closed),
    Fault("a trunk refuses our calls out", "trunk carrier", "SIP 403", ("from_user",), trunk_refuses_calls),
    Fault("callers wait, and nobody is staffed", "queue orders", "1 caller waits", ("agent list", "*11"), nobody_staffed),
    Fault("the clock was set forward while it ran", "clock", "forward by 3.0 h", ("timedatectl", "sanxiang drain"), clock_forward),
    Fault("the clock was set back while it ran", "clock", "back by 300 s", ("timedatectl",), clock_back),
    Fault("Asterisk is away", "daemon", "down: pbx", ("asterisk.log",), asterisk_away, ("sanxiang up",)),
    Fault("the story server is away", "daemon", "down: stories", ("stories.log",), stories_away),
    Fault("the command line's key is gone", "operator.token", "is gone", ("back-up", "sanxiang drain"), key_gone),
    Fault("the command line's key is another one", "operator.token", "does not take this key", ("sanxiang drain",), other_key),
    Fault("the proxy is not trusted", "alarm 1", "127.0.0.1 passes requests on", ("web.trusted_proxies",), proxy_not_trusted),
    Fault("the recordings' disk stalls", "alarm 1", "Recordings disk does not respond", ("dmesg", "Calls go on"), recordings_disk_stalls),
    Fault("the SIP port is flooded", "alarm 1", "Asterisk overloaded", ("docs/floods.md",), flood),
    Fault("a limit is reached, calls are refused", "alarm 1", "limits.calls", ("status",), limit_reached),
    Fault("the state folder is an older copy", "journal", "older", ("nothing",), copied_state),
)  # fmt: skip
