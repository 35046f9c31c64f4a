"""What supervisors and agents agree on beside the calls.

messages       a supervisor's message to agents, and who has acknowledged it
breaks         breaks: the board, grant, decline, withdraw; figures of days
agent_queues   an agent leaves one queue for a while; raised hands
own            the agent's own: acknowledge, ask for a break or for help, leave a queue
missed         callers who gave up today, and calling them back
told           an event is told to the engine, unless it refuses
"""
