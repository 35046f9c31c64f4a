"""What the daemon counts at its link to Asterisk."""

import pytest

import acd.pbx.ami.connection as connection
from acd.daemon.figures import pbx_figures
from acd.engine.events import Event
from acd.pbx.ami.connection import Ami
from acd.pbx.events.translator import Translator
from tests.pbx.support.ami_server import BANNER, MARK, event

NONE = {"forged": 0, "malformed": 0, "oversized": 0, "unread": 0}


@pytest.mark.parametrize(
    ("stream", "counted"),
    [
        (event("PeerStatus"), {}),
        (event("Hangup", mark="0123456789abcdef02"), {"forged": 1}),
        (event("Hangup", Uniqueid="1.0\r\nUniqueid: 2.0"), {"malformed": 1}),
        (event("Big", Body="x" * 9_000), {"oversized": 1}),
        (event("DeviceStateChange") + event("UserEvent", UserEvent="AgentReady"), {"unread": 2}),
        (event("Hangup", mark="") * 3 + event("Big", Body="x" * 9_000), {"forged": 3, "oversized": 1}),
    ],
    ids=["good", "forged", "a header twice", "too long", "without its headers", "four"],
)
def test_what_the_link_drops_is_a_figure(stream: bytes, counted: dict[str, int], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connection, "LONGEST_MESSAGE", 5_000)
    translator = Translator(["1001"])
    heard: list[Event] = []
    ami = Ami(
        *("", 0, "", ""),
        system_name=MARK,
        on_message=lambda message: heard.extend(translator.feed(message)),
        on_up=lambda: None,
        on_down=lambda reason: None,
    )
    protocol = connection._Protocol(ami)
    protocol.responses = {}
    for piece in (BANNER, stream[:6_000], stream[6_000:]):
        protocol.data_received(piece)
    found = {name.removeprefix("pbx_messages_"): value for name, (_, value) in pbx_figures(ami, translator).items()}
    assert {name: found[name] for name in NONE} == NONE | counted
