"""What doctor finds on the way to carriers and telephones, and what it says to type."""

import socket
from pathlib import Path
from typing import Any

import pytest

from acd.config import Config, check
from acd.setup import network_findings as network
from acd.setup.name_server import Answer
from acd.setup.network_findings import NetworkFinding, address_of, is_outside, source_towards
from tests.support.certificates import ended, made

OUTSIDE = "8.8.8.8"
"""An address of the internet; nothing is sent there."""


def config(**changes: Any) -> Config:
    return check({"queues": {"billing": {"label": {"zh": "账单", "en": "Billing"}}}, "agents": {"1001": {}}, **changes})


def found(checked: Config, moddir: Path | None = None) -> list[NetworkFinding]:
    return list(network.network_findings(checked, moddir))


def behind_nat(monkeypatch: pytest.MonkeyPatch, own: str = "10.1.2.3") -> None:
    """This machine's routes, as they would be behind a router."""
    monkeypatch.setattr(network, "source_towards", lambda address: own)


def test_a_trunk_outside_and_a_private_address_of_ours_are_told_with_what_to_type(monkeypatch: pytest.MonkeyPatch):
    behind_nat(monkeypatch)
    [finding] = found(config(trunks={"carrier": {"addresses": [OUTSIDE]}}))
    assert not finding.ok and finding.what == "trunk carrier"
    assert "(8.8.8.8)" in finding.found and "10.1.2.3" in finding.found and "callers hear nothing" in finding.found
    assert 'external_address = "…"' in finding.remedy and "UDP 5060 and 10000-10999" in finding.remedy


@pytest.mark.parametrize("host", ["8.8.8.0/24", "8.8.8.8:5080"])
def test_a_network_and_a_host_with_a_port_are_carriers_too(monkeypatch: pytest.MonkeyPatch, host: str):
    behind_nat(monkeypatch)
    keys = {"addresses": [host]} if "/" in host else {"addresses": ["8.8.4.4"], "outbound": host}
    assert [finding.ok for finding in found(config(trunks={"carrier": keys}))] == [False]


@pytest.mark.parametrize(
    ("own", "changes"),
    [
        ("8.8.4.4", {"trunks": {"carrier": {"addresses": [OUTSIDE]}}}),  # a public address of our own
        ("10.1.2.3", {"trunks": {"carrier": {"addresses": ["10.9.9.9"]}}}),  # a carrier in a private network
        ("", {"trunks": {"carrier": {"addresses": [OUTSIDE]}}}),  # no way there at all
        ("10.1.2.3", {}),
    ],
)
def test_where_nothing_stands_between_nothing_is_told(
    monkeypatch: pytest.MonkeyPatch, own: str, changes: dict[str, Any]
):
    behind_nat(monkeypatch, own)
    assert found(config(**changes)) == []


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        ({"host": "nowhere.invalid:5080"}, "nowhere.invalid"),
        ({"host": "ims.invalid", "outbound_proxy": "proxy.invalid"}, "proxy.invalid"),
        ({"addresses": ["192.0.2.1"], "outbound": "out.invalid"}, "out.invalid"),
    ],
)
@pytest.mark.parametrize("sip", [{}, {"external_address": "203.0.113.7"}])
def test_a_trunk_whose_name_can_not_be_resolved_is_told(keys: dict[str, Any], name: str, sip: dict[str, Any]):
    trunk = {"username": "u", "password_file": "/x", **keys}
    said = [each for each in found(config(sip=sip, trunks={"carrier": trunk})) if each.what == "trunk carrier"]
    assert [(each.ok, each.found) for each in said] == [(False, f"{name} can't be resolved")]
    assert f"`getent hosts {name}`" in said[0].remedy


def test_a_carrier_that_has_srv_records_only_is_found_by_them(monkeypatch: pytest.MonkeyPatch):
    def resolved(name: str) -> str:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    asked: list[str] = []

    def addresses_of(name: str, *, by_service: bool) -> Answer:
        asked.append(name)
        return Answer(("2001:db8::7", "8.8.8.8"))

    behind_nat(monkeypatch)
    monkeypatch.setattr(network, "resolved", resolved)
    monkeypatch.setattr(network, "addresses_of", addresses_of)
    keys = {"host": "sip.example.net", "username": "u", "password_file": "/x"}
    [finding] = found(config(trunks={"carrier": keys}))
    assert "(8.8.8.8)" in finding.found and asked == ["sip.example.net"]
    assert address_of("sip.example.net:5080") == "" and len(asked) == 1, "with a port there are none to ask for"


def test_a_domain_behind_a_proxy_need_not_be_resolved_and_the_proxy_is_what_is_outside(monkeypatch: pytest.MonkeyPatch):
    behind_nat(monkeypatch)
    keys = {"host": "ims.invalid", "username": "u", "password_file": "/x"}
    assert found(config(trunks={"carrier": {**keys, "outbound_proxy": "10.9.9.9:5060"}})) == []
    [finding] = found(config(trunks={"carrier": {**keys, "outbound_proxy": OUTSIDE}}))
    assert not finding.ok and "(8.8.8.8)" in finding.found


def test_an_external_address_is_looked_at_and_then_nothing_is_missing(monkeypatch: pytest.MonkeyPatch):
    behind_nat(monkeypatch)
    trunk = {"trunks": {"carrier": {"addresses": [OUTSIDE]}}}
    [good] = found(config(sip={"external_address": "203.0.113.7"}, **trunk))
    assert good.ok and good.found == "203.0.113.7"
    [private] = found(config(sip={"external_address": "192.168.1.5"}, **trunk))
    assert not private.ok and "lies in sip.local_networks itself" in private.found
    [unknown] = found(config(sip={"external_address": "nowhere.invalid"}, **trunk))
    assert not unknown.ok and "nowhere.invalid can't be resolved" in unknown.found


def test_the_kernel_is_asked_and_nothing_is_sent():
    assert source_towards("127.0.0.1") == "127.0.0.1"
    assert source_towards("::1") in ("::1", "")
    assert [is_outside(each) for each in (OUTSIDE, "10.0.0.1", "192.0.2.1", "100.64.0.1", "fe80::1", "2001:4860::8")] == [
        True, False, False, False, False, True,
    ]  # fmt: skip
    assert [address_of(each) for each in ("", "192.0.2.7", "[2001:db8::1]:5060", "192.0.2.0/24", "nowhere.invalid")] == [
        "", "192.0.2.7", "2001:db8::1", "192.0.2.0", "",
    ]  # fmt: skip


def test_the_certificate_is_told_with_its_end_and_a_broken_pair_with_why(tmp_path: Path):
    def told(files: Any) -> NetworkFinding:
        [finding] = found(config(sip={"tls": {"certificate": str(files.certificate), "key": str(files.key)}}))
        return finding

    good = told(made(tmp_path, "good"))
    assert good.ok and good.found.startswith("good until 20")
    soon = told(made(tmp_path, "soon", days=5))
    assert not soon.ok and ": 4 days" in soon.found and "no restart is needed" in soon.remedy
    over = told(ended(made(tmp_path, "over")))
    assert not over.ok and over.found == "ended on 2024-02-01"
    broken = made(tmp_path, "broken")
    broken.key.write_text("x")
    assert not told(broken).ok and "holds no private key" in told(broken).found


def test_a_codec_for_which_asterisk_has_no_module_is_told(tmp_path: Path):
    checked = config(
        sip={"agents": {"codecs": ["alaw", "opus"]}},
        trunks={"carrier": {"addresses": ["192.0.2.10"], "codecs": ["alaw", "g729"]}},
    )
    (tmp_path / "codec_opus_open_source.so").touch()
    [finding] = found(checked, tmp_path)
    assert not finding.ok and finding.what == "codec g729"
    assert "trunks.carrier.codecs" in finding.remedy and "codec_g729.so" in finding.remedy
    assert found(checked) == []
