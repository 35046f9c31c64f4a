"""What a person writes about a call: checked before it goes anywhere, so that nothing forbidden reaches the log or a disk.

Line breaks belong on the card and nowhere else, for notes of a transfer are also spoken of in one line; HTML stays the
text that it is.
"""

import re

from acd.context_card.guard import problem as forbidden
from acd.web.server.problems import Problem

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def validated_text(text: str, field: str, *, lines: bool = False) -> str:
    """The text, line breaks as "\\n" where `lines` allows them. Raises Problem (400) with what to do."""
    text = text.replace("\r\n", "\n").replace("\r", "\n") if lines else text
    found = _CONTROL.search(text.replace("\n", "").replace("\t", " ") if lines else text)
    if found:
        what = "a line break" if found[0] in "\r\n\u2028\u2029" else "a control character"
        remedy = "Write it in one line" if what == "a line break" else "Leave it out"
        raise Problem(400, "illegal-character", f"{field} holds {what}. {remedy}.", field=field)
    if problem := forbidden(text):
        raise Problem(400, problem.code, problem.remedy, field=field)
    return text
