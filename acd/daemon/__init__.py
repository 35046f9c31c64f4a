"""The daemon's process: builds the parts, connects them, and stops them in order.

`daemon` starts and stops it. `core` is the engine with its journal, configuration and link to Asterisk; `background_work` the
watchdogs and all that is done again and again; `recording_keeper` files recordings; `web_server` opens page and API.
`rebuild` restores the engine from the journal, `agent_pins` checks PINs, `ring_presentation` says what a ringing phone shows and
plays, `unhandled_events` keeps events that the engine could not handle. `configuration/` puts a new configuration in force;
`watchdogs/` look after Asterisk, the story server, the event loop and lost events; `notices/` send alarms; `reports/` make reports.
"""
