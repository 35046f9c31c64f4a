"""What pages and reports ask of PostgreSQL. Each module is one noun: its rows as a dataclass, and the statements that find them.

`part` is a supervisor's teams as a condition of each question, `caller_search` a person by whatever was typed of the number.
Figures, each with its definition above its statement (docs/definitions.md): `kpi` of the hotline, `agent_kpi` of agents, `waits`.
"""
