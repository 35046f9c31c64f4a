"""The configuration in force, and what changes it while calls go on.

`config_reload` puts a new configuration in force, `operators_files` writes the operator's files, `agent_changes` removes and
changes agents, `agent_places` makes Asterisk forget telephones, `database_link` takes another address or password of PostgreSQL.
"""
