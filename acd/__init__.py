"""The daemon: who talks to whom. One process, one event loop, one writer.

`engine` decides, `switchboard` keeps the order, `pbx` speaks with Asterisk, `store` remembers, `web` shows.
"""

__version__ = "0.1.0"
