"""The journal into PostgreSQL: in order, exactly once, behind the calls and never in their way.

`shipper` reads the journal and moves the position, `log_rows` writes the log, `set_aside` keeps what nobody can take.
`projections` turns log rows into tables, by noun: `call_rows`, `offer_rows`, `recording_rows`, `transfer_rows`, `card_rows`,
`leg_quality_rows` and `agent_states`; `upsert` merges them into what is there.
"""
