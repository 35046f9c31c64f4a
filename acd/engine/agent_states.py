"""The words for what an agent does, and the reasons that the engine itself gives."""

STATES = (
    "logged out",
    "not ready",
    "unreachable",
    "idle",
    "reserved",
    "ringing",
    "talking",
    "hold",
    "consult",
    "wrap-up",
)
"""Every value of `Agent.state`."""
PHONE_REFUSES = "phone-refuses"
"""The reason of an agent who was set not ready because their telephone took no call several times in a row."""
PHONE_TEST = "phone-test"
"""The reason of an agent whose telephone rings for a test."""
PHONE_GONE = "phone-gone"
"""The reason of an agent who was logged out because their telephone was unreachable for too long."""
