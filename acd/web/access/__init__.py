"""Who is asking, and what they may do: accounts, log-in, sessions, tokens, lockout, the audit log, access to a call."""
