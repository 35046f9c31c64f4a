"""Asterisk's configuration files, rendered from the templates in asterisk_conf/.

`settings` holds the values, `render` checks and writes them, `agent_extensions` lists what a phone may dial, and
`announcements` makes the music classes that begin with who takes over.
"""
