"""The rendered configuration: a lint of the dialplan, and values that are refused."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acd.calls_out import CallsOut
from acd.pbx.actions import phone_tests
from acd.pbx.conf.render import LONGEST_SOCKET, NoMusic, UnfitForConf, render
from acd.pbx.conf.settings import (
    Arrivals,
    Outwards,
    PbxAgent,
    PbxGuest,
    PbxMedia,
    PbxQueue,
    PbxSettings,
    PbxTrunk,
    Secrets,
)
from acd.pbx.recovery.resync import ROUTINES
from acd.telephone_numbers import LONGEST
from tests.pbx.support.pjsip import BY_NAME, Section, endpoints, sections, unguarded
from tests.support.audio import tone

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
    "arrive",
    "menu",
    "waiting",
    "connect",
    "talked",
    "place",
    "hold",
    "holding",
    "consult",
    "consulted",
    "left",
    "join",
    "conference",
    "handed-on",
    "after-call",
    "alone",
    "alone-talk",
    "agent-gone",
    "measured",
    "unrecorded",
    "gone",
    "nobody",
    "whisper",
    "accept",
    "test-ring",
    "tested",
    "test-over",
    "confirm",
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
    "who-calls",
    "header-number",
    "admit",
    "not-taken",
    "press-one",
    "number-carrier",
    "number-registered",
}


def settings_in(folder: Path, **changes: Any) -> PbxSettings:
    tone(folder / "moh" / "hold.wav", 300, 0.1)
    plain = PbxSettings(
        run_folder=folder / "run",
        moddir=Path("/usr/lib/asterisk/modules"),
        datadir=Path("/usr/share/asterisk"),
        sounds_folder=folder / "sounds",
        moh_folder=folder / "moh",
        recordings_folder=folder / "recordings",
        agi_folder=folder / "agi",
        secrets=Secrets.made_anew(),
        sip_port=5060,
        ami_port=5038,
        agi_port=4573,
        rtp_start=10000,
        rtp_end=10100,
        trunks=(
            PbxTrunk("carrier", ("192.0.2.10", "198.51.100.0/24")),
            PbxTrunk("registered", (), "sip.example.com", "hotline", "secret-of-ours", resolved=("203.0.113.7",)),
        ),
        guests=(PbxGuest("guest", "guest-password"),),
        agents=(PbxAgent("1001", "password-1001", "Amy"),),
        queues=(PbxQueue("billing"), PbxQueue("after-sales")),
        numbers={"95000": "ask", "+8695001": "zh"},
    )
    return replace(plain, **changes)


Line = tuple[str, str, str]
"""Extension, application, its arguments."""


def contexts(etc: Path) -> tuple[dict[str, list[Line]], dict[str, list[str]]]:
    """Context to its lines in order, and to the contexts that it includes."""
    lines: dict[str, list[Line]] = {}
    includes: dict[str, list[str]] = {}
    context = extension = ""
    for row in _rows(etc / "extensions.conf"):
        if found := re.fullmatch(r"\[([a-z-]+)\]", row):
            context = found[1]
            lines.setdefault(context, [])
            includes.setdefault(context, [])
        elif found := re.fullmatch(r"include => (\S+)", row):
            includes[context].append(found[1])
        elif found := re.fullmatch(r"exten => ([^,]+),1,(\w+)\((.*)\)", row):
            extension = found[1]
            lines[context].append((extension, found[2], found[3]))
        elif found := re.fullmatch(r"same => n(?:\(\w+\))?,(\w+)\((.*)\)", row):
            lines[context].append((extension, found[1], found[2]))
        else:
            assert re.fullmatch(r"\w[\w+-]* ?=.*", row) and context in ("general", "globals"), row
    return lines, includes


def _rows(file: Path) -> Iterator[str]:
    for row in file.read_text(encoding="utf-8").splitlines():
        text = row.strip()
        if found := re.fullmatch(r"#include (\S+)", text):
            yield from _rows(file.parent / found[1])
        elif text and not text.startswith(";"):
            yield text


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    return render(settings_in(tmp_path)).parent


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
    for context, lines in contexts(etc)[0].items():
        for extension, application, arguments in lines:
            assert not FORBIDDEN.search(f"{application}({arguments})"), (context, extension, application, arguments)


def test_what_a_caller_controls_stands_inside_filter_only(etc: Path):
    seen = Counter[str]()
    for context, lines in contexts(etc)[0].items():
        for _, application, arguments in lines:
            reading = re.sub(r"^CALLERID\((num|name)\)=|\?Set\(CALLERID\(num\)=", "", arguments)
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
        *("connect", "connect", "test-ring"), *("consult", "consult", "consult"), "send-on",
    ]  # fmt: skip
    # An agent's own place, or his name; what [place] makes of it has passed FILTER.
    assert all(dials[number][1].startswith("${PLACE},20,") for number in (0, 2, 3))
    outside = "PJSIP/${FILTER(0-9+,${CALL_TO})}@${WAY},"
    assert all(dials[number][1].startswith(f"{outside}40,") for number in (1, 4))
    assert all(dials[number][1].startswith(f"{outside}30,") for number in (5, 6))
    # A telephone's 302 is followed nowhere.
    assert all(re.search(r"gi[UF]\(", arguments) for _, arguments in dials)
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


def test_two_actions_alone_call_numbers_by_themselves(tmp_path: Path):
    """Every Originate of a number passes the wall of one of two: a callback's, and that of the hotline's call to itself."""
    root = Path(__file__).resolve().parents[2]
    saying = [
        str(file.relative_to(root))
        for folder in ("acd", "ivr", "recordings", "agi_scripts")
        for file in sorted((root / folder).rglob("*.py"))
        if "node_modules" not in file.parts and re.search(r"[\"']Originate[\"']", file.read_text(encoding="utf-8"))
    ]
    assert saying == ["acd/pbx/actions/callbacks.py", "acd/pbx/actions/phone_tests.py", "acd/pbx/actions/self_call.py"]
    # That of phone_tests names no number, no trunk and no channel of an agent: its Local channel runs [test-ring], which dials with `i`.
    fields = phone_tests.fields_of("1001")
    assert (fields["Channel"], fields["Context"], fields["Exten"]) == ("Local/s@test-ring/n", "test-over", "s")
    assert fields["Variable"] == ["TESTED=1001"]
    assert set(fields) == {"Channel", "Context", "Exten", "Priority", "Timeout", "Async", "Variable"}


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


def test_who_is_silent_is_asked_and_nobody_is_hung_up_on_for_it(etc: Path):
    for name, endpoint in endpoints((etc / "pjsip.conf").read_text()).items():
        if name != "sanxiang-probe":
            wanted = {"timers": "always", "rtp_timeout": "0", "rtp_timeout_hold": "0", "dtmf_mode": "auto"}
            assert {key: endpoint.get(key) for key in wanted} == wanted, name
    modules = (etc / "modules.conf").read_text()
    assert "res_pjsip_dlg_options.so" in modules and "res_pjsip_dtmf_info.so" not in modules
    assert "res_hep" not in modules and "doubled" not in (etc / "features.conf").read_text()


WAYS_OUT = [
    (PbxTrunk("a", ("192.0.2.0/24", "192.0.2.10")), "sip:192.0.2.10"),
    (PbxTrunk("a", ("2001:db8::1",)), "sip:[2001:db8::1]"),
    (PbxTrunk("a", ("192.0.2.10",), outbound="sip.example.com:5080"), "sip:sip.example.com:5080"),
    (PbxTrunk("a", (), "sip.example.com", "hotline", "secret-of-ours"), "sip:sip.example.com"),
    (PbxTrunk("a", ("192.0.2.0/24",)), ""),
]


@pytest.mark.parametrize(("trunk", "contact"), WAYS_OUT)
def test_the_first_trunk_that_can_be_dialled_is_the_way_out(tmp_path: Path, trunk: PbxTrunk, contact: str):
    settings = settings_in(tmp_path, trunks=(PbxTrunk("takes-only", ("198.51.100.0/24",)), trunk))
    assert list(settings.ways_out) == (["trunk-a"] if contact else [])
    etc = render(settings).parent
    pjsip = (etc / "pjsip.conf").read_text()
    assert re.findall(r"(?m)^contact = (.*)$", pjsip) == ([contact] if contact else [])
    assert f"WAYS_OUT = {'trunk-a' if contact else ''}\n" in (etc / "extensions.conf").read_text()


def test_agiexitonhangup_stands_before_each_agi(etc: Path):
    stories = []
    for lines in contexts(etc)[0].values():
        for before, (_, application, arguments) in zip([("", "", ""), *lines], lines, strict=False):
            if application == "AGI":
                assert before[1:] == ("Set", "AGIEXITONHANGUP=yes")
                stories.append(arguments.rsplit("/", 1)[1])
    assert sorted(stories) == sorted(2 * ["hotline", "waiting_room", "callback_offer", "goodbye", "agent_login"])


def test_patterns_are_of_fixed_length_and_of_digits_and_trunks_reach_the_hotlines_numbers_only(etc: Path):
    """What a pattern matches stands in Asterisk's events as it was sent: so it must not match any other character, nor any
    number of them."""
    lines, includes = contexts(etc)
    patterns = {(context, line[0]) for context, rows in lines.items() for line in rows if line[0].startswith("_")}
    assert patterns == {("any-digits", f"_{plus}{'X' * digits}") for plus in ("", "+") for digits in range(1, 21)}
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
    for row in _rows(etc / "extensions.conf"):
        if section := re.fullmatch(r"\[([a-z-]+)\]", row):
            current = section[1]
        elif current == context and (label := re.match(r"same => n\((\w+)\)", row)):
            found.add(label[1])
    return found


def test_whoever_is_in_a_routine_is_looked_for_in_the_room_that_called_it(etc: Path):
    """But for what an agent's key does, for who is about to be gone, and for the hotline's calls to itself, which have no caller."""
    called = {
        arguments.partition(",")[0]
        for context, rows in contexts(etc)[0].items()
        for extension, application, arguments in rows
        if application == "Gosub"
        and extension != "h"
        and context not in ("gone", "agent-gone")
        and not context.startswith("self-call")
    }
    assert called == ROUTINES


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


def test_whoever_may_be_identified_by_a_name_has_a_password_and_each_trunk_an_address(etc: Path):
    text = (etc / "pjsip.conf").read_text()
    assert set(endpoints(text)) == {
        "sanxiang-probe",
        "sanxiang-loop",
        "trunk-carrier",
        "trunk-registered",
        "guest",
        "1001",
    }
    assert unguarded(text) == {}
    # Each says for itself how it is identified: Asterisk's default includes the name.
    assert {name: endpoint.get("identify_by") for name, endpoint in endpoints(text).items()} == {
        **dict.fromkeys(("sanxiang-probe", "sanxiang-loop", "guest", "1001"), "username"),
        **dict.fromkeys(("trunk-carrier", "trunk-registered"), "ip"),
    }
    [order] = [section.get("endpoint_identifier_order") for section in sections(text) if section.type == "global"]
    assert order.split(",")[0] == "ip"


OPENED = [
    ("identify_by = ip\n", "", {"trunk-carrier", "trunk-registered"}),
    ("identify_by = ip\n", "identify_by = ip,username\n", {"trunk-carrier", "trunk-registered"}),
    ("identify_by = ip\n", "identify_by = auth_username\n", {"trunk-carrier", "trunk-registered"}),
    ("auth = guest\n", "", {"guest"}),
    ("auth = 1001\n", "auth = 1002\n", {"1001"}),
    ("auth = sanxiang-probe\n", "", {"sanxiang-probe"}),
    ("password = password-1001\n", "password =\n", {"1001"}),
    ("match = 203.0.113.7\n", "", {"trunk-registered"}),
    ("match = 192.0.2.10\n", "match = 0.0.0.0/0\n", {"trunk-carrier"}),
    ("endpoint = trunk-carrier\n", "endpoint = trunk-gone\n", {"trunk-carrier", "trunk-gone"}),
]


@pytest.mark.parametrize(("written", "instead", "named"), OPENED)
def test_the_lint_names_each_endpoint_that_was_opened(etc: Path, written: str, instead: str, named: set[str]):
    text = (etc / "pjsip.conf").read_text()
    assert written in text
    assert set(unguarded(text.replace(written, instead))) == named
    assert BY_NAME.isdisjoint(endpoints(text)["trunk-carrier"].identified_by)


def test_files_are_the_owners_and_hold_no_place_that_nobody_filled(etc: Path):
    for file in etc.iterdir():
        assert file.stat().st_mode & 0o777 == 0o600, file
        assert "@{" not in file.read_text(encoding="utf-8"), file
    assert etc.stat().st_mode & 0o777 == 0o700


def test_every_template_tells_its_story_first():
    from acd.pbx.conf.render import TEMPLATES

    for file in TEMPLATES.glob("*.conf"):
        assert file.read_text(encoding="utf-8").startswith("; "), file


def test_the_mark_and_the_password_are_new_at_each_start_and_found_again(tmp_path: Path):
    first, second = Secrets.made_anew(), Secrets.made_anew()
    assert first.system_name != second.system_name and first.ami_password != second.ami_password
    assert len(first.system_name) <= 19  # Asterisk cuts longer ones off.
    settings = settings_in(tmp_path, secrets=first)
    render(settings)
    assert Secrets.of(settings.run_folder) == first


BREAKS = "a\nb"


def _outwards(changes: dict[str, Any]) -> Outwards:
    return replace(Outwards(), **changes)


UNFIT = [
    ({"bind": "127.0.0.1\nbind=0.0.0.0"}, "bind"),
    ({"sip_port": 70000}, "sip_port"),
    ({"ami_port": "5038; x"}, "ami_port"),
    ({"queues": ()}, "queues"),
    ({"queues": (PbxQueue("billing,s,1"),)}, "queue"),
    ({"queues": (PbxQueue("Billing"),)}, "queue"),
    ({"agents": (PbxAgent("1001]", "password-1001"),)}, "agents"),
    ({"agents": (PbxAgent("1001", "pass word;"),)}, "agents.1001.password"),
    ({"agents": (PbxAgent("1001", BREAKS + "12345678"),)}, "agents.1001.password"),
    ({"guests": (PbxGuest("g\nuest", "guest-password"),)}, "guests"),
    ({"trunks": (PbxTrunk("a b"),)}, "trunk"),
    ({"trunks": (PbxTrunk("a", ("0.0.0.0\nx",)),)}, "trunks.a.addresses"),
    ({"trunks": (PbxTrunk("a", (), "h;x", "user", "password"),)}, "trunks.a.host"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), outbound="h;x"),)}, "trunks.a.outbound"),
    ({"trunks": (PbxTrunk("a", (), "host", "u\nser", "password"),)}, "trunks.a.username"),
    ({"trunks": (PbxTrunk("a", (), "host", "u;ser", "password"),)}, "trunks.a.username"),
    ({"trunks": (PbxTrunk("a", (), "host", "user", "pass\nword"),)}, "trunks.a.password"),
    ({"trunks": (PbxTrunk("a", (), "host", "user", "pass\x00word"),)}, "trunks.a.password"),
    ({"trunks": (PbxTrunk("a", (), "host", "user", ""),)}, "trunks.a.password"),
    ({"trunks": (PbxTrunk("a", (), "host", "user", "x" * 129),)}, "trunks.a.password"),
    *(
        (
            {"trunks": (PbxTrunk("a", (), "host", "user", "password", outwards=_outwards(out)),)},
            f"trunks.a.{next(iter(out))}",
        )
        for out in (
            {"auth_user": "a\nb"},
            {"auth_user": 'a"b'},
            {"realm": "a\rb"},
            {"outbound_proxy": "a;b"},
            {"from_user": "a@b"},
            {"from_user": "a\nb"},
            {"from_domain": "a b"},
            {"number_in": "diversion"},
            {"caller_number": "+86x", "number_in": "pai"},
            {"caller_number": "1)\nexten", "number_in": "from"},
        )
    ),
    ({"trunks": (PbxTrunk("a", (), "host", "user", "password", resolved=("a.b\nc",)),)}, "trunks.a.addresses"),
    ({"numbers": {"_X.": "zh"}}, "numbers"),
    ({"numbers": {"95000": "fr"}}, "numbers.95000"),
    ({"not_ready_reasons": {1: "lunch)\nexten"}}, "not_ready_reasons.1"),
    ({"not_ready_reasons": {12: "lunch"}}, "not_ready_reasons"),
    ({"agents_language": "zh,x"}, "agents_language"),
    ({"external_address": "a b"}, "external_address"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), arrivals=Arrivals(accounts=("_X.",))),)}, "trunks.a.accounts"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), arrivals=Arrivals(accounts=("s",))),)}, "trunks.a.accounts"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), arrivals=Arrivals(accounts=("acc,1",))),)}, "trunks.a.accounts"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), arrivals=Arrivals(default_number="h")),)}, "trunks.a.default_number"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), arrivals=Arrivals(when_full="404")),)}, "trunks.a.when_full"),
    ({"calls": 0}, "limits.calls"),
    ({"calls": "9\nmaxload"}, "limits.calls"),
    ({"menus": -1}, "limits.menus"),
    ({"ask_key_from": "3] ? s"}, "limits.ask_key_from"),
    ({"calls_per_number": -1}, "hotline.calls_per_number"),
    ({"recordings_folder": Path("/tmp/a,b")}, "recordings_folder"),
    ({"sounds_folder": Path("/tmp/${SHELL(x)}")}, "sounds_folder"),
    ({"agi_folder": Path("relative")}, "agi_folder"),
    ({"secrets": Secrets("a" * 20, "has-dash-in-it-12")}, "system_name"),
    ({"asked_every_s": 30}, "asked_every_s"),
    ({"agents_media": PbxMedia(keys="sip-info")}, "sip.agents.keys"),
    ({"agents_media": PbxMedia(encryption="dtls")}, "sip.agents.media_encryption"),
    ({"agents_media": PbxMedia(codecs=("alaw", "g723\nallow = all"))}, "sip.agents.codecs"),
    ({"agents_media": PbxMedia(codecs=("opus",))}, "codecs"),
    ({"agents_media": PbxMedia(no_sound_s=-1)}, "sip.agents.no_sound_s"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), transport="ws"),)}, "trunks.a.transport"),
    ({"trunks": (PbxTrunk("a", ("192.0.2.1",), media=PbxMedia(keys="inband")),)}, "trunks.a.keys"),
    ({"bind_also": "::1]\nbind = x"}, "bind"),
    ({"local_networks": ("10.0.0.0/8\nx",), "external_address": "192.0.2.1"}, "local_networks"),
]


@pytest.mark.parametrize(("change", "field"), UNFIT, ids=[f"{field}-{n}" for n, (_, field) in enumerate(UNFIT)])
def test_a_value_that_could_break_a_line_is_refused_and_nothing_is_written(
    tmp_path: Path, change: dict[str, Any], field: str
):
    with pytest.raises(UnfitForConf) as refused:
        render(settings_in(tmp_path, **change))
    assert str(refused.value).startswith(f"{field}: ")
    assert not (tmp_path / "run").exists()


def test_a_refused_secret_is_not_shown(tmp_path: Path):
    for change in (
        {"agents": (PbxAgent("1001", "my secret;"),)},
        {"trunks": (PbxTrunk("a", (), "host", "user", "my secret\n"),)},
    ):
        with pytest.raises(UnfitForConf) as refused:
            render(settings_in(tmp_path, **change))
        assert "my secret" not in str(refused.value)


def trunk_sections(tmp_path: Path, trunk: PbxTrunk) -> dict[tuple[str, str], Section]:
    """(type, name) to section, of this trunk alone."""
    text = (render(settings_in(tmp_path, trunks=(trunk,))).parent / "pjsip.conf").read_text()
    return {(each.type, each.name): each for each in sections(text) if each.name.startswith("trunk-")}


def test_a_registration_is_tried_for_ever_whatever_the_carrier_answers(tmp_path: Path):
    found = trunk_sections(tmp_path, PbxTrunk("a", (), "sip.example.com", "acc1", "x"))
    registration = dict(found["registration", "trunk-a-registration"].options)
    assert registration["auth_rejection_permanent"] == "no"
    assert [registration[key] for key in ("retry_interval", "fatal_retry_interval", "forbidden_retry_interval")] == [
        "30", "60", "300",
    ]  # fmt: skip
    assert int(registration["max_retries"]) >= 1_000_000


def test_an_ims_account_registers_its_domain_through_the_proxy(tmp_path: Path):
    out = Outwards(
        realm="ims.example.com", outbound_proxy="192.0.2.7:5080", from_user="+8675512345678", expires=600, qualify_s=20
    )
    found = trunk_sections(
        tmp_path, PbxTrunk("ims", (), "ims.example.com", "+8675512345678@ims.example.com", "x", outwards=out)
    )
    registration = dict(found["registration", "trunk-ims-registration"].options)
    assert registration["server_uri"] == "sip:ims.example.com"
    assert registration["client_uri"] == "sip:+8675512345678@ims.example.com"
    assert registration["contact_user"] == "+8675512345678"
    auth, endpoint = found["auth", "trunk-ims"], found["endpoint", "trunk-ims"]
    assert (auth.get("username"), auth.get("realm")) == ("+8675512345678@ims.example.com", "ims.example.com")
    assert (endpoint.get("from_user"), endpoint.get("from_domain")) == ("+8675512345678", "ims.example.com")
    text = (tmp_path / "run" / "etc" / "pjsip.conf").read_text()
    assert text.count("outbound_proxy = sip:192.0.2.7:5080\\;lr\n") == 3  # registration, calls, OPTIONS
    assert found["identify", "trunk-ims"].all("match") == ["192.0.2.7"]


def test_configured_addresses_and_those_of_names_stand_in_two_sections_and_no_name_in_either(tmp_path: Path):
    trunk = PbxTrunk(
        "a", ("192.0.2.1", "2001:db8::/32"), "sip.example.com", "u", "x", resolved=("203.0.113.7", "192.0.2.1")
    )
    found = trunk_sections(tmp_path, trunk)
    assert found["identify", "trunk-a"].all("match") == ["192.0.2.1", "2001:db8::/32"]
    assert found["identify", "trunk-a_names"].all("match") == ["203.0.113.7"]
    unresolved = trunk_sections(tmp_path, PbxTrunk("a", (), "sip.example.com", "u", "x"))
    assert not [kind for kind, _ in unresolved if kind == "identify"]  # an empty one is an error to Asterisk


NAMES = ("a", "a-watch", "a-names", "a-registration", "guests", "watch", "names")
"""Trunks whose names are those of others with what is put behind a name."""


def test_no_two_objects_of_one_kind_have_one_name_whatever_trunks_are_called(tmp_path: Path):
    """Asterisk refuses the whole of pjsip.conf for two, and joins two contexts of one name."""
    trunks = tuple(
        PbxTrunk(
            name,
            (),
            "sip.example.com",
            f"u-{name}",
            "x",
            resolved=(f"203.0.113.{at}",),
            outwards=Outwards(qualify_s=30),
        )
        for at, name in enumerate(NAMES, start=1)
    )
    etc = render(settings_in(tmp_path, trunks=trunks)).parent
    found = Counter((each.type, each.name.casefold()) for each in sections((etc / "pjsip.conf").read_text()))
    assert [each for each, count in found.items() if count > 1] == []
    heads = Counter(re.findall(r"(?m)^\[([^]]+)\]", (etc / "extensions_arrival.conf").read_text()))
    assert [each for each, count in heads.items() if count > 1] == []


def test_an_empty_music_folder_is_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoMusic, match="Callers would wait in silence"):
        render(settings_in(tmp_path, moh_folder=tmp_path / "empty"))


def test_a_run_folder_that_is_too_long_for_the_control_socket_is_refused(tmp_path: Path):
    folder = tmp_path / ("x" * (LONGEST_SOCKET - len(str(tmp_path))))
    with pytest.raises(UnfitForConf, match="choose a shorter --state"):
        render(replace(settings_in(tmp_path), run_folder=folder))
