"""How long recordings are kept: by class, by hand, by a hold; and what becomes of the caller's name and number with them.

`rules` says which class a recording is of and when its time is over, as SQL; `due` finds and marks what is over; `by_hand` sets classes
and holds of calls (acd/store/retention_tables.py).
"""
