"""What supervisors and agents agree on beside the calls: messages, breaks, help, and queues that an agent has left.

events         what is told of it
book           the state: messages, breaks, raised hands, work since the latest rest
messages       a supervisor's message to agents, and who has acknowledged it
breaks         breaks asked for, granted within limits, begun, overdue and over; work without a break
break_rules    the plan: lengths, limits by team, queue and time of day
hands          an agent asks for help in a call
queue_pauses   an agent takes no calls of one queue for a while
told           the same as JSON-able data, for pages and API
"""
