"""Supervisors who listen to a call, whisper to its agent, join it, or take the caller over: see docs/supervising.md.

events    what is asked and told
state     the listeners there are
asked     the handlers of the events, and why something is refused
attach    to which channel each listener belongs, after every event
"""
