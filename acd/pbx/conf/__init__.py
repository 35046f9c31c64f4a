"""Asterisk's configuration files, rendered from the templates in asterisk_conf/.

`settings` holds the values, `render` checks and writes them; what the parts share for that is in `fits`. `trunks`, `transports` and
`certificates` make pjsip.conf, `trunk_contexts` the way of a call that comes in. `agent_extensions` lists what a phone may dial, and
`announcements` makes the music classes that begin with who takes over.
"""
