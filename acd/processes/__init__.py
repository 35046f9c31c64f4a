"""The processes beside each other: who starts them, which daemon leads, and how they are replaced.

`up` runs the supervisor's process. `supervisor` starts Asterisk, the story server and the daemon again when they end.
`leader_lease` decides which of several daemons leads. `upgrade` puts a new version in the place of a running one. `logs` sets up
the log lines of all of them. `api_client` is the command line's client of a running daemon.
"""
