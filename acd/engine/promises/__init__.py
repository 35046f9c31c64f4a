"""Callbacks as promises: whom, until when, whose they are, and what has become of them.

events      what is told of promises beside the calls themselves
promise     one promise, and what of it a checkpoint keeps
ledger      promises are made, changed, late, and over; each step is a row of the call log
placing     a promise whose time has come stands in line as a virtual call; wishes of people and programs

A promise has the id of the call that keeps it. A caller who takes a callback while waiting has that call already; for any other the
call begins when the promised time does.
"""
