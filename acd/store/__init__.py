"""What is remembered: the log of every call, on disk first and in PostgreSQL behind it.

`journal` writes the spool that no call waits for, `spool` reads it, `codec` is its JSON. `shipper` carries it into
PostgreSQL in order and exactly once; `projections` turns log rows into the tables of `tables`, by noun: `call_rows`,
`offer_rows`, `recording_rows`, `transfer_rows`, `card_rows` and `agent_states`. `store` answers the questions of pages and
reports; its queries lie in `calls`, `cards`, `transfers`, `kpi`, `waits`, `day`, `recordings` and `agent_time`.
`schema` keeps the tables' version, `embedded` is a PostgreSQL of our own for the demo and the tests.
"""
