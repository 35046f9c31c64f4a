"""AMI messages to engine events. Pure functions over the channel book.

Each module exports READERS (by the header Event) and USER_EVENTS (by the header UserEvent); `translator` merges them.
`call_events` reads the caller's channel and ringing phones, `consult_events` holds and consults, `phone_events` REFER, second
lines and codes, `destination_events` callback, voicemail and other numbers, `agent_events` log-in and readiness.
`causes` maps Q.850 causes to reasons.
"""
