"""The public address behind NAT: a name is kept as it is while it can be resolved, and its last address is used when it can't."""

from pathlib import Path

import pytest

from acd.setup.external_address import NoExternalAddress, known_address
from acd.setup.installation import Installation


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return Installation.at(tmp_path / "state")


@pytest.mark.parametrize("address", ["", "203.0.113.7", "2001:db8::7", "localhost"])
def test_an_address_and_a_name_that_can_be_resolved_stand_as_they_are(installation: Installation, address: str):
    assert known_address(installation, address) == address


def test_a_name_that_was_never_resolved_is_refused_in_words(installation: Installation):
    with pytest.raises(NoExternalAddress) as refused:
        known_address(installation, "nowhere.invalid")
    assert str(refused.value).startswith("sip.external_address: nowhere.invalid can't be resolved (")
    assert "Write the address itself" in str(refused.value)


def test_a_name_that_can_not_be_resolved_today_has_its_last_address(installation: Installation):
    known_address(installation, "localhost")
    kept = installation.state / "external-address"
    assert kept.read_text().split()[0] == "localhost" and kept.stat().st_mode & 0o777 == 0o600
    kept.write_text("nowhere.invalid 203.0.113.9\n")
    assert known_address(installation, "nowhere.invalid") == "203.0.113.9"
    with pytest.raises(NoExternalAddress):
        known_address(installation, "elsewhere.invalid")
