"""Words are found by an index: each two characters that follow each other, of cards, customers' names and notes of transfers.

Chinese has no spaces between words, and a PostgreSQL may have no pg_trgm; pairs need neither. A daemon of the former version goes on
writing into these tables; PostgreSQL keeps the indexes.
"""

from alembic import op

revision = "0014"
down_revision = "0013"
serves_from = "0006"

_FUNCTIONS = (
    """
    CREATE OR REPLACE FUNCTION search_pairs(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT coalesce(array_agg(DISTINCT substr(words, at, 2)), '{}') FROM generate_series(1, length(words) - 1) AS at
    $$
    """,
    """
    CREATE OR REPLACE FUNCTION card_words(body jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
        SELECT lower(coalesce(body->>'matter', '') || ' ' || coalesce(body->>'name', '') || ' ' || coalesce(
            (SELECT string_agg(coalesce(entry->>'text', ''), ' ') FROM jsonb_array_elements(
                CASE jsonb_typeof(body->'entries') WHEN 'array' THEN body->'entries' ELSE '[]' END) AS entry), ''))
    $$
    """,
)


def upgrade() -> None:
    for function in _FUNCTIONS:
        op.execute(function)
    op.execute("CREATE INDEX cards_words ON cards USING gin (search_pairs(card_words(body)))")
    op.execute(
        "CREATE INDEX calls_customer_words ON calls USING gin (search_pairs(lower(customer_name))) WHERE customer_name <> ''"
    )
    op.execute("CREATE INDEX transfers_words ON transfers USING gin (search_pairs(lower(note))) WHERE note <> ''")


def downgrade() -> None:
    for index in ("transfers_words", "calls_customer_words", "cards_words"):
        op.execute(f"DROP INDEX {index}")
    op.execute("DROP FUNCTION card_words(jsonb)")
    op.execute("DROP FUNCTION search_pairs(text)")
