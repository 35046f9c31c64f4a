"""A certificate and its key: what is taken, what is refused in which words, until when it is good."""

import re
import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from acd.pbx.conf.certificates import BadPair, check_authorities, install, read_pair, validity
from acd.pbx.conf.render import render
from acd.pbx.conf.settings import PbxTls
from tests.pbx.support.rendered_conf import settings_in
from tests.support.certificates import ended, made, with_passphrase


def test_a_pair_is_read_with_the_days_for_which_it_is_good(tmp_path: Path):
    files = made(tmp_path, "house", days=20)
    pair = read_pair(PbxTls(5061, files.certificate, files.key))
    assert timedelta(days=19, hours=23) < pair.good_until - datetime.now(UTC) < timedelta(days=20, minutes=1)
    assert pair.good_from <= datetime.now(UTC)
    # OpenSSL itself finds both in the one file that Asterisk reads.
    install(PbxTls(5061, files.certificate, files.key), tmp_path / "both.pem")
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tmp_path / "both.pem")
    assert (tmp_path / "both.pem").stat().st_mode & 0o777 == 0o600


def test_the_chain_is_kept_in_its_order_and_what_stands_beside_it_is_not(tmp_path: Path):
    files, above = made(tmp_path, "house"), made(tmp_path, "authority")
    chain = tmp_path / "fullchain.pem"
    chain.write_text(f"Subject: house\n{files.certificate.read_text()}\n# above\n{above.certificate.read_text()}")
    text = read_pair(PbxTls(5061, chain, files.key)).text
    found = re.findall(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", text, re.DOTALL)
    assert [each in files.certificate.read_text() for each in found] == [True, False]
    assert "Subject" not in text and "above" not in text


def test_authorities_that_can_be_none_are_refused_with_file_and_remedy(tmp_path: Path):
    files = made(tmp_path, "house")
    tls = PbxTls(5061, files.certificate, files.key)
    for good in (None, files.certificate):
        check_authorities(replace(tls, carriers_ca=good))
    for file, words in (
        (tmp_path / "gone.pem", "can't be read"),
        (tmp_path, "can't be read"),
        (files.key, "holds no certificate"),
    ):
        with pytest.raises(BadPair, match=words) as refused:
            check_authorities(replace(tls, carriers_ca=file))
        assert str(file) in str(refused.value) and "carriers_ca" in str(refused.value)


def test_what_is_no_pair_is_refused_with_file_and_remedy_and_nothing_is_installed(tmp_path: Path):
    house, other = made(tmp_path, "house"), made(tmp_path, "other")
    empty = tmp_path / "empty.pem"
    empty.write_text("nothing here\n")
    halved = tmp_path / "halved.pem"
    halved.write_text(house.certificate.read_text()[:300])
    garbled = tmp_path / "garbled.pem"
    garbled.write_text("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n")
    large = tmp_path / "large.pem"
    large.write_bytes(b"x" * 1_000_001)
    cases = [
        (house.certificate, other.key, "is not the key of the certificate", "issued together"),
        (other.certificate, house.key, "is not the key of the certificate", "issued together"),
        (tmp_path / "gone.pem", house.key, "gone.pem can't be read (No such file", "readable by the user"),
        (house.certificate, tmp_path / "gone.key", "gone.key can't be read (No such file", "readable by the user"),
        (tmp_path, house.key, "can't be read (Is a directory", "readable by the user"),
        (empty, house.key, "holds no certificate", "full chain"),
        (halved, house.key, "holds no certificate", "full chain"),
        (house.certificate, empty, "holds no private key", "key file"),
        (house.key, house.certificate, "holds no certificate", "full chain"),
        (garbled, house.key, "is not the key of the certificate", "issued together"),
        (house.certificate, with_passphrase(house.key, tmp_path / "locked.key"), "passphrase", "without one"),
        (large, house.key, "more than 1000000 bytes", "PEM file"),
    ]
    for certificate, key, wrong, remedy in cases:
        with pytest.raises(BadPair) as refused:
            install(PbxTls(5061, certificate, key), tmp_path / "both.pem")
        assert wrong in str(refused.value) and remedy in str(refused.value), refused.value
        assert str(refused.value).startswith("sip.tls: ")
        assert not (tmp_path / "both.pem").exists()


def test_a_certificate_that_has_ended_is_a_pair_all_the_same_and_its_end_is_known(tmp_path: Path):
    files = ended(made(tmp_path, "house"))
    assert read_pair(PbxTls(5061, files.certificate, files.key)).good_until == datetime(2024, 2, 1, tzinfo=UTC)


def test_no_cut_of_a_certificate_is_taken_for_one(tmp_path: Path):
    whole = ssl.PEM_cert_to_DER_cert(made(tmp_path, "house").certificate.read_text())
    validity(whole)
    for length in range(len(whole)):
        with pytest.raises((ValueError, IndexError)):
            validity(whole[:length])


def test_without_a_good_certificate_nothing_is_rendered_and_a_former_one_stays(tmp_path: Path):

    files = made(tmp_path, "house")
    broken = tmp_path / "broken.key"
    broken.write_text("nothing")
    tls = PbxTls(5061, files.certificate, files.key)
    settings = settings_in(tmp_path, tls=replace(tls, key=broken))
    with pytest.raises(BadPair):
        render(settings)
    assert not settings.etc.exists()
    render(replace(settings, tls=tls))
    good = settings.tls_file.read_text()
    render(settings)
    assert settings.tls_file.read_text() == good
