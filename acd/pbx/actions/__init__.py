"""Engine commands to AMI actions. Nothing here waits: what comes of an action returns as an event.

`offer_actions` rings agents, sends callers elsewhere and sets global variables. `consult_actions` holds, consults and joins.
`callbacks` dials customers. `ring_variables` prepares what a ringing phone shows and plays.
"""
