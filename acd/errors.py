"""Errors that a user can mend. Whatever is raised as a SanxiangError is shown as one sentence, without a traceback."""

from __future__ import annotations

import inspect


class SanxiangError(Exception):
    """Something that the person at the keyboard can put right.

    The docstring of a subclass *is* its message: what is wrong, and what to do. Braces in it are filled from the
    keyword arguments: `raise PortTaken(port=5060, purpose="SIP")`.
    """

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        text = " ".join((inspect.getdoc(type(self)) or type(self).__name__).split())
        super().__init__(text.format(**fields))
