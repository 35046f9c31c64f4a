"""The rendered dialplan: a lint of every line, whatever it is for."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from acd.calls_out import CallsOut
from acd.pbx.actions import listening, phone_tests
from acd.pbx.conf.render import UnfitForConf, render
from acd.pbx.conf.settings import (
    Arrivals,
    PbxTrunk,
)
from acd.pbx.recovery.resync import ROUTINES
from acd.telephone_numbers import LONGEST
from tests.pbx.support.pjsip import endpoints
from tests.pbx.support.rendered_conf import contexts, rows_of, settings_in

CALLERS_OWN = (
    "CALLERID",
    "CONNECTEDLINE",
    "REDIRECTING",
    "EXTEN",
    "PJSIP_HEADER",
    "remote_uri",
    "SIPREFERTOHDR",
    "SIPREFERREDBYHDR",
)
"""What a caller, or a telephone, can put text into."""
FORBIDDEN = re.compile(
    r"\b(System|TrySystem|Originate|ExternalIVR|Exec|TryExec|EAGI|DeadAGI|SendURL|ChannelRedirect)\s*\("
    r"|\b(SHELL|EVAL|EVAL_EXTEN|CURL|FILE|ENV|ODBC_\w+|REALTIME\w*|AST_CONFIG)\s*\("
)
CONTEXTS_WITH_S = {
    "record-again",
    "closed-for-now",
    "auto-answer",
    "arrive",
    "menu",
    "waiting",
    "connect",
    "talked",
    "place",
    "hold",
    "holding",
    "verify",
    "consult",
    "consulted",
    "left",
    "join",
    "conference",
    "handed-on",
    "after-call",
    "survey",
    "survey-word",
    "alone",
    "alone-talk",
    "agent-gone",
    "measured",
    "unrecorded",
    "masked",
    "gone",
    "nobody",
    "whisper",
    "whispered",
    "accept",
    "test-ring",
    "tested",
    "test-over",
    "listen-ring",
    "listening",
    "listen-wait",
    "listen",
    "confirm",
    "wrong-code",
    "code-refused",
    "code-not-now",
    "offer-callback",
    "voicemail",
    "message",
    "send-on",
    "sent-on",
    "no-callback",
    "ask-key",
    "next-trunk",
    "trunk-tried",
    "trunk-over",
    "called-back",
    "let-go",
    "handed-over",
    "host-of",
    "own-dial",
    "not-now",
    "refused",
    "transfer-code",
    "keyed",
    "one-key",
    "self-call",
    "self-call-out",
    "self-call-came",
    "self-call-line",
    "self-call-over",
    "called-story",
    "story-over",
    "who-calls",
    "header-number",
    "admit",
    "not-taken",
    "press-one",
    "number-carrier",
    "number-registered",
}


def outside_filter(text: str) -> str:
    """The text without all that stands inside ${FILTER(…)}."""
    while (start := text.find("${FILTER(")) >= 0:
        depth, end = 0, start
        for end in range(start, len(text)):
            depth += {"{": 1, "}": -1}.get(text[end], 0)
            if depth == 0 and end > start + 1:
                break
        text = text[:start] + text[end + 1 :]
    return text


def test_nothing_in_the_dialplan_runs_a_program_or_reads_a_file(etc: Path):
    whisper = "Local/s@whispered/n,app,ChanSpy,${CHANNEL(name)}\\,qWES,,5,av(WORDS=${WORDS})"
    for context, lines in contexts(etc)[0].items():
        for extension, application, arguments in lines:
            if (context, application) == ("whisper", "Originate"):
                # It names no number: one half plays files that the daemon has chosen, the other is at the ear of this very channel.
                assert arguments == whisper
                continue
            assert not FORBIDDEN.search(f"{application}({arguments})"), (context, extension, application, arguments)


def test_what_a_caller_controls_stands_inside_filter_only(etc: Path):
    seen = Counter[str]()
    for context, lines in contexts(etc)[0].items():
        for _, application, arguments in lines:
            reading = re.sub(
                r"^CALLERID\((num|name)\)=|\?Set\(CALLERID\(num\)=|^PJSIP_HEADER\(add,[A-Z][A-Za-z-]+\)=", "", arguments
            )
            assert not any(f"{word}" in outside_filter(reading) for word in CALLERS_OWN), (
                context,
                application,
                arguments,
            )
            seen[context] += any(word in reading for word in CALLERS_OWN)
    assert +seen == {
        "handed-over": 2,  # the domain of a REFER and of who sent it
        "any-digits": 2 * LONGEST,  # the called number, of which the pattern lets digits and a plus through
        "header-number": 1,
        "self-call": 1,  # the token of a local loop
        "self-call-came": 1,  # the number that a carrier asserts then
        "who-calls": 2,  # lines: Privacy and a word of From; the carrier's two headers
    }


def test_the_outside_is_dialled_by_one_room_alone_through_the_trunk_and_never_where_a_caller_says(etc: Path):
    dials = [(c, a) for c, rows in contexts(etc)[0].items() for _, application, a in rows if application == "Dial"]
    assert [context for context, _ in dials] == [
        *("connect", "connect", "test-ring"), *("consult", "consult", "consult"), "send-on", "listen-ring",
    ]  # fmt: skip
    # An agent's own place, or his name; what [place] makes of it has passed FILTER.
    assert all(dials[number][1].startswith("${PLACE},20,") for number in (0, 2, 3))
    outside = "PJSIP/${FILTER(0-9+,${CALL_TO})}@${WAY},"
    assert all(dials[number][1].startswith(f"{outside}40,") for number in (1, 4))
    assert all(dials[number][1].startswith(f"{outside}30,") for number in (5, 6))
    assert dials[7][1].startswith("${PLACE},30,")
    # A telephone's 302 is followed nowhere.
    assert all(re.search(r"gi(\$\{AUTO\})?[UFG]\(", arguments) for _, arguments in dials)
    chosen = [
        (c, a) for c, rows in contexts(etc)[0].items() for _, _, a in rows if a.startswith(("WAY=", "WAYS_LEFT="))
    ]
    assert [context for context, _ in chosen] == [
        "connect",
        "consult",
        "consult",
        "send-on",
        "next-trunk",
        "next-trunk",
    ]
    assert all("FILTER" in arguments for context, arguments in chosen if context == "next-trunk")
    assert "WAYS_OUT = trunk-carrier,trunk-registered\n" in (etc / "extensions.conf").read_text()
    places = [a for rows in contexts(etc)[0].values() for _, _, a in rows if "PLACE=" in a]
    assert len(places) == 2 and "Set(PLACE=${WRITTEN}?" in places[1] and "Set(PLACE=PJSIP/${ARG1})" in places[1]
    setting = [
        (c, a)
        for c, rows in contexts(etc)[0].items()
        for _, _, a in rows
        if any(f"{name}=" in a for name in ("SEND_ON_TO", "CONSULT_TO", "OUTSIDE"))
    ]
    assert setting == []  # the daemon alone sets it
    for context, variable in (
        *(("send-on", "SEND_ON_TO"), ("consult", "CONSULT_TO")),
        *(("connect", "CUT(OUTSIDE,\\,,2)"), ("consult", "CUT(OUTSIDE,\\,,2)")),
    ):
        rows = [(application, arguments) for _, application, arguments in contexts(etc)[0][context]]
        # [next-trunk] makes CALL_TO, the number as the trunk wants it, of this one alone.
        [at] = [number for number, (_, a) in enumerate(rows) if a.startswith("next-trunk,s,1(") and variable in a]
        assert rows[at + 2][0] == "Dial" and "${CALL_TO}" in rows[at + 2][1]
        before = [a for application, a in rows[:at] if application == "GotoIf" and "?barred" in a and variable in a]
        listed = f'$["${{DIALPLAN_EXISTS(outside,x${{FILTER(0-9+,${{{variable}}})}},1)}}" != "1"]?barred'
        assert before == [listed], context


def test_the_numbers_that_may_be_dialled_stand_in_the_dialplan_one_by_one_and_the_forbidden_do_not(tmp_path: Path):
    numbers = ("10086", "+8613900009999", "110", "95000", "16812345", "+881612345678")
    etc = render(settings_in(tmp_path, calls_out=CallsOut(numbers=numbers))).parent
    assert [row[0] for row in contexts(etc)[0]["outside"]] == ["x10086", "x+8613900009999", "i", "t", "h"]
    with pytest.raises(UnfitForConf):
        render(settings_in(tmp_path, calls_out=CallsOut(numbers=("_X.",), allow=("_X.",)), numbers={"_X.": "zh"}))


def test_three_actions_alone_call_numbers_by_themselves(tmp_path: Path):
    """Every Originate of a number passes the wall of one of three: a callback's, that of a call with a story, and that of the hotline's call to itself."""
    root = Path(__file__).resolve().parents[3]
    saying = [
        str(file.relative_to(root))
        for folder in ("acd", "ivr", "recordings", "agi_scripts")
        for file in sorted((root / folder).rglob("*.py"))
        if "node_modules" not in file.parts and re.search(r"[\"']Originate[\"']", file.read_text(encoding="utf-8"))
    ]
    assert saying == [
        "acd/pbx/actions/callbacks.py",
        "acd/pbx/actions/listening.py",
        "acd/pbx/actions/phone_tests.py",
        "acd/pbx/actions/self_call.py",
        "acd/pbx/actions/story_calls.py",
    ]
    # That of phone_tests names no number, no trunk and no channel of an agent: its Local channel runs [test-ring], which dials with `i`.
    fields = phone_tests.fields_of("1001")
    assert (fields["Channel"], fields["Context"], fields["Exten"]) == ("Local/s@test-ring/n", "test-over", "s")
    assert fields["Variable"] == ["TESTED=1001"]
    assert set(fields) == {"Channel", "Context", "Exten", "Priority", "Timeout", "Async", "Variable"}
    # That of listening is the same: [listen-ring] dials, and the id and the label have passed.
    fields = listening.fields_of("ls-0123456789abcdef", "c1-1", "1001", 'Listening "138"')
    assert (fields["Channel"], fields["Context"], fields["Exten"]) == ("Local/s@listen-ring/n", "test-over", "s")
    assert "LISTEN_LABEL=Listening 138" in fields["Variable"]
    with pytest.raises(ValueError, match="can't be rung"):
        listening.fields_of("ls-0123456789abcdef", "c1-1", "1001@elsewhere", "")


def test_nothing_that_dials_follows_a_forward(etc: Path):
    """`i` among the options of each Dial and Queue: Asterisk else dials whatever a 302 names, in the dialled channel's context."""
    options = []
    for context, lines in contexts(etc)[0].items():
        for _, application, arguments in lines:
            if application in ("Dial", "Queue"):
                places = re.split(r",(?![^()]*\))", re.sub(r"\$\{[^{}]*(\{[^{}]*\}[^{}]*)*\}", "x", arguments))
                options.append(
                    (context, re.sub(r"\([^()]*(\([^()]*\))?[^()]*\)", "", places[1 if application == "Queue" else 2]))
                )
    assert {context for context, _ in options} >= {"connect", "consult", "send-on", "alone"}
    assert all("i" in letters for _, letters in options), options
    for name, endpoint in endpoints((etc / "pjsip.conf").read_text()).items():
        assert name == "sanxiang-probe" or "FORWARD_CONTEXT=no-transfer" in endpoint.all("set_var"), name


def test_agiexitonhangup_stands_before_each_agi(etc: Path):
    stories = []
    for lines in contexts(etc)[0].values():
        for before, (_, application, arguments) in zip([("", "", ""), *lines], lines, strict=False):
            if application == "AGI":
                assert before[1:] == ("Set", "AGIEXITONHANGUP=yes")
                stories.append(arguments.rsplit("/", 1)[1])
    assert sorted(stories) == sorted(
        2
        * [
            "hotline",
            "waiting_room",
            "callback_offer",
            "goodbye",
            "agent_login",
            "verify",
            "survey",
            "${FILTER(a-z_,${STORY})}",
        ]
    )


def test_patterns_are_of_fixed_length_and_of_digits_and_trunks_reach_the_hotlines_numbers_only(etc: Path):
    """What a pattern matches stands in Asterisk's events as it was sent: so it must not match any other character, nor any
    number of them."""
    lines, includes = contexts(etc)
    patterns = {(context, line[0]) for context, rows in lines.items() for line in rows if line[0].startswith("_")}
    wrong = {("from-agents", f"_*1{code}{'X' * digits}") for code in (4, 6, 7, 8) for digits in range(1, 9)}
    any_ = {("any-digits", f"_{plus}{'X' * digits}") for plus in ("", "+") for digits in range(1, 21)}
    assert patterns == any_ | wrong
    own = {"95000", "+8695000", "8695000", "008695000", "095000", "+8695001", "8695001", "008695001", "095001", "95001"}
    assert includes == {name: [] for name in includes} | {
        "from-trunk-carrier": ["any-writing", "any-digits"],
        "from-trunk-registered": ["any-writing", "any-digits"],
        "from-guests": ["hotline"],
        "any-writing": ["hotline"],
        "no-caller": ["any-writing"],
        "from-agents": includes["from-agents"],
    }
    assert {line[0] for context in ("any-writing", "hotline") for line in lines[context]} == own | {"i", "t", "h"}
    assert {line[0] for line in lines["from-trunk-carrier"]} == {"i", "t", "h"}
    assert {line[0] for line in lines["from-trunk-registered"]} == {"hotline", "i", "t", "h"}  # the account, in the URI
    going = [
        a
        for context, rows in lines.items()
        if context.startswith(("from-trunk", "any-", "number-"))
        for _, does, a in rows
        if does.startswith("Goto")
    ]
    there = {"arrive", "hotline", "number-registered", "number-${TRUNK}"}
    assert {goes.split(",")[-3] for goes in going} == there
    pjsip, modules = (etc / "pjsip.conf").read_text(), (etc / "modules.conf").read_text()
    assert pjsip.count("trust_id_inbound = no\n") == pjsip.count("trust_id_inbound") == 2
    assert "diversion" not in modules


DID = [
    (("uri",), [], {"i", "t", "h"}),
    (("uri", "to"), ["To"], {"i", "t", "h"}),
    (("to",), ["To"], {"acc1", "4006009500", "i", "t", "h"}),
    (
        ("diversion", "p-called-party-id", "uri"),
        [*4 * ["Diversion"], "P-Called-Party-ID"],
        {"acc1", "4006009500", "i", "t", "h"},
    ),
]


@pytest.mark.parametrize(("did_from", "headers", "literal"), DID)
def test_the_called_number_is_looked_for_where_the_trunk_says(
    tmp_path: Path, did_from: tuple[str, ...], headers: list[str], literal: set[str]
):
    """The request's URI counts only where it is named; the account and, were it ours, its number are then no number called."""
    how = Arrivals(did_from=did_from, accounts=("acc1", "4006009500") if did_from[0] != "uri" else ())
    trunk = PbxTrunk("carrier", ("192.0.2.10",), arrivals=replace(how, default_number="+8695001"))
    lines, includes = contexts(render(settings_in(tmp_path, trunks=(trunk,))).parent)
    assert ("any-writing" in includes["from-trunk-carrier"]) == (did_from[0] == "uri")
    assert {line[0] for line in lines["from-trunk-carrier"]} == literal
    steps = [line[2] for line in lines["number-carrier"] if line[0] == "s"]
    assert [read for step in steps for read in re.findall(r"header-number,s,1\(([A-Za-z-]+),", step)] == headers
    assert "hotline,+8695001,1" in steps and ("NUMBER=${IN_URI}" in steps) == ("uri" in did_from[1:])


def test_every_context_has_its_dead_ends_and_every_jump_its_target(etc: Path):
    lines, _ = contexts(etc)
    for context, rows in lines.items():
        if context in ("general", "globals"):
            continue
        assert {"i", "t", "h"} <= {row[0] for row in rows}, context
        assert ("s" in {row[0] for row in rows}) == (context in CONTEXTS_WITH_S), context
        for _, application, arguments in rows:
            for target in re.findall(r"\b([a-z-]+),s,", arguments if application in ("Goto", "GotoIf") else ""):
                assert target in CONTEXTS_WITH_S, (context, arguments)
    labels = {context: _labels(etc, context) for context in lines}
    for context, rows in lines.items():
        for _, application, arguments in rows:
            if application in ("Goto", "GotoIf"):
                for label in re.findall(r"(?:\?|:|^)(\w+)$", arguments):
                    assert label in labels[context], (context, arguments)


def _labels(etc: Path, context: str) -> set[str]:
    found, current = set(), ""
    for row in rows_of(etc / "extensions.conf"):
        if section := re.fullmatch(r"\[([a-z-]+)\]", row):
            current = section[1]
        elif current == context and (label := re.match(r"same => n\((\w+)\)", row)):
            found.add(label[1])
    return found


def test_whoever_is_in_a_routine_is_looked_for_in_the_room_that_called_it(etc: Path):
    """But for what an agent's key does, for who is about to be gone, and for the calls with a story and the hotline's to itself, which have no caller."""
    called = {
        (arguments if application == "Gosub" else arguments.rpartition("?")[2]).partition(",")[0]
        for context, rows in contexts(etc)[0].items()
        for extension, application, arguments in rows
        if application in ("Gosub", "GosubIf")
        and extension != "h"
        and context not in ("gone", "agent-gone", "called-story")
        and not context.startswith("self-call")
    }
    assert called | {"record-again"} == ROUTINES, "that one is called by the daemon's key: features.conf"


def test_a_callers_channel_never_gets_a_transfer_context_and_trunks_refuse_refer(etc: Path):
    lines, _ = contexts(etc)
    setting = [(c, a) for c, rows in lines.items() for _, _, a in rows if "TRANSFER_CONTEXT" in a]
    assert setting == []  # never on a caller's channel; the agents' endpoints bring it
    pjsip = (etc / "pjsip.conf").read_text()
    assert "[1001](an-agent)" in pjsip
    assert "set_var = TRANSFER_CONTEXT=by-phone\n" in pjsip[pjsip.index("[1001](an-agent)") :]
    trunk = pjsip[pjsip.index("[a-caller](!)") : pjsip.index("[an-agent](!)")]
    assert (
        "allow_transfer = no\n" in trunk and "callerid = unknown <000>\n" in trunk and "trust_id_inbound = no" in trunk
    )
    assert "anonymous" not in (etc / "modules.conf").read_text()
