"""Watchdogs of the daemon.

`admission` tells when calls are refused because too many are here. `asterisk` kills an Asterisk that hangs. `story_server` asks whether stories are served. `event_loop` notices a blocked loop.
`call_drift` compares the engine's calls with Asterisk's channels and asks for a resync where they differ.
"""
