"""A floor in fast time around the same engine: callers and agents made of numbers, no wall clock, one seed.

`world.py` plays a day; `people.py` says who comes to it and how they behave; `floor_file.py` reads both from the
operator's file; `figures.py` counts; `day.py`, `patience.py` and `replay.py` play a day that really was once more, with
other rules or staff; `erlang.py` is what theory says of the simplest floors.
"""
