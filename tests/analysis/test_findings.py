"""What is to be found is found where it is, and its like is not; thresholds decide."""

from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest

from acd.config.analysis import AnalysisTable, FindingKind, QueueAnalysis, analysis_mistakes, of_queue
from acd.engine.commands import Span
from acd.store.queries.analysis import Told
from acd.words import analysis as words
from recordings.analysis import of_events, of_sound
from recordings.analysis.findings import Finding
from recordings.analysis.measured import Measured, Side, measure
from tests.support.labelled_talks import Builder, as_wav

RULES = AnalysisTable()
AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TOLD = Told("caller", "zh/1", (), (AT + timedelta(seconds=70),), True)


def voices(caller: list[tuple[float, float]], agent: list[tuple[float, float]], seconds: float = 100.0) -> Measured:
    return Measured(seconds, Side(caller, []), Side(agent, []))


def kinds(found: list[Finding]) -> list[str]:
    return [one.kind for one in found]


def test_a_greeting_is_in_time_late_or_never_there() -> None:
    assert of_sound.greeting(voices([], [(2.9, 4)]), [], RULES) == []
    (late,) = of_sound.greeting(voices([], [(1.0, 1.1), (3.4, 5)]), [], RULES)  # a click is no greeting
    assert (late.value, late.limit, late.to_s) == (3.4, 3, 3.4)
    (never,) = of_sound.greeting(voices([(0, 90)], []), [], RULES)
    assert never.value is None and "not heard at all" in words.rule("greeting-late", None, 3.0, "en")
    assert of_sound.greeting(voices([], [], seconds=2.0), [], RULES) == []
    assert of_sound.greeting(voices([], [(9, 12)]), [(0.0, 8.0)], RULES) == [], "a leg that begins masked"
    (late,) = of_sound.greeting(voices([], [(9, 12)]), [(4.0, 8.0)], RULES)
    assert late.value == 9


def test_dead_air_is_what_both_leave_and_no_hold_is() -> None:
    talk = voices([(0, 20), (50, 60)], [(20, 30), (60, 99)])
    (found,) = of_sound.dead_air(talk, [], RULES)
    assert (found.from_s, found.to_s, found.value) == (30, 50, 20)
    assert of_sound.dead_air(talk, [(29, 51)], RULES) == []
    assert of_sound.dead_air(talk, [], AnalysisTable(dead_air_s=21)) == []


def test_an_interruption_is_long_and_in_the_middle() -> None:
    def found(caller: tuple[float, float], agent: tuple[float, float], **rules: float) -> list[Finding]:
        return of_sound.interruptions(voices([caller], [agent]), [], AnalysisTable(**rules))  # type: ignore[arg-type]

    (one,) = found((10, 20), (12, 15))
    assert (one.from_s, one.to_s, one.value, one.side) == (12, 15, 3.0, "agent")
    assert found((10, 20), (12, 12.8)) == []  # a short "yes"
    assert found((10, 20), (19.5, 25)) == []  # at the end of the sentence
    assert found((10, 20), (10.2, 25)) == []  # both began at once
    assert found((12, 15), (10, 20)) == []  # the caller interrupts
    assert found((10, 20), (12, 15), interruption_s=3.5) == []


def test_a_share_of_speech_is_judged_where_there_is_enough() -> None:
    (most,) = of_sound.talk_share(voices([(0, 10)], [(10, 90)]), RULES)
    assert (most.value, most.limit) == (0.889, 0.8)
    (least,) = of_sound.talk_share(voices([(0, 95)], [(95, 100)]), RULES)
    assert (least.value, least.limit) == (0.05, 0.1)
    assert of_sound.talk_share(voices([(0, 2)], [(2, 25)]), RULES) == []
    assert of_sound.agents_share(voices([], [])) is None


def test_a_raised_voice_is_louder_and_higher_than_the_speakers_own() -> None:
    calm = [(n * 0.5, -25.0, 120.0) for n in range(20)]
    loud = [(n * 0.5, -15.0, 120.0) for n in range(20, 26)]
    high = [(n * 0.5, -25.0, 170.0) for n in range(20, 26)]
    both = [(n * 0.5, -15.0, 170.0) for n in range(20, 26)]
    for voice, expected in ((calm + loud, []), (calm + high, []), (calm + both, [(10.0, 13.0)]), (both, [])):
        found = of_sound.raised_voice("caller", Side([], voice), [], RULES)
        assert [(one.from_s, one.to_s) for one in found] == expected
    assert of_sound.raised_voice("caller", Side([], calm + both), [(9.9, 13.1)], RULES) == []


@pytest.mark.parametrize(("codec", "decibels"), [("none", None), ("A-law", 25.0), ("Opus", 25.0)])
def test_a_talk_of_voices_has_what_was_put_into_it_and_no_more(codec: str, decibels: float | None) -> None:
    builder = Builder(7)
    builder.at = 5.0
    builder.label("greeting-late", "agent", 0.0, 5.0)
    builder.say("agent", 0.0)
    for side in ("caller", "agent") * 4:
        builder.say(side)
    builder.silence(13.0, counts=True)
    builder.say("agent", 0.0)
    builder.shout("caller")
    for side in ("agent", "caller") * 3:
        builder.say(side)
    builder.agree()
    builder.silence(6.0, counts=False)
    builder.say("agent", 0.0)
    one = builder.done(codec, decibels)
    found = of_sound.all_of(measure(as_wav(one)), [], RULES)
    assert [(each.kind, each.side) for each in found] == [(each.kind, each.side) for each in one.labels]
    for each, label in zip(found, one.labels, strict=True):
        assert each.from_s == pytest.approx(label.from_s, abs=1.0), each


def test_what_the_log_tells_is_held_against_the_rules() -> None:
    def found(told: Told, spans: list[Span] | None = None, rules: AnalysisTable = RULES) -> list[Finding]:
        return of_events.all_of(told, spans or [], 60.0, AT, AT + timedelta(seconds=60), rules)

    assert found(TOLD) == []
    assert kinds(found(Told("agent", "", (), (), False))) == [
        "agent-hung-up", "not-announced", "no-note", "no-disposition",
    ]  # fmt: skip
    assert found(Told("transfer", "zh/1", (), (), False)) == []  # the next agent ends the matter
    (late,) = found(Told("caller", "zh/1", (), (AT + timedelta(seconds=150),), True))
    assert (late.kind, late.value, late.limit) == ("note-late", 90.0, 60)
    holds: list[Span] = [{"kind": "hold", "from_s": 5.0 * n, "to_s": 5.0 * n, "lasted_s": 20.0} for n in range(1, 5)]
    (many,) = found(TOLD, holds)
    assert (many.kind, many.from_s, many.value, many.limit) == ("holds-many", 20.0, 4, 3)
    (long,) = found(TOLD, [{"kind": "hold", "from_s": 9.0, "to_s": 9.0, "lasted_s": 121.0}])
    assert (long.kind, long.from_s, long.value) == ("hold-long", 9.0, 121.0)
    # 40 s after the connection, of which 20 s on hold are in no recording; a mask over the hold does not make them 40
    masked: Span = {"kind": "masked", "from_s": 5.0, "to_s": 5.0, "lasted_s": 20.0}
    for spans in (holds[:1], [*holds[:1], masked]):
        (handed,) = found(Told("transfer", "zh/1", (AT + timedelta(seconds=40),), (), False), spans)
        assert (handed.kind, handed.from_s) == ("transfer-without-reason", 20.0)


def test_every_kind_has_a_name_and_a_rule_in_both_languages() -> None:
    for kind in get_args(FindingKind):
        for language in ("en", "zh"):
            assert words.name(kind, language) and words.rule(kind, 4.0, 3.0, language)
    assert set(words.NAMES) == set(get_args(FindingKind))


def test_a_queue_has_thresholds_of_its_own() -> None:
    own = QueueAnalysis(dead_air_s=20, leave_out=["talk-share"])
    rules = of_queue(RULES, own)
    assert (rules.dead_air_s, rules.greeting_s, rules.leave_out) == (20, 3, ["talk-share"])
    assert of_queue(RULES, None) == RULES
    assert list(analysis_mistakes(RULES, {"orders": own})) == []
    (sentence,) = analysis_mistakes(RULES, {"orders": QueueAnalysis(talk_share_least=0.9)})
    assert sentence.startswith("queues.orders.analysis: a share of at least 0.9")


@pytest.mark.parametrize(
    ("field", "value"), [("greeting_s", 0), ("greeting_s", float("nan")), ("holds", -1), ("talk_share_most", 1.2), ("leave_out", ["anger"]), ("talk_share_least", 0.9)]
)  # fmt: skip
def test_a_threshold_that_can_not_be_is_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        AnalysisTable.model_validate({field: value})
