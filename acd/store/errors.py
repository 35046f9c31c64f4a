"""What can go wrong in the store and what the operator does about it. An exception's docstring is its message."""

from acd.errors import SanxiangError


class StoreError(SanxiangError):
    """Something is wrong with the store."""

    def __init__(self, detail: str = "") -> None:
        """`detail` says which one; the class says what it means and what to do."""
        super().__init__()
        self.detail = detail
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


class DatabaseRefuses(DatabaseAway):
    """Calls go on, and their rows wait on the disk."""

    def __init__(self, detail: str) -> None:
        """`detail`: one or two whole sentences, with what to type."""
        super().__init__()
        self.detail = detail
        self.args = (f"{detail} {self}",)


class SchemaMissing(DatabaseAway):
    """The database has no tables of ours yet. A running hotline makes them as soon as PostgreSQL lets it, and its rows wait on the disk
    until then; `sanxiang db migrate` makes them now."""


class ServerTooOld(StoreError):
    """PostgreSQL must be 13 or newer. Rent or install one, and name it in `database.url`."""


class EncodingUnfit(StoreError):
    """The database's encoding can't keep every name that people have. Make another one, and name it in `database.url`:
    `createdb --encoding=UTF8 --template=template0 --locale=C.UTF-8 sanxiang`."""


class ServerReadOnly(StoreError):
    """PostgreSQL takes no writing: it is a standby, or default_transaction_read_only is on. Name the primary, or all servers
    as postgresql://user@host1,host2/sanxiang, or mend the setting."""


class MayNotMakeTables(StoreError):
    """The database's user may not make tables there. As PostgreSQL's administrator type `ALTER DATABASE name OWNER TO user`,
    or in that database `GRANT ALL ON SCHEMA public TO user`."""


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
