"""The rendered pjsip.conf: who may come in, how trunks register, where calls go out."""

import re
from collections import Counter
from pathlib import Path

import pytest

from acd.pbx.conf.render import render
from acd.pbx.conf.settings import (
    Outwards,
    PbxTrunk,
)
from tests.pbx.support.pjsip import BY_NAME, Section, endpoints, sections, unguarded
from tests.pbx.support.rendered_conf import settings_in


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
