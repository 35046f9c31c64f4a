"""Watchdogs of the daemon.

`asterisk` kills an Asterisk that hangs. `story_server` asks whether stories are served. `event_loop` notices a blocked loop.
`conf_drift` says which of Asterisk's files somebody has changed.
`admission` tells when calls are refused because too many are here.
`call_drift` compares the engine's calls with Asterisk's channels and asks for a resync where they differ.
"""
