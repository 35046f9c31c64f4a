"""The daemon's process: builds the parts, connects them, and stops them in order.

`daemon` starts and stops it. `rebuild` restores the engine from the journal, `config_reload` puts a new configuration in force,
`operators_files` writes the operator's files, `agent_changes` removes and changes agents, `agent_places` makes Asterisk forget telephones,
`agent_pins` checks PINs, `ring_presentation` says what a ringing phone shows and plays, `unhandled_events` keeps events that the
engine could not handle. `watchdogs/` look after Asterisk, the story server, the event loop and lost events.
"""
