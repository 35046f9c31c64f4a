"""Which marks say what a test needs, and how pytest tells them to `./sanxiang test PATH`."""

NEEDS_FILE = "SANXIANG_TEST_NEEDS"
"""Environment variable: the file into which a run of `pytest --collect-only` writes the marks of what it collected."""

MARKS = ("asterisk", "database", "browser", "site", "voice")
