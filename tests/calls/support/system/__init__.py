"""A running system in three parts, each built on the one before: its processes, the people who telephone, what is left over."""
