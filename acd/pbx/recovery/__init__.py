"""What happened while nobody listened.

`resync` reads all callers' channels after each connect and fills the channel book; `resync_consults` does so for callers with
more than one agent's channel. `missed_hangups` reads who hung up meanwhile from a file that the dialplan writes.
`reconcile` compares the engine's calls with the channels while the connection is up.
"""
