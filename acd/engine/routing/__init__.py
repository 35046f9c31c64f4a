"""Which agent gets which call, and where a call waits.

router            lines, able agents, the best choice; pure, without the state
queueing          queue position: into line, out of it, back to one's place
policy            a queue's rows over time: widen, move, divert
agent_affinity    last-agent routing: a call is kept for one agent for a bounded time
calls_out         the wall before every call out: allow-list, limits, hours of callbacks
agents            an agent's one-word state, and what follows from each change
"""
