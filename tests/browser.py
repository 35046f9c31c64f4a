"""The browser under its former name, for tests/run.py alone."""

from tests.support.browser import ensure_browser as ensure_browser
