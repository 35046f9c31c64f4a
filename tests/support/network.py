"""Addresses of the machines that a test's Asterisk talks with; all of them are this one."""

TRUNK_ADDRESS = "127.0.0.2"
"""Where the carrier's calls come from, and where calls to the outside go."""
