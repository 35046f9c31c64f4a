"""PostgreSQL as it is rented: TLS, client certificates, several hosts, rights, limits. Each works, or one sentence says what to type."""

import asyncio
import contextlib
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import asyncpg  # type: ignore[import-untyped]
import pytest
from sqlalchemy import text

from acd.errors import SanxiangError
from acd.store.errors import (
    DatabaseAway,
    DatabaseRefuses,
    EncodingUnfit,
    MayNotMakeTables,
    ServerReadOnly,
    ServerTooOld,
    StoreError,
)
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.store.conftest import machines_own
from tests.store.support.rented_postgres import PASSWORD, RentedPostgres, readable_folder
from tests.store.support.store_fixture import MORNING, AnsweredCall
from tests.support import certificates
from tests.support.pgbouncer import RELEASES, ensure_pgbouncer, pooler
from tests.support.waiting import eventually

pytestmark = pytest.mark.database
SECRET = quote(PASSWORD, safe="")


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = readable_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, certificates.Files]:
    """By name: the server's, another server's, and two clients'. Each is signed by itself, so it is its own authority."""
    return {
        name: certificates.made(folder / "certificates", name) for name in ("server", "stranger", "certuser", "renter")
    }


@pytest.fixture(scope="module")
def rented(folder: Path, files: dict[str, certificates.Files]) -> Iterator[RentedPostgres]:
    """The machine's own, for the built-in one is made without TLS. With a socket, and rules: certuser by certificate, overtls by TLS
    alone, nobody else but the renter."""
    server = RentedPostgres(folder / "rented", machines_own())
    server.folder.mkdir()
    server.folder.chmod(0o711)
    clients = folder / "clients.crt"
    clients.write_text(files["certuser"].certificate.read_text() + files["renter"].certificate.read_text())
    server.up(
        hba=(
            "hostssl all certuser 127.0.0.0/8 cert",
            "hostssl all overtls 127.0.0.0/8 scram-sha-256",
            "host all nologin,renter,nobody 127.0.0.0/8 scram-sha-256",
            "local all renter trust",
        ),
        **(server.has(files["server"]) | {"ssl_ca_file": str(server.copied(clients))} if machines_own() else {}),
        listen_addresses="127.0.0.1,127.0.0.2",
        unix_socket_directories=str(folder),
    )
    asyncio.run(
        server.sql(
            "CREATE ROLE certuser LOGIN",
            "CREATE ROLE nologin PASSWORD 'x'",
            f"CREATE ROLE overtls LOGIN PASSWORD '{PASSWORD}'",
            "CREATE DATABASE rented OWNER renter",
        )
    )
    yield server
    server.remove()


@pytest.fixture
def with_tls(rented: RentedPostgres) -> RentedPostgres:
    if "ssl" not in rented.settings:
        pytest.skip("this machine has no PostgreSQL of its own, and the built-in one is made without TLS")
    return rented


async def sentence(url: str) -> str:
    """What `doctor` says of this address; empty when calls can be kept there."""
    store = await Store.open(url)
    try:
        await store.examine()
    except StoreError as error:
        assert PASSWORD not in str(error) and SECRET not in str(error)
        return str(error)
    finally:
        await store.close()
    return ""


async def over_tls(url: str) -> bool:
    store = await Store.open(url)
    try:
        async with store.reader.connect() as connection:
            asked = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
            return bool((await connection.execute(asked)).scalar_one())
    finally:
        await store.close()


def with_files(words: str, files: dict[str, certificates.Files]) -> str:
    """{server.certificate} and so on become paths."""
    return words.format(**files)


TLS = {
    "sslmode=disable": False,
    "": True,
    "sslmode=allow": False,
    "sslmode=prefer": True,
    "sslmode=require": True,
    "ssl=true": True,
    "sslmode=require&sslrootcert={server.certificate}": True,
    "sslmode=verify-ca&sslrootcert={server.certificate}": True,
    "sslmode=verify-full&sslrootcert={server.certificate}": True,
}


@pytest.mark.parametrize("words", TLS)
async def test_the_connection_is_as_safe_as_the_address_says(
    with_tls: RentedPostgres, files: dict[str, certificates.Files], words: str
):
    url = f"postgresql://renter:{SECRET}@127.0.0.1:{with_tls.port}/rented?{with_files(words, files)}"
    assert await over_tls(url.rstrip("?")) is TLS[words]
    assert await sentence(url.rstrip("?")) == ""


TOLD = {
    "renter:{secret}@127.0.0.1/rented?sslmode=verify-full&sslrootcert={stranger.certificate}": "signed by none of the authorities in /",
    "renter:{secret}@127.0.0.1/rented?sslmode=verify-ca": "signed by none of the authorities that this machine believes",
    "renter:{secret}@127.0.0.1/rented?sslmode=require&sslrootcert={stranger.certificate}": "signed by none of the authorities in /",
    "renter:{secret}@127.0.0.2/rented?sslmode=verify-full&sslrootcert={server.certificate}": "certificate is not for 127.0.0.2",
    "overtls:{secret}@127.0.0.1/rented?sslmode=disable": "lets overtls in over TLS only. Write sslmode=verify-full",
    "certuser@127.0.0.1/rented": "wants a certificate of ours",
    "certuser@127.0.0.1/rented?sslmode=require&sslcert={renter.certificate}&sslkey={renter.key}": "certificate (sslcert) is not certuser's",
    "renter:{secret}@127.0.0.1/rented?sslmode=require&sslrootcert=/none/ca.pem": "sslrootcert: /none/ca.pem is not there",
    "renter:{secret}@127.0.0.1/rented?sslmode=require&sslcert={renter.certificate}&sslkey={server.key}": "is not the key of",
    "renter:{secret}@127.0.0.1/rented?sslmode=verify-ca&sslrootcert={server.key}": "not a PEM file that can be used",
    "renter:wrong@127.0.0.1/rented": "refuses the password of renter",
    "renter:p%2540ss@127.0.0.1/rented": "In the file it stands as it is",
    "renter@127.0.0.1/rented": "wants a password of renter",
    "nobody:x@127.0.0.1/rented": "refuses the password of nobody",
    "nologin:x@127.0.0.1/rented": "nologin may not log in",
    "stranger:x@127.0.0.1/rented": "does not let stranger in from this machine",
    "renter:{secret}@127.0.0.1/nothing": "createdb --encoding=UTF8 --owner=renter nothing",
    "renter:{secret}@127.0.0.3/rented": "Nobody listens at 127.0.0.3",
    "renter:{secret}@no-such-host.invalid/rented": "The name no-such-host.invalid leads nowhere",
    "renter@/rented?host=/nonexistent": "has its socket in /nonexistent",
}


@pytest.mark.parametrize("words", TOLD)
async def test_what_does_not_work_is_told_in_a_sentence_with_the_remedy(
    with_tls: RentedPostgres, files: dict[str, certificates.Files], words: str
):
    told = with_files(words.replace("{secret}", SECRET), files)
    where, _, rest = told.partition("/rented") if "host=" not in told else (told, "", "")
    url = (
        f"postgresql://{where}:{with_tls.port}/rented{rest}"
        if rest or where != told
        else f"postgresql://{told}&port={with_tls.port}"
    )
    if "/nothing" in told:
        url = f"postgresql://{told.replace('/nothing', f':{with_tls.port}/nothing')}"
    said = await sentence(url)
    assert TOLD[words] in said, said
    assert said.endswith("Calls go on, and their rows wait on the disk.")
    assert said.count(".") < 12 and "\n" not in said and "Error" not in said and "asyncpg" not in said


async def test_a_client_certificate_and_a_socket_are_enough(
    with_tls: RentedPostgres, files: dict[str, certificates.Files], folder: Path
):
    async with with_tls.database("certified", "OWNER certuser") as name:
        own = files["certuser"]
        words = (
            f"sslmode=verify-full&sslrootcert={files['server'].certificate}&sslcert={own.certificate}&sslkey={own.key}"
        )
        assert await sentence(f"postgresql://certuser@localhost:{with_tls.port}/{name}?{words}") == ""
    assert await sentence(f"postgresql://renter@/rented?host={folder}&port={with_tls.port}") == ""
    assert (
        await sentence(f"postgresql://renter@{quote(str(folder), safe='')}:{with_tls.port}/rented?sslmode=verify-full")
        == ""
    )


async def test_a_key_with_a_passphrase_is_told_and_nobody_is_asked(
    rented: RentedPostgres, files: dict[str, certificates.Files], folder: Path
):
    locked = certificates.with_passphrase(files["renter"].key, folder / "locked.key")
    words = f"sslmode=require&sslcert={files['renter'].certificate}&sslkey={locked}"
    assert "has a passphrase" in await sentence(f"postgresql://renter:{SECRET}@127.0.0.1:{rented.port}/rented?{words}")


async def test_a_server_without_tls_is_told(folder: Path):
    server = RentedPostgres(folder / "plain")
    await asyncio.to_thread(server.up)
    try:
        url = f"postgresql://renter:{SECRET}@127.0.0.1:{server.port}/postgres?sslmode="
        assert "has no TLS" in await sentence(url + "require")
        assert await over_tls(url + "prefer") is False
    finally:
        await asyncio.to_thread(server.remove)


# -- a database that can't keep calls, and one that can later ------------------------------------------------------


@contextlib.asynccontextmanager
async def shipping(url: str, folder: Path) -> AsyncIterator[tuple[Store, Shipper, Journal]]:
    """A store, and a shipper at work with a call to carry."""
    store, journal = await Store.open(url), Journal(folder / f"spool-{secrets.token_hex(2)}")
    shipper = Shipper(store, journal)
    for line in AnsweredCall("c1").lines():
        journal.append(*line)
    journal.sync()
    task = asyncio.create_task(shipper.run())
    try:
        yield store, shipper, journal
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await store.close()
        journal.close()


def address(rented: RentedPostgres, name: str, words: str = "") -> str:
    return f"postgresql://renter:{SECRET}@127.0.0.1:{rented.port}/{name}{words}"


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1", "EUC_CN"])
async def test_a_database_in_another_encoding_is_refused_before_a_table_is_made(
    rented: RentedPostgres, tmp_path: Path, encoding: str
):
    more = f"OWNER renter ENCODING '{encoding}' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
    async with rented.database("other", more) as name, shipping(address(rented, name), tmp_path) as (store, shipper, _):
        with pytest.raises(EncodingUnfit, match=f"{encoding}: .*createdb --encoding=UTF8"):
            await store.examine()
        await eventually(lambda: "createdb --encoding=UTF8" in shipper.trouble, "the shipper to say so")
        assert await rented.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database=name) == [(0,)]


async def test_a_user_without_rights_is_told_what_to_type_and_goes_on_when_that_is_done(
    rented: RentedPostgres, tmp_path: Path
):
    async with rented.database("bare", "OWNER sanxiang") as name:
        await rented.sql("REVOKE CREATE ON SCHEMA public FROM PUBLIC", database=name)
        async with shipping(address(rented, name), tmp_path) as (store, shipper, _):
            with pytest.raises(MayNotMakeTables, match=r"renter, schema public: .*GRANT ALL ON SCHEMA public"):
                await store.examine()
            await eventually(lambda: "GRANT ALL ON SCHEMA public TO user" in shipper.trouble, "the shipper to say so")
            await rented.sql("GRANT ALL ON SCHEMA public TO renter", database=name)
            assert await shipper.catch_up(60), shipper.trouble
            await store.examine()


async def test_a_database_that_is_read_only_for_a_while(rented: RentedPostgres, tmp_path: Path):
    async with (
        rented.database("readonly") as name,
        shipping(address(rented, name), tmp_path) as (store, shipper, journal),
    ):
        assert await shipper.catch_up(60), shipper.trouble
        stop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        await rented.sql(f"ALTER DATABASE {name} SET default_transaction_read_only = on", stop)
        for line in AnsweredCall("c2").lines():
            journal.append(*line)
        journal.sync()
        await eventually(lambda: "takes no writing just now" in shipper.trouble, "the shipper to say so")
        with pytest.raises(ServerReadOnly):
            await store.examine()
        assert "takes no writing" in await sentence(address(rented, name, "?target_session_attrs=read-write"))
        assert [call.call for call in await store.calls()] == ["c1"], "what is there can be read"
        await rented.sql(f"ALTER DATABASE {name} RESET default_transaction_read_only", stop)
        assert await shipper.catch_up(60), shipper.trouble
        assert len(await store.calls()) == 2


async def test_too_many_connections_are_told_and_the_rows_arrive_when_there_is_room(
    rented: RentedPostgres, tmp_path: Path
):
    async with rented.database("crowded") as name:
        await rented.sql("ALTER ROLE renter CONNECTION LIMIT 3")
        others = [await asyncpg.connect(address(rented, "rented")) for _ in range(3)]
        try:
            assert "has no connection left for us" in await sentence(address(rented, name))
            async with shipping(address(rented, name), tmp_path) as (store, shipper, _):
                await eventually(lambda: "no connection left" in shipper.trouble, "the shipper to say so")
                with pytest.raises(DatabaseAway, match="Raise max_connections"):
                    await store.calls()
                await others.pop().close()
                await others.pop().close()
                assert await shipper.catch_up(60), shipper.trouble
                assert len(await store.calls()) == 1
        finally:
            for each in others:
                await each.close()
            await rented.sql("ALTER ROLE renter CONNECTION LIMIT -1")


async def test_a_server_with_few_connections_is_told_the_same(folder: Path):
    server = RentedPostgres(folder / "small")
    await asyncio.to_thread(server.up, max_connections="6", superuser_reserved_connections="3", autovacuum="off")
    url = f"postgresql://renter:{SECRET}@127.0.0.1:{server.port}/postgres"
    others: list[asyncpg.Connection] = []
    try:
        with contextlib.suppress(asyncpg.TooManyConnectionsError):
            for _ in range(10):
                others.append(await asyncpg.connect(url))
        assert len(others) == 3
        assert "has no connection left for us" in await sentence(url)
    finally:
        for each in others:
            await each.close()
        await asyncio.to_thread(server.remove)


async def test_another_password_is_used_from_the_next_connection_on(rented: RentedPostgres, tmp_path: Path):
    async with (
        rented.database("rekeyed") as name,
        shipping(address(rented, name), tmp_path) as (store, shipper, journal),
    ):
        assert await shipper.catch_up(60), shipper.trouble
        stop = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        await rented.sql("ALTER ROLE renter PASSWORD 'another'", stop)
        try:
            for line in AnsweredCall("c2").lines():
                journal.append(*line)
            journal.sync()
            await eventually(lambda: "sanxiang config reload" in shipper.trouble, "the shipper to say so")
            with pytest.raises(DatabaseRefuses, match="refuses the password of renter"):
                await store.calls()
            await store.use(address(rented, name).replace(SECRET, "another"))
            assert await shipper.catch_up(60), shipper.trouble
            assert len(await store.calls()) == 2
        finally:
            await rented.sql(f"ALTER ROLE renter PASSWORD '{PASSWORD}'")


async def test_another_database_gets_its_tables_and_all_that_the_journal_has(rented: RentedPostgres, tmp_path: Path):
    async with (
        rented.database("first") as first,
        rented.database("second") as second,
        shipping(address(rented, first), tmp_path) as (store, shipper, journal),
    ):
        assert await shipper.catch_up(60), shipper.trouble
        await store.use(address(rented, second))
        for line in AnsweredCall("c2").lines():
            journal.append(*line)
        journal.sync()
        assert await shipper.catch_up(60), shipper.trouble
        assert sorted(call.call for call in await store.calls()) == ["c1", "c2"]


# -- a pooler, and an old server -----------------------------------------------------------------------------------


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("words", ["", "?pgbouncer=true"])
async def test_calls_arrive_and_are_read_through_a_pooler_in_transaction_mode(
    rented: RentedPostgres, folder: Path, tmp_path: Path, release: str, words: str
):
    """Without being told it is found out by what goes wrong; nothing is lost or doubled by that."""
    try:
        argv = await asyncio.to_thread(ensure_pgbouncer, release)
    except SanxiangError as why:
        pytest.skip(f"PgBouncer can't be had here: {why}")
    place = folder / f"pooler-{secrets.token_hex(2)}"
    async with rented.database("pooled") as name:
        with pooler(argv, place, rented.port, "renter", PASSWORD) as port:
            url = f"postgresql://renter:{SECRET}@127.0.0.1:{port}/{name}{words}"
            async with shipping(url, tmp_path) as (store, shipper, journal):

                async def reads(*forgiven: type[Exception]) -> None:
                    for _ in range(10):
                        with contextlib.suppress(*forgiven):
                            await store.calls(search="1380000")
                            await store.agent_time(MORNING.date())

                async def round_of(calls: range, *forgiven: type[Exception]) -> None:
                    readers = [asyncio.create_task(reads(*forgiven)) for _ in range(4)]
                    for number in calls:
                        for line in AnsweredCall(f"c{number}").lines():
                            journal.append(*line)
                        journal.sync()
                        assert await shipper.catch_up(60), shipper.trouble
                    await asyncio.gather(*readers)

                await round_of(range(2, 6), DatabaseAway)
                await round_of(range(6, 12))  # from now on nothing goes wrong any more
                assert len(await store.calls()) == 11
                await store.examine()
        rows = await rented.sql("SELECT count(*), count(DISTINCT (line, idx)) FROM call_log", database=name)
        assert rows[0][0] == rows[0][1] > 100
        assert await rented.sql("SELECT count(*) FROM dead_letters", database=name) == [(0,)]


async def test_an_old_server_is_refused_before_a_table_is_made(rented: RentedPostgres, tmp_path: Path):
    """A real one that says, at this one place, that it is of version 12: there is no old server to be had here."""
    [(number,)] = await rented.sql("SHOW server_version_num")

    async def answered(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        theirs, ours = await asyncio.open_connection("127.0.0.1", rented.port)

        async def carry(source: asyncio.StreamReader, goal: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65536):
                    goal.write(data.replace(number.encode(), f"12{number[2:]}".encode()))
                    await goal.drain()
            goal.close()

        await asyncio.gather(carry(reader, ours), carry(theirs, writer))

    proxy = await asyncio.start_server(answered, "127.0.0.1", 0)
    port = proxy.sockets[0].getsockname()[1]
    async with rented.database("old") as name:
        url = f"postgresql://renter:{SECRET}@127.0.0.1:{port}/{name}?sslmode=disable"
        async with shipping(url, tmp_path) as (store, shipper, _):
            with pytest.raises(ServerTooOld, match="PostgreSQL must be 13 or newer"):
                await store.examine()
            await eventually(lambda: "13 or newer" in shipper.trouble, "the shipper to say so")
        assert await rented.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", database=name) == [(0,)]
    proxy.close()


# -- several hosts -------------------------------------------------------------------------------------------------


@pytest.fixture
def pair(folder: Path) -> Iterator[tuple[RentedPostgres, RentedPostgres]]:
    """A primary with the database `switched`, and its standby."""
    old, new = RentedPostgres(folder / "old"), RentedPostgres(folder / "new")
    try:
        old.up()
        asyncio.run(old.sql("CREATE DATABASE switched OWNER renter"))
        new.standby_of(old)
        yield old, new
    finally:
        new.remove()
        old.remove()


async def test_a_switch_over_is_followed_by_writers_and_readers(
    pair: tuple[RentedPostgres, RentedPostgres], tmp_path: Path
):
    """A real standby is promoted while the old primary stays up, read-only, and answers whoever stays with it."""
    old, new = pair
    url = f"postgresql://renter:{SECRET}@127.0.0.1:1,127.0.0.1:{new.port},127.0.0.1:{old.port}/switched"
    async with shipping(url, tmp_path) as (store, shipper, journal):
        assert await shipper.catch_up(60), shipper.trouble  # past a dead host and the standby
        assert len(await store.calls()) == 1

        async def replayed() -> bool:
            [(written,)] = await old.sql("SELECT pg_current_wal_lsn()::text")
            return await new.sql(f"SELECT pg_last_wal_replay_lsn() >= '{written}'") == [(True,)]

        await eventually(replayed, "the standby to have all")
        await old.sql("ALTER SYSTEM SET default_transaction_read_only = on", "SELECT pg_reload_conf()")
        await new.sql("SELECT pg_promote()")
        for line in AnsweredCall("c2").lines():
            journal.append(*line)
        journal.sync()
        assert await shipper.catch_up(60), shipper.trouble
        assert len(await store.calls()) == 2, "readers have left the old primary too"
        assert await new.sql("SELECT count(*) FROM calls", database="switched") == [(2,)]
        assert await old.sql("SELECT count(*) FROM calls", database="switched") == [(1,)]
        await store.examine()
        # The new one falls: each host is named with its reason.
        await asyncio.to_thread(new.stop, "immediate")
        with pytest.raises(DatabaseAway) as away:
            await store.calls()
        for said in ("127.0.0.1:1", f"127.0.0.1:{new.port}", f"127.0.0.1:{old.port}: It takes no writing"):
            assert said in str(away.value)
