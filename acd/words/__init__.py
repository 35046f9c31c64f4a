"""A row of the call log as a sentence for people, in English and Chinese, and the engine's words one by one.

`en` and `zh` hold the sentences, `terms` the single words, `policy` the rows of a queue's policy, `transfers_en`
and `transfers_zh` what concerns handing over, `line_en` and `line_zh` how well a line carries speech, `trunks` the trunks, `alarms` and `thresholds` the alarms,
`numbers` how figures and masked numbers are written.
"""

from acd.engine.commands import Kind, Outcome
from acd.words import en, line_en, line_zh, zh
from acd.words.numbers import Detail, masked
from acd.words.policy import policy_row
from acd.words.terms import shown, word

__all__ = ["alarm", "deed", "masked", "policy_row", "problem", "sentence", "shown", "word"]


def sentence(kind: Kind, agent: str, queue: str, detail: Detail, language: str = "en") -> str:
    """One row in words. Empty for an answered offer's end, which the answer has told already."""
    if kind is Kind.OFFER_ENDED and detail.get("outcome") == Outcome.ANSWERED:
        return ""
    sentences = zh.SENTENCES if language == "zh" else en.SENTENCES
    return sentences[kind](agent, queue, detail)


def alarm(agent: str, detail: Detail, language: str = "en") -> str:
    """What an alarm says, and what to do about it; `detail` as in an "alarm" row of the log."""
    return zh.alarm(agent, detail) if language == "zh" else en.alarm(agent, detail)


def deed(detail: Detail, language: str = "en") -> str:
    """What a row of a queue's policy does, in words; `detail` as in an "overflow" row of the log."""
    return zh.deed(detail) if language == "zh" else en.deed(detail)


def problem(name: str, detail: Detail, language: str = "en") -> str:
    """What is wrong with a line, in words; `detail` as in a "leg quality" row of the log."""
    return line_zh.problem(name, detail) if language == "zh" else line_en.problem(name, detail)
