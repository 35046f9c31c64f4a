"""The hotline's calls to itself as the page, the interface and the command line show them: figures, and words in both languages."""

from collections.abc import Mapping
from typing import Any

from acd.web.server.api_model import ApiModel
from acd.web.server.context import WebContext
from acd.words.self_call import fault_in_words, heading, measured

LANGUAGES = ("zh", "en")


class Words(ApiModel):
    """What is wrong, and what to do about it."""

    what: str
    remedy: str


class FoundFault(ApiModel):
    """One thing that is wrong."""

    code: str
    zh: Words
    en: Words


class LiveSelfCall(ApiModel):
    """A way on which the hotline can call itself, and the last such call."""

    trunk: str
    """Empty: the local loop."""
    under_way: bool
    at: str | None
    """When the last call was over, ISO 8601; null: there was none."""
    why: str
    """"asked" or "nightly"; empty: there was none."""
    ok: bool | None
    faults: list[FoundFault]
    """The worst first."""
    lines: dict[str, list[str]]
    """By language: a heading and what was measured."""


def in_words(report: Mapping[str, Any]) -> dict[str, Any]:
    """`faults` and `lines` of a kept report, in both languages."""
    faults = []
    for each in report["faults"]:
        said = {language: fault_in_words(each, language) for language in LANGUAGES}
        words = {language: {"what": what, "remedy": remedy} for language, (what, remedy) in said.items()}
        faults.append({"code": each["code"], **words})
    lines = {language: [heading(report, language), *measured(report, language)] for language in LANGUAGES}
    return {"faults": faults, "lines": lines}


def self_calls(context: WebContext) -> list[dict[str, Any]]:
    """The rows of LiveSelfCall: the local loop, then each trunk that can be dialled."""
    rows = context.self_calls.rows() if context.self_calls is not None else []
    nothing: dict[str, Any] = {"at": None, "why": "", "ok": None, "faults": [], "lines": {}}
    return [
        {
            "trunk": row["trunk"],
            "under_way": row["under_way"],
            **(
                {key: report[key] for key in ("at", "why", "ok")} | in_words(report)
                if (report := row["report"]) is not None
                else nothing
            ),
        }
        for row in rows
    ]
