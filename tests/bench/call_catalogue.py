"""A generated catalogue of past calls in real tables: calls, their offers, cards, transfers and recordings.

All calls are of the last 92 days, which is how far back a search for words looks, evenly spread, and the last ones came an hour ago. Of
a hundred calls 92 were answered, 60 have a card with a matter, a note, a disposition and now and then a promise, and 8 were handed over.
"""

from __future__ import annotations

from collections.abc import Callable

import asyncpg  # type: ignore[import-untyped]

DAYS = 92
COMMON, SELDOM, RARE, ABSENT = "退款", "保温杯", "阿拉善", "铁观音"
"""Words on every tenth card, on one of a thousand, on one of twenty thousand, and on none."""
SIZES = (10_000, 100_000, 1_000_000)
AT_ONCE = 50_000
"""Calls in one transaction."""

_CALLS = """
INSERT INTO calls (call, caller, dialled, language, menu_path, queue, asked_queue, arrived_at, asked_at, answered_at, ended_at, agent,
                   offers, wait_s, talk_s, ending, asked_for_person, within_target, short)
SELECT 'c' || floor(extract(epoch FROM at))::bigint || '-' || n || '-' || lpad((n % 10000)::text, 4, '0'),
       '+86138' || lpad(((n::bigint * 7919) % 100000000)::text, 8, '0'), '95000', 'zh', '1',
       queue, queue, at, at + interval '10 s', CASE WHEN answered THEN at + interval '18 s' END, at + interval '200 s',
       CASE WHEN answered THEN agent ELSE '' END, 1, 8, CASE WHEN answered THEN 180 END,
       CASE WHEN answered THEN 'served' ELSE 'abandoned' END, true, true, false
FROM (SELECT n, $3::timestamptz - (($2::bigint - n) * (interval '92 days' - interval '2 hours') / $2::bigint) - interval '1 hour' AS at,
             n % 100 < 92 AS answered, (ARRAY['orders', 'after-sales'])[1 + n % 2] AS queue,
             (ARRAY['1001', '1002', '1003'])[1 + n % 3] AS agent
      FROM generate_series($1::int, $4::int) AS n) AS made
"""
_OFFERS = """
INSERT INTO offers (offer, call, agent, queue, number, offered_at, ringing_at, answered_at, connected_at, ended_at, outcome, ring_s, rings,
                    wait_s, talk_s, ended_by)
SELECT call || '-1', call, agent, queue, 1, asked_at, asked_at, answered_at, answered_at, ended_at, 'answered', 3, 1, 8, 180, 'caller'
FROM calls WHERE agent <> '' AND arrived_at > $1
"""
_CARDS = f"""
INSERT INTO cards (call, contact, caller, version, updated_at, ended_at, body)
SELECT call, call, caller, 3, ended_at, ended_at, jsonb_build_object(
    'call', call, 'name', '', 'matter', matter,
    'entries', jsonb_build_array(
        jsonb_build_object('what', 'note', 'by', agent, 'at', ended_at, 'text', note),
        jsonb_build_object('what', CASE WHEN n % 20 = 0 THEN 'promise' ELSE 'disposition' END, 'by', agent, 'at', ended_at,
                           'code', CASE WHEN n % 20 = 0 THEN '' ELSE (ARRAY['solved', 'follow-up', 'no-fault'])[1 + n % 3] END,
                           'text', CASE WHEN n % 20 = 0 THEN '明天下午回电' ELSE '' END)))
FROM (SELECT *, CASE n % 10 WHEN 0 THEN '{COMMON}还没有到账' WHEN 1 THEN '订单没有发货' WHEN 2 THEN '换货的运费'
                WHEN 3 THEN 'invoice for order ' || n ELSE '配送地址要改成' || (n % 977) || '号' END AS matter,
             CASE WHEN n % 20000 = 7 THEN '客户住在{RARE}，快递不到' WHEN n % 1000 = 3 THEN '买的{SELDOM}漏水，要退'
                  ELSE '客户的要求已经记下，编号' || n || '，请仓库在两天内核对并回复' END AS note
      FROM (SELECT *, split_part(call, '-', 2)::bigint AS n FROM calls WHERE agent <> '' AND arrived_at > $1) AS numbered
      WHERE n % 100 < 60) AS written
"""
_TRANSFERS = """
INSERT INTO transfers (call, number, asked_at, first, queue, kind, "to", receiver, reason, note, state, completed_at, ended_at)
SELECT call, 1, answered_at, agent, queue, 'agent', '1002', '1002', 'refund', '客户要和主管谈' || right(call, 4), 'completed', ended_at,
       ended_at
FROM calls WHERE agent <> '' AND arrived_at > $1 AND split_part(call, '-', 2)::bigint % 100 < 8
"""
_RECORDINGS = """
INSERT INTO recordings (offer, call, agent, queue, offered_at, state, path, seconds, talk_s)
SELECT call || '-1', call, agent, queue, asked_at, 'complete', call || '.wav', 180, 180
FROM calls WHERE agent <> '' AND arrived_at > $1
"""


async def fill(database: str, calls: int, say: Callable[[str], None] = print) -> None:
    """Writes that many calls into empty tables, and has PostgreSQL count them (ANALYZE)."""
    connection = await asyncpg.connect(database)
    try:
        now = await connection.fetchval("SELECT now()")
        for first in range(1, calls + 1, AT_ONCE):
            async with connection.transaction():
                newest = await connection.fetchval("SELECT coalesce(max(arrived_at), '-infinity') FROM calls")
                await connection.execute(_CALLS, first, calls, now, min(calls, first + AT_ONCE - 1))
                for table in (_OFFERS, _CARDS, _TRANSFERS, _RECORDINGS):
                    await connection.execute(table, newest)
            if calls > AT_ONCE:
                say(f"{min(calls, first + AT_ONCE - 1):,} of {calls:,} calls written")
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
