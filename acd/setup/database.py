"""The operator's PostgreSQL: its address with the password, and why it does not serve, in a sentence."""

import asyncio

from acd.config import Config
from acd.config.database import read, with_password
from acd.errors import SanxiangError
from acd.setup.pbx_settings import secret_of
from acd.setup.start_plan import StartPlan


class NoDatabase(SanxiangError):
    """database.url: is missing. `up` keeps its book in your own PostgreSQL: add `url` under [database] (the embedded
    one is for demo and tests)."""


def database_url(config: Config) -> str:
    """The address, with the password that its file holds now. Raises NoDatabase, SecretUnreadable."""
    url = config.database.url
    if not url:
        raise NoDatabase
    password = secret_of("database.password_file", config.database.password_file)
    return with_password(url, password) if password else url


def url_in_use(config: Config, plan: StartPlan) -> str:
    """The same for a hotline that was started by this plan; a demo has its address from there. Raises SecretUnreadable."""
    return database_url(config) if config.database.url else plan.database_url


def database_trouble(url: str) -> str:
    """Why calls can't be kept at this address, with what to type; empty when they can. Takes some seconds at most."""
    from acd.store.store import Store  # with SQLAlchemy: only where a database is asked

    async def look() -> str:
        store = await Store.open(url)
        try:
            await store.examine()
        except SanxiangError as error:
            return str(error)
        finally:
            await store.close()
        return ""

    return asyncio.run(look())


def file_mistakes(config: Config) -> list[str]:
    """A sentence for each file that `database.url` names and that can't be read."""
    mistakes: list[str] = []
    for word, file in read(config.database.url).files if config.database.url else []:
        try:
            with file.open("rb"):
                pass
        except OSError as error:
            mistakes.append(
                f"database.url: {word}={file} can't be read: {error.strerror}. Mend the path or the file's rights."
            )
    return mistakes
