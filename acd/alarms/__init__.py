"""Alarms: which kinds there are, which are open, who has seen them, and when each is over. Pure.

    acd/alarms/kinds.py       each kind: how severe it is, and what ends it
    acd/alarms/book.py        the open alarms and those that are over, as a fold of the call log's rows
    acd/alarms/thresholds.py  figures of a queue held against the limits of the configuration

Nothing here does I/O or reads a clock. The daemon feeds the book with each row as it is written (`acd/daemon/alarms.py`), keeps its
state in the journal's checkpoints, and tells people (`acd/daemon/notices/`).
"""
