"""What follows for breaks, raised hands and left queues when agents' states have changed in an event."""

from acd.engine.state import State
from acd.engine.supervision import breaks, hands, queue_pauses


def settle(s: State) -> None:
    """Looks at the agents whose state, or whose next state, this event has changed."""
    agents, s.followups.changed_agents = s.followups.changed_agents, []
    for agent in agents:
        if s.agents.get(agent.agent) is agent:
            hands.agent_changed(s, agent)
            queue_pauses.agent_changed(s, agent)
            breaks.agent_changed(s, agent)
        else:
            breaks.look(s)  # the place of one who is gone is free
