"""Calls by words that were written about them, found by the index of pairs of characters (migration 0014).

A word that few calls have is looked for in the index, and their calls are then read. A word that many have is found among the newest
calls at once, so these are read one after the other and the index is left alone: to put all of them in order would take longer.
"""

from sqlalchemy import ColumnElement, Text, bindparam, func, select, text, union_all
from sqlalchemy.ext.asyncio import AsyncConnection

from acd.store.tables import CallRow, CardRow, TransferRow

FEW = 10_000
"""So many calls at most count as few."""
_PAIRS = """search_pairs(lower(CAST(:typed AS text)))"""
_MAY_HOLD = f"""
SELECT call FROM cards WHERE search_pairs(card_words(body)) @> search_pairs(CAST(:small AS text))
UNION ALL SELECT call FROM calls WHERE customer_name <> '' AND search_pairs(lower(customer_name)) @> {_PAIRS}
UNION ALL SELECT call FROM transfers WHERE note <> '' AND search_pairs(lower(note)) @> {_PAIRS}
"""
_COUNT = text(f"SELECT count(*) FROM (SELECT FROM ({_MAY_HOLD}) AS may_hold LIMIT :most) AS counted")


def by_index(typed: str) -> bool:
    """Whether the index can find it: two characters or more, none of them of a number or an id, which are looked for elsewhere."""
    return len(typed) > 1 and not typed.isascii() and not any(each.isdigit() for each in typed)


async def few_have(connection: AsyncConnection, typed: str) -> bool:
    """Whether at most `FEW` calls may have these words."""
    found = await connection.execute(_COUNT, {"typed": typed, "small": typed.lower(), "most": FEW + 1})
    return int(found.scalar_one()) <= FEW


def calls_with(typed: str) -> ColumnElement[bool]:
    """The call is one of those whose card, customer's name or note of a transfer holds the words, or whose customer's id they are."""
    # As `like` has them: a PostgreSQL of the locale C makes small letters of ASCII alone.
    small = func.search_pairs(bindparam("small_of", typed.lower(), Text, unique=True))
    pairs = func.search_pairs(func.lower(bindparam("pairs_of", typed, Text, unique=True)))
    return CallRow.call.in_(
        union_all(
            select(CardRow.call).where(
                func.search_pairs(text("card_words(body)")).op("@>")(small), text(_HOLDS).bindparams(words=like(typed))
            ),
            select(CallRow.call).where(
                CallRow.customer_name != "",
                func.search_pairs(func.lower(CallRow.customer_name)).op("@>")(pairs),
                CallRow.customer_name.icontains(typed, autoescape=True),
            ),
            select(TransferRow.call).where(
                TransferRow.note != "",
                func.search_pairs(func.lower(TransferRow.note)).op("@>")(pairs),
                TransferRow.note.icontains(typed, autoescape=True),
            ),
            select(CallRow.call).where(CallRow.customer != "", CallRow.customer == typed),
        )
    )


_HOLDS = """(lower(concat_ws(' ', body->>'matter', body->>'name')) LIKE :words ESCAPE '/'
    OR EXISTS (SELECT FROM jsonb_array_elements(
                   CASE jsonb_typeof(body->'entries') WHEN 'array' THEN body->'entries' ELSE '[]' END) AS entry
               WHERE lower(entry->>'text') LIKE :words ESCAPE '/'))"""


def card_holds(typed: str, *, one_by_one: bool = False) -> ColumnElement[bool]:
    """Matter, name, or the text of an entry of the call's card. `one_by_one`: the card of each call that is looked at is read, where
    PostgreSQL might read all cards first."""
    alone = " OFFSET 0" if one_by_one else ""
    return text(  # type: ignore[return-value]  # A condition like any other, which the types do not know.
        f"EXISTS (SELECT FROM cards WHERE cards.call = calls.call AND {_HOLDS}{alone})"
    ).bindparams(words=like(typed))


def like(typed: str) -> str:
    """A pattern for LIKE … ESCAPE '/' that holds for whatever has `typed` in it, in small letters."""
    escaped = typed.lower().replace("/", "//").replace("%", "/%").replace("_", "/_")
    return f"%{escaped}%"
