"""The night drill: faults of one operator's night, and whether the first line of `doctor` that is bad is the right one in each.

tests/night/fault.py     what a row of the table says
tests/night/hotline.py   where the faults are made: a real state folder, a real PostgreSQL, our own web server with a real engine
tests/night/machine.py   faults of the machine, of files and of processes
tests/night/services.py  faults of PostgreSQL, and what a running daemon tells
tests/night/table.py     all rows; docs/night-drill.md is written from them by `./sanxiang bench night --write`

With a real Asterisk beside it: tests/calls/test_night.py.
"""
