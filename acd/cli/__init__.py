"""The command line: one file a noun, joined in `app`."""

from acd.cli.app import app

__all__ = ["app"]
