"""A reload takes the database's address and password too: from the next connection on, while calls go on."""

import asyncio
from collections.abc import Callable

import structlog

from acd.config import Config
from acd.errors import SanxiangError
from acd.setup.database import database_trouble, url_in_use
from acd.setup.start_plan import StartPlan
from acd.store.store import Store

log = structlog.get_logger(__name__)


class DatabaseLink:
    """The store's address and password, as the configuration and the password's file say them."""

    def __init__(self, config: Config, plan: StartPlan) -> None:
        """A password that can't be read is told, and the daemon starts without: calls come first."""
        self._plan = plan
        try:
            self.url = url_in_use(config, plan)
        except SanxiangError as error:
            log.error("the database's password can't be read", why=str(error))
            self.url = config.database.url or plan.database_url

    async def take(self, config: Config, store: Store, well: Callable[[], bool]) -> str:
        """What was taken, or why it was not, in a sentence; empty where nothing is different.

        `well`: whether PostgreSQL takes our rows. While it does, an address or password that leads nowhere is not taken.
        """
        try:
            url = await asyncio.to_thread(url_in_use, config, self._plan)
        except SanxiangError as error:
            return f"The database's password stays as it was. {error}"
        if url == self.url:
            return ""
        trouble = await asyncio.to_thread(database_trouble, url)
        if trouble and well():
            log.warning("the database's new address or password does not serve and is not taken", why=trouble)
            return f"The database's address or password is another, and is not used, for it does not serve: {trouble}"
        await store.use(url)
        self.url = url
        log.info("the database's address and password were read again", trouble=trouble)
        return f"The database's address and password were read again and are used from now on. {trouble}".rstrip()
