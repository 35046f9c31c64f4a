"""Handlers of the events of calls, and a call from its first row to its last.

call_lifecycle    a call's record is opened and closed
caller_events     what callers do: arrive, choose, ask for a person, hang up
queue_entry       a caller asks for a person
offer_events      what Asterisk tells of an offer
agent_events      what agents and their phones do
callbacks         callers who have hung up and keep their place
diversions        callers at voicemail or an outside number
surveys           who is asked after a talk, and what they answer
"""
