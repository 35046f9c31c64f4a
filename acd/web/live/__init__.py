"""What pages are told as it happens, by server-sent events: the floor for supervisors, an agent's desk, drafts."""
