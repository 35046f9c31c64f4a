"""The rendered files: what is refused before any is written, and whose they are."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from acd.pbx.conf.render import LONGEST_SOCKET, NoMusic, UnfitForConf, render
from acd.pbx.conf.settings import (
    Arrivals,
    Outwards,
    PbxAgent,
    PbxGuest,
    PbxMedia,
    PbxQueue,
    PbxTrunk,
    Secrets,
)
from tests.pbx.support.rendered_conf import settings_in


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


def test_an_empty_music_folder_is_refused(tmp_path: Path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoMusic, match="Callers would wait in silence"):
        render(settings_in(tmp_path, moh_folder=tmp_path / "empty"))


def test_a_run_folder_that_is_too_long_for_the_control_socket_is_refused(tmp_path: Path):
    folder = tmp_path / ("x" * (LONGEST_SOCKET - len(str(tmp_path))))
    with pytest.raises(UnfitForConf, match="choose a shorter --state"):
        render(replace(settings_in(tmp_path), run_folder=folder))
