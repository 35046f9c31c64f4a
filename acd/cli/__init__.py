"""The command line: one file a noun. `app` joins them; it is not imported here, so that a command costs only its own imports."""
