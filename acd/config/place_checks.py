"""Places that can't be: an agent on a number of the hotline, a folder that begins nowhere, a database without a name."""

from collections.abc import Iterator

from acd.config.messages import shown
from acd.config.schema import Config


def place_mistakes(config: Config) -> Iterator[str]:
    """A sentence for each."""
    for agent in config.agents:
        if agent in config.hotline.numbers:
            yield (
                f"agents.{agent}: is also one of hotline.numbers, and who dials it could mean either. Give the agent another "
                "extension."
            )
    folder = config.recordings.folder
    if folder is not None and not folder.is_absolute():
        yield (
            f"recordings.folder: {shown(str(folder))} begins nowhere: it would lie wherever the hotline is started. Write the whole "
            f'path, as "/srv/sanxiang/recordings".'
        )
    if config.database.url is not None and not _database_of(config.database.url):
        yield "database.url: names no database. Write it as postgresql://user@host/name."


def _database_of(url: str) -> str:
    """The name after the host; also where the host is given in the query."""
    return url.partition("://")[2].partition("?")[0].partition("/")[2].strip("/")
