"""What the automatic checks found in a call's talks (recordings/analysis/), with the second and the rule of each."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from acd.config.analysis import FindingKind
from acd.identifiers import CALL_ID
from acd.store.queries import analysis
from acd.store.queries.analysis import StoredAnalysis, StoredFinding
from acd.web.api.calls import from_store, opened_call
from acd.web.server.api_model import ApiModel
from acd.web.server.routes import Asked, Route
from acd.words import analysis as words


class FoundInTalk(ApiModel):
    """One finding; what it says is measured, and no verdict on a person."""

    kind: FindingKind
    side: Literal["caller", "agent", ""]
    """Whose voice or act it is; empty: nobody's alone."""
    from_s: float | None
    """Seconds from the beginning of the recording, to play from; null: it has no place in the sound."""
    to_s: float | None
    value: float | None
    """As measured, in the unit of `limit`; null: nothing is measured."""
    limit: float | None
    """The threshold that held when the talk was analysed."""
    name_zh: str
    name_en: str
    zh: str
    """What was measured, and the rule, in a sentence."""
    en: str


class TalkFindings(ApiModel):
    """One agent's talk in the call."""

    offer: str
    agent: str
    queue: str
    state: Literal["due", "before", "begun", "done", "no-sound", "failed"]
    """due: not analysed yet; before: filed before there were such checks; no-sound: only the call log was checked, `why` says the reason."""
    why: str
    analysed_at: datetime | None
    agent_share: float | None
    """The agent's part of all speech, 0 to 1; null: not known."""
    findings: list[FoundInTalk]
    """In the order of time; those without a second last."""


class CallFindings(ApiModel):
    """The talks of the call, in order."""

    talks: list[TalkFindings]


async def call_findings(asked: Asked) -> CallFindings:
    """What the automatic checks found in the call's talks. The audit log has a line."""
    call = asked.word("call")
    async with from_store(asked.context):
        await opened_call(asked, call)
        async with asked.context.store.transaction() as connection:
            talks = await analysis.of_call(connection, call, asked.scope.part)
    return of_talks(talks)


def of_talks(talks: Sequence[StoredAnalysis]) -> CallFindings:
    """Each talk with its findings in words."""
    return CallFindings(talks=[_talk(each) for each in talks])


def _talk(talk: StoredAnalysis) -> TalkFindings:
    return TalkFindings.model_validate(
        {
            "offer": talk.offer,
            "agent": talk.agent,
            "queue": talk.queue,
            "state": talk.state,
            "why": talk.why,
            "analysed_at": talk.analysed_at,
            "agent_share": talk.share,
            "findings": [_finding(one) for one in talk.findings],
        }
    )


def _finding(one: StoredFinding) -> FoundInTalk:
    said = {
        "name_zh": words.name(one.kind, "zh"),
        "name_en": words.name(one.kind, "en"),
        "zh": words.rule(one.kind, one.value, one.bound, "zh"),
        "en": words.rule(one.kind, one.value, one.bound, "en"),
    }
    measured = {name: getattr(one, name) for name in ("kind", "side", "from_s", "to_s", "value")}
    return FoundInTalk.model_validate(measured | said | {"limit": one.bound})


ROUTES = [
    Route(
        "GET",
        f"/api/calls/{{call:{CALL_ID}}}/findings",
        call_findings,
        "recordings-hear",
        "What the automatic checks found in a call's talks, with seconds and rules",
        answer=CallFindings,
        refusals={404: "unknown-call", 503: "store-away"},
    ),
]
