"""What can go wrong in the store and what the operator does about it. An exception's docstring is its message."""

from acd.errors import SanxiangError


class StoreError(SanxiangError):
    """Something is wrong with the store."""

    def __init__(self, detail: str = "") -> None:
        """`detail` says which one; the class says what it means and what to do."""
        super().__init__()
        self.detail, self.meaning = detail, str(self)
        if detail:
            self.args = (f"{detail}: {self}",)


class SpoolTaken(StoreError):
    """Another process writes this spool. Stop it (`sanxiang down`), or give this one its own state folder."""


class SpoolUnwritable(StoreError):
    """The spool's folder cannot be written. Mend its owner, rights or disk, then start again."""


class NotAnEvent(StoreError):
    """The spool holds an event that this version does not know. Start the version that wrote it, or a newer one."""


class DatabaseAway(StoreError):
    """PostgreSQL does not answer. Calls go on and are kept in the spool; look at the server and at `database.url`."""

    @property
    def said(self) -> str:
        """What is wrong, without the remedy: our sentence, and what PostgreSQL or the way to it said."""
        first = self.meaning.partition(". ")[0]
        return f"{first} ({self.detail})" if self.detail else first


class DatabaseRefuses(DatabaseAway):
    """PostgreSQL refuses this log-in. Calls go on and are kept in the spool; mend the file that `database.password_file`
    names, then `./sanxiang config reload`: it takes another password without touching a call."""


class NoSuchDatabase(DatabaseAway):
    """PostgreSQL answers and has no such database. Calls go on and are kept in the spool; make it with `createdb`, or mend
    `database.url`."""


class DatabaseFull(DatabaseAway):
    """PostgreSQL takes no more connections, or has no room. Calls go on and are kept in the spool; raise its `max_connections`,
    or free its disk."""


class SchemaMissing(StoreError):
    """The database has no tables of ours. Run `sanxiang db migrate`."""


class SchemaTooOld(StoreError):
    """The database's tables are older than this version. Stop the daemon and run `sanxiang db migrate`."""


class SchemaTooNew(StoreError):
    """The database's tables were made by a newer version. Start that version, or restore the backup made before it;
    `sanxiang db migrate` of the newer version is what made them."""


class SchemaForeign(StoreError):
    """The database holds tables that are not ours. Make an empty database (`createdb sanxiang`), name it in
    `database.url`, then run `sanxiang db migrate`."""


class BadDatabaseUrl(StoreError):
    """`database.url` is not a PostgreSQL address. Write it as postgresql://user:password@host:5432/sanxiang."""


class EmbeddedFailed(StoreError):
    """The built-in PostgreSQL did not start. Its log lies beside its data; `database.url` may name a real one."""
