"""Many rows into one table with one statement: new ones inserted, known ones merged column by column."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import sqlalchemy
from sqlalchemy import ARRAY, Text, bindparam, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.journal.codec import to_json
from acd.store.tables import Table

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

FILL = "COALESCE(excluded.{c}, {t}.{c})"
"""What is new wins; nothing new keeps the old."""
WORD = "COALESCE(NULLIF(excluded.{c}, ''), {t}.{c})"
"""The same for texts that are never NULL."""
FIRST = "LEAST({t}.{c}, excluded.{c})"
FIRST_SAID = "COALESCE({t}.{c}, excluded.{c})"
"""What is there stays."""
FIRST_WORD = "COALESCE(NULLIF({t}.{c}, ''), excluded.{c})"
"""The same for texts that are never NULL."""
LATEST = "GREATEST({t}.{c}, excluded.{c})"
KEEP = "{t}.{c}"
NEW = "excluded.{c}"


class Upsert:
    """The statement for one table."""

    def __init__(self, row: type[Table], merge: Mapping[str, str]) -> None:
        """`merge`: column to rule, one of those above or one's own; columns not named are left alone."""
        table = cast(sqlalchemy.Table, row.__table__)
        name = table.name
        keys = [each.name for each in table.primary_key.columns]
        self.columns = [*keys, *merge]
        quoted = {each: f'"{each}"' for each in self.columns}  # "to" is a word of SQL
        sources, self._json, binds = [], set(), []
        for column in self.columns:
            kind = table.columns[column].type
            spelled = kind.compile(dialect=_DIALECT)
            if isinstance(kind, JSONB):
                self._json.add(column)
                sources.append(f"CAST(new.{quoted[column]} AS jsonb)")
                binds.append(bindparam(column, type_=ARRAY(Text())))
            else:
                sources.append(f"CAST(new.{quoted[column]} AS {spelled})")
                binds.append(bindparam(column, type_=ARRAY(kind)))
        arrays = ", ".join(f":{each}" for each in self.columns)
        named = ", ".join(quoted.values())
        settings = ", ".join(
            f"{quoted[c]} = {rule.format(c=quoted[c], t=name)}" for c, rule in merge.items() if rule != KEEP
        )
        self._statement = text(
            f"INSERT INTO {name} ({named}) SELECT {', '.join(sources)} "
            f"FROM unnest({arrays}) AS new({named}) "
            f"ON CONFLICT ({', '.join(keys)}) DO " + (f"UPDATE SET {settings}" if settings else "NOTHING")
        ).bindparams(*binds)

    async def run(self, connection: AsyncConnection, rows: Iterable[Mapping[str, Any]]) -> None:
        """Each key at most once among the rows; a column that a row does not name is NULL there."""
        rows = list(rows)
        if not rows:
            return
        values: dict[str, list[Any]] = {}
        for column in self.columns:
            each = [row.get(column) for row in rows]
            values[column] = [None if one is None else to_json(one) for one in each] if column in self._json else each
        await connection.execute(self._statement, values)
