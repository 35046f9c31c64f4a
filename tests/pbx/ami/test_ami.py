"""The AMI link against a small TCP server that speaks as Asterisk does, or as it does on a bad day."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from acd.pbx.ami import connection as ami_module
from acd.pbx.ami.connection import Ami, AmiDown, AmiRefused, AmiSilent, IllegalCharacter, Message, refuse_illegal
from tests.pbx.support.ami_server import BANNER, MARK, Server, event
from tests.support.examples import examples
from tests.support.waiting import eventually


class Link:
    """A link to that server, with all that it told."""

    def __init__(self, server: Server, refused_retry_s: float = ami_module.REFUSED_RETRY_S) -> None:
        self.messages: list[Message] = []
        self.ups = 0
        self.downs: list[str] = []
        self.broken = ""
        self.ami = Ami(
            "127.0.0.1",
            server.port,
            "sanxiang",
            "password",
            system_name=MARK,
            on_message=self._message,
            on_up=self._up,
            on_down=self.downs.append,
            refused_retry_s=refused_retry_s,
        )

    def _up(self) -> None:
        self.ups += 1

    def _message(self, message: Message) -> None:
        self.messages.append(message)
        if message.get("Event") == self.broken:
            raise RuntimeError("a listener fails")


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    far_end = Server()
    await far_end.open()
    yield far_end
    await far_end.close()


@pytest.fixture
async def link(server: Server) -> AsyncIterator[Link]:
    made = Link(server)
    made.ami.start()
    await eventually(lambda: made.ups)
    yield made
    await made.ami.stop()


def plain(messages: list[Message]) -> list[dict[str, str]]:
    return [{k: v for k, v in m.items() if k not in ("Privilege", "Timestamp", "content")} for m in messages]


STREAM = (
    event("Newchannel", CallerIDName="张三 says \x00 nothing", Uniqueid=f"{MARK}-1763773200.1")
    + event("Big", Body="x" * 1_000_000)
    + event("Hangup", Uniqueid=f"{MARK}-1763773200.1", Linkedid=f"{MARK}-1763773200.1")
)
READ = [
    {"Event": "Newchannel", "CallerIDName": "张三 says \x00 nothing", "Uniqueid": "1763773200.1"},
    {"Event": "Big", "Body": "x" * 1_000_000},
    {"Event": "Hangup", "Uniqueid": "1763773200.1", "Linkedid": "1763773200.1"},
]


def fed(pieces: list[bytes]) -> list[dict[str, str]]:
    """What the protocol makes of a stream that comes in these pieces, without a network."""
    got: list[Message] = []
    ami = Ami("", 0, "", "", system_name=MARK, on_message=got.append, on_up=lambda: None, on_down=lambda reason: None)
    protocol = ami_module._Protocol(ami)
    protocol.responses = {}
    for piece in [BANNER, *pieces]:
        protocol.data_received(piece)
    return plain(got)


async def test_a_stream_in_single_bytes_is_read_as_in_one():
    small = STREAM.replace(b"x" * 1_000_000, b"x" * 3_000)
    expected = [READ[0], {"Event": "Big", "Body": "x" * 3_000}, READ[2]]
    assert fed([small[n : n + 1] for n in range(len(small))]) == expected
    assert fed([STREAM]) == READ


@given(st.lists(st.integers(1, len(STREAM) - 1), max_size=12))
@settings(max_examples=60, deadline=None)
def test_wherever_the_segments_are_cut_the_messages_are_whole(cuts: list[int]):
    edges = [0, *sorted(set(cuts)), len(STREAM)]
    assert fed([STREAM[a:b] for a, b in itertools.pairwise(edges)]) == READ


async def test_a_message_beyond_all_measure_is_dropped_and_the_next_one_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ami_module, "LONGEST_MESSAGE", 5_000)
    pieces = [event("Big", Body="x" * 20_000)[:9_000], b"x" * 9_000, b"x\r\n\r\n", event("Hangup")]
    assert fed(pieces) == [{"Event": "Hangup"}]


@pytest.mark.parametrize(
    "forged",
    [
        b"Event: Hangup\r\nUniqueid: 1.0\r\n\r\n",
        event("Hangup", mark="0123456789abcdef02"),
        event("Hangup", mark=""),
        b"Event: Hangup\r\nSystemName: " + MARK.encode() + b"\r\nPrivilege: call,all\r\nTimestamp: 1.0\r\n\r\n",
        b"Event: Hangup\r\nPrivilege: call,all\r\nSystemName: " + MARK.encode() + b"\r\n\r\n",
        b"Event: Hangup\r\nPrivilege: call,all\r\nX: y\r\nTimestamp: 1.0\r\nSystemName: " + MARK.encode() + b"\r\n\r\n",
    ],
)
async def test_an_event_without_the_mark_in_its_place_is_dropped_and_counted(server: Server, link: Link, forged: bytes):
    server.says(forged + event("Newstate"))
    await eventually(lambda: link.messages)
    assert [message["Event"] for message in link.messages] == ["Newstate"]
    assert link.ami.forged == 1


async def test_an_event_that_says_a_header_twice_is_dropped_and_counted(server: Server, link: Link):
    server.says(event("Hangup", Uniqueid="1.0\r\nUniqueid: 2.0") + event("Newstate"))
    await eventually(lambda: link.messages)
    assert [message["Event"] for message in link.messages] == ["Newstate"]
    assert link.ami.malformed == 1


async def test_a_row_with_a_guessed_action_id_is_nobodys_answer(server: Server, link: Link):
    def rows(action: dict[str, str]) -> bytes:
        number = action["ActionID"]
        return (
            f"Response: Success\r\nActionID: {number}\r\nEventList: start\r\nMessage: Channels will follow\r\n\r\n"
            f"Event: CoreShowChannel\r\nActionID: {number}\r\nChannel: PJSIP/a-1\r\nUniqueid: {MARK}-1.0\r\n\r\n"
            f"Event: CoreShowChannel\r\nActionID: action/guessed/1/1\r\nChannel: PJSIP/b-2\r\n\r\n"
            f"Event: CoreShowChannelsComplete\r\nActionID: {number}\r\nEventList: Complete\r\n\r\n"
        ).encode()

    server.answers = rows
    assert [(row["Channel"], row["Uniqueid"]) for row in await link.ami.ask("CoreShowChannels")] == [
        ("PJSIP/a-1", "1.0")
    ]
    assert link.messages == []


async def test_actions_go_out_in_one_write_and_answers_find_theirs(server: Server, link: Link):
    sent = link.ami.send([("Setvar", {"Variable": "OFFER", "Value": "张三"}), ("Redirect", {"Channel": "PJSIP/a-1"})])
    answers = await asyncio.gather(*sent)
    assert [answer[0]["Response"] for answer in answers] == ["Success", "Success"]
    assert [action["Action"] for action in server.heard[-2:]] == ["Setvar", "Redirect"]
    assert server.heard[-2]["Value"] == "张三"


@pytest.mark.parametrize("text", ["a\r\nAction: Logoff", "a\nb", "a\rb", "a\0b"])
async def test_a_line_break_or_nul_is_refused_and_nothing_is_sent(server: Server, link: Link, text: str):
    before = len(server.heard)
    for action, fields in (("Setvar", {"Value": text}), (text, {}), ("Setvar", {text: "x"})):
        with pytest.raises(IllegalCharacter):
            link.ami.send([("Ping", {}), (action, fields)])
    await link.ami.act("Ping")
    assert [action["Action"] for action in server.heard[before:]] == ["Ping"]


@given(st.text(), st.text())
@settings(max_examples=examples(5_000), deadline=None)
def test_what_passes_the_wall_is_one_line(name: str, value: str):
    try:
        refuse_illegal({name: value})
    except IllegalCharacter:
        assert any(character in name + value for character in "\r\n\0")
    else:
        assert not any(byte in f"{name}: {value}".encode("utf-8", "surrogatepass") for byte in b"\r\n\0")


async def test_an_action_that_is_not_answered_fails_and_a_late_answer_is_nobodys(server: Server, link: Link):
    server.answers = lambda action: None if action["Action"] == "Getvar" else Server.success(action)
    with pytest.raises(AmiSilent):
        await link.ami.act("Getvar", deadline_s=0.05, Variable="X")
    server.says(Server.success(server.heard[-1]))
    await link.ami.act("Ping")
    assert link.ami.up


async def test_a_refusal_says_why(server: Server, link: Link):
    server.answers = lambda action: (
        f"Response: Error\r\nActionID: {action['ActionID']}\r\nMessage: Permission denied\r\n\r\n".encode()
    )
    with pytest.raises(AmiRefused, match="Permission denied"):
        await link.ami.act("Command", Command="core stop now")


async def test_a_listener_that_fails_costs_nothing_but_its_own_message(server: Server, link: Link):
    link.broken = "Newchannel"
    server.says(event("Newchannel") + event("Newstate"))
    await eventually(lambda: len(link.messages) == 2)
    assert link.ami.up


async def test_without_a_link_an_action_is_refused_at_once_and_never_sent_later(server: Server, link: Link):
    await server.close()
    await eventually(lambda: link.downs)
    with pytest.raises(AmiDown):
        await link.ami.act("Redirect", Channel="PJSIP/a-1")
    server.heard.clear()
    await server.open()
    await eventually(lambda: link.ups == 2)
    await link.ami.act("Ping")
    assert [action["Action"] for action in server.heard] == ["Login", "Ping"]


async def test_an_action_under_way_when_the_link_breaks_is_not_sent_again(server: Server, link: Link):
    server.answers = lambda action: None if action["Action"] == "Redirect" else Server.success(action)
    waiting: Awaitable[object] = asyncio.ensure_future(link.ami.act("Redirect", Channel="PJSIP/a-1"))
    await eventually(lambda: server.heard[-1]["Action"] == "Redirect")
    server.writers[-1].transport.abort()
    with pytest.raises(AmiDown):
        await waiting
    await eventually(lambda: link.ups == 2)
    await link.ami.act("Ping")
    assert [action["Action"] for action in server.heard].count("Redirect") == 1


async def test_a_half_open_link_is_noticed_and_made_anew(server: Server, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ami_module, "QUIET_S", 0.1)
    monkeypatch.setattr(ami_module, "DEADLINE_S", 0.2)
    link = Link(server)
    link.ami.start()
    await eventually(lambda: link.ups)
    await eventually(lambda: any(action["Action"] == "Ping" for action in server.heard))
    assert link.downs == []  # Quiet, but answered.
    server.answers = lambda action: Server.success(action) if action["Action"] == "Login" else None
    await eventually(lambda: link.downs == ["no sign of life"])
    server.answers = Server.success
    await eventually(lambda: link.ups >= 2 and link.ami.up)
    await link.ami.stop()


async def test_a_refused_password_is_said_once_and_tried_slowly(server: Server):
    server.answers = lambda action: (
        f"Response: Error\r\nActionID: {action['ActionID']}\r\nMessage: Authentication failed\r\n\r\n".encode()
    )
    link = Link(server, refused_retry_s=0.05)
    with capture_logs() as lines:
        link.ami.start()
        await eventually(lambda: server.logins >= 4)
        await link.ami.stop()
    assert len([line for line in lines if "refused" in line["event"]]) == 1
    assert "password" not in str(lines).replace("AMI login", "")
    assert link.downs == ["login refused"] and link.ups == 0
    assert ami_module.REFUSED_RETRY_S == 30


async def test_a_server_that_is_not_there_is_said_once():
    server = Server()
    await server.open()
    await server.close()
    link = Link(server)
    with capture_logs() as lines:
        link.ami.start()
        await eventually(lambda: lines)
        await server.open()
        await eventually(lambda: link.ups)
    assert [line["log_level"] for line in lines] == ["warning"]
    await link.ami.stop()
    await server.close()


async def test_stopped_is_stopped_also_in_the_middle_of_a_reconnection():
    server = Server()
    await server.open()
    await server.close()
    link = Link(server)
    link.ami.start()
    await link.ami.stop()
    assert "AMI link" not in {task.get_name() for task in asyncio.all_tasks()}


async def test_a_sleep_of_ours_is_told_before_what_has_piled_up_meanwhile(server: Server, link: Link):
    told: list[object] = []
    link.ami.on_slept = told.append
    link.ami.on_message = lambda message: told.append(message["Event"])
    protocol = link.ami._protocol
    assert protocol is not None
    protocol.heard_at -= 20
    server.says(event("Hangup"))
    await eventually(lambda: "Hangup" in told)
    slept_s, *after = told
    assert isinstance(slept_s, float) and slept_s > 19
    assert after == ["Hangup"]
    server.says(event("Newchannel"))
    await eventually(lambda: told[1:] == ["Hangup", "Newchannel"])
