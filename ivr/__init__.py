"""The caller's side: all that a caller hears before and after a person.

A **story** (hotline, waiting room, goodbye, log-in) is a generator that yields **steps** (`step.py`) and does nothing
else: no I/O, no clock. A **session** (`session.py`) performs the steps on a **line**; `agi.py` is the line to a live
call in Asterisk, a test's line is a table of keys. `server.py` serves the stories to Asterisk over TCP, a thread per
call; `agi_scripts/` runs the same stories as programs when the server is away.
"""
