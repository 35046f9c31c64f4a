"""A reload takes another password and another address of the database, and no password stands in the start's plan."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from acd.config import check
from acd.daemon.configuration.database_link import DatabaseLink
from acd.setup.database import database_url, url_in_use
from acd.store.journal.journal import Journal
from acd.store.shipping.shipper import Shipper
from acd.store.store import Store
from tests.daemon.configuration.test_config_reload import FIRST, House
from tests.store.support.rented_postgres import PASSWORD, RentedPostgres, readable_folder
from tests.store.support.store_fixture import AnsweredCall
from tests.support.waiting import eventually

pytestmark = pytest.mark.database


@pytest.fixture(scope="module")
def rented() -> Iterator[RentedPostgres]:
    folder = readable_folder()
    server = RentedPostgres(folder / "rented")
    server.up()
    asyncio.run(server.sql("CREATE DATABASE hotline OWNER renter", "CREATE DATABASE elsewhere OWNER renter"))
    yield server
    server.remove()
    shutil.rmtree(folder, ignore_errors=True)


async def test_another_password_and_address_are_taken_by_a_reload(rented: RentedPostgres, tmp_path: Path):
    file = tmp_path / "database.password"
    file.write_text(f"{PASSWORD}\n")
    text = (
        f'[database]\nurl = "postgresql://renter@127.0.0.1:{rented.port}/hotline"\npassword_file = "{file}"\n' + FIRST
    )
    house = House(tmp_path)
    house.edits(text)
    await house.live.reload("zhang")

    database = DatabaseLink(house.live.config, house.plan)
    store, journal = await Store.open(database.url), Journal(tmp_path / "spool")
    shipper = Shipper(store, journal)
    house.live.take_database = lambda config: database.take(config, store, lambda: shipper.healthy)
    shipping = asyncio.create_task(shipper.run())
    lines = iter([line for number in range(9) for line in AnsweredCall(f"c{number}").lines()])

    async def arrives() -> bool:
        journal.append(*next(lines))
        journal.sync()
        return await shipper.catch_up(60)

    assert await arrives()
    assert (await house.live.reload("zhang")).note == "", "nothing is different"

    # A wrong one, while the connections that there are serve: it is told and not used.
    file.write_text("wrong")
    note = (await house.live.reload("zhang")).note
    assert "is not used" in note and "refuses the password of renter" in note
    assert await arrives()

    # The server has another one: nothing arrives until the file is right, and reload says so.
    await rented.sql(
        "ALTER ROLE renter PASSWORD 'another'",
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'renter'",
    )
    journal.append(*next(lines))
    journal.sync()
    await eventually(lambda: "sanxiang config reload" in shipper.trouble, "the shipper to say what to type")
    assert "refuses the password" in (await house.live.reload("zhang")).note
    file.unlink()
    assert "stays as it was" in (await house.live.reload("zhang")).note
    file.write_text("another\n")
    done = await house.live.reload("zhang")
    assert (done.taken, done.note) == (
        False,
        "The database's address and password were read again and are used from now on.",
    )
    assert await shipper.catch_up(60), shipper.trouble
    assert await arrives()

    # Another database is a line in the file, as any other change of the configuration.
    house.edits(text.replace("/hotline", "/elsewhere"))
    done = await house.live.reload("zhang")
    assert done.taken and done.note.endswith("are used from now on.")
    assert await arrives()
    assert await rented.sql("SELECT count(*) > 0 FROM call_log", database="elsewhere") == [(True,)]

    shipping.cancel()
    await asyncio.gather(shipping, return_exceptions=True)
    await store.close()
    journal.close()
    await rented.sql(f"ALTER ROLE renter PASSWORD '{PASSWORD}'")


def test_a_daemon_starts_without_the_password_s_file(tmp_path: Path):
    house = House(tmp_path)
    house.edits(f'[database]\nurl = "postgresql://u@db/d"\npassword_file = "{tmp_path}/none"\n' + FIRST)
    database = DatabaseLink(house.live.config.model_copy(update={"database": _database(tmp_path)}), house.plan)
    assert database.url == "postgresql://u@db/d"


def test_the_plan_of_a_demo_has_its_own_address(tmp_path: Path):
    house = House(tmp_path)
    assert url_in_use(house.live.config, house.plan) == house.plan.database_url
    (tmp_path / "password").write_text("p@ss")
    config = house.live.config.model_copy(update={"database": _database(tmp_path, "password")})
    assert url_in_use(config, house.plan) == database_url(config) == "postgresql://u:p%40ss@db/d"
    house.plan.keep(house.installation)
    assert "p%40ss" not in json.dumps(json.loads((house.installation.run / "prepared.json").read_text()))


def _database(folder: Path, file: str = "none") -> object:
    data = {"url": "postgresql://u@db/d", "password_file": str(folder / file)}
    queues = {"billing": {"label": {"zh": "账单", "en": "Billing"}}}
    return check({"queues": queues, "database": data}).database
