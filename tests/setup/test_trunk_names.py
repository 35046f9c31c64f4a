"""The last good addresses of the trunks' names."""

from pathlib import Path

import pytest

from acd.setup.trunk_names import TrunkNames, usable


def test_the_last_good_answer_stays_also_over_a_start(tmp_path: Path):
    file = tmp_path / "names.json"
    names = TrunkNames(file)
    assert names.addresses(["sip.example.net"]) == ()
    assert names.learn({"sip.example.net": ["192.0.2.2", "192.0.2.1"]}, ["sip.example.net"])
    assert not names.learn({"sip.example.net": []}, ["sip.example.net"]), "no answer is no news"
    assert not names.learn({"SIP.example.net": ["192.0.2.1", "192.0.2.2"]}, ["sip.example.net"]), "another order"
    again = TrunkNames(file)
    assert again.addresses(["Sip.Example.net"]) == ("192.0.2.1", "192.0.2.2")
    assert file.stat().st_mode & 0o777 == 0o600
    assert again.learn({"sip.example.net": ["2001:db8::1"]}, ["sip.example.net"])
    assert TrunkNames(file).addresses(["sip.example.net"]) == ("2001:db8::1",)
    assert again.learn({}, ["other.example.net"]), "a name that is not wanted any more is forgotten"
    assert TrunkNames(file).addresses(["sip.example.net"]) == ()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 1}', '{"a": ["x", "0.0.0.0"]}', "null", "\xff"])
def test_a_file_that_is_not_ours_holds_nothing(tmp_path: Path, text: str):
    file = tmp_path / "names.json"
    file.write_bytes(text.encode("latin-1"))
    assert TrunkNames(file).addresses(["a"]) == ()


def test_what_no_carrier_can_have_is_left_out():
    found = usable(["0.0.0.0", "::", "224.0.0.1", "fe80::1%eth0", "x", "192.0.2.1", "192.0.2.1"])
    assert found == ("192.0.2.1",)
    assert len(usable(f"192.0.2.{n}" for n in range(1, 200))) == 32
