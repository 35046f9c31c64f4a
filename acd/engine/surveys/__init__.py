"""The survey after a talk, as far as the engine decides: who is asked, and what is remembered of who was.

rules     what the configuration says, of each queue
events    all that can happen to a survey
book      the surveys that are open, and when each caller was asked last
called    the call back to a caller who hung up first: whether it is still wanted, and what came of it

What the events do stands in acd/engine/calls/surveys.py.
"""
