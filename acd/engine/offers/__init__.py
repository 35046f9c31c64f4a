"""The offer of a call to an agent, and their talk.

offer_lifecycle   made, dialled, ringing, answered, bridged, over: what each step does
talk_time         how long caller and agent heard each other; holds
choice_log        why this agent: the texts and the detail of the offer's row in the call log
explanation       the same in full, of every agent
"""
