"""How SIP and sound travel, in the operator's file: addresses, NAT, TLS, encryption, keys, codecs, silence."""

from typing import Any

import pytest

from acd.config import BadConfiguration, check, warnings
from acd.config.diff import differences

TLS = {"certificate": "/etc/sanxiang/tls/fullchain.pem", "key": "/etc/sanxiang/tls/privkey.pem"}
ADDRESSES = {"addresses": ["192.0.2.10"]}


def small(**changes: Any) -> dict[str, Any]:
    return {"queues": {"billing": {"label": {"zh": "账单", "en": "Billing"}}}, "agents": {"1001": {}}, **changes}


def trunk(**keys: Any) -> dict[str, Any]:
    return {"trunks": {"carrier": ADDRESSES | keys}}


@pytest.mark.parametrize(
    ("sip", "binds"),
    [
        ({}, ("0.0.0.0",)),
        ({"bind": "192.0.2.1"}, ("192.0.2.1",)),
        ({"bind": "::"}, ("0.0.0.0", "::")),
        ({"bind": "::1"}, ("::1",)),
        ({"bind": "2001:DB8:0::1"}, ("2001:db8::1",)),
        ({"bind": "192.0.2.1", "bind_also": "2001:db8::1"}, ("192.0.2.1", "2001:db8::1")),
        ({"bind": "::", "bind_also": "192.0.2.1"}, ("::", "192.0.2.1")),
    ],
)
def test_sip_listens_on_one_address_or_on_one_of_each_family(sip: dict[str, Any], binds: tuple[str, ...]):
    assert check(small(sip=sip)).sip.binds == binds


def test_a_local_network_is_told_to_asterisk_by_its_prefix():
    """Asterisk reads 10.0.0.0/0.255.255.255 as a mask, and the network is another then."""
    written = ["10.0.0.0/0.255.255.255", "192.168.0.0/255.255.0.0", "FC00::/7"]
    assert check(small(sip={"local_networks": written})).sip.local_networks == [
        "10.0.0.0/8", "192.168.0.0/16", "fc00::/7",
    ]  # fmt: skip


REFUSED = [
    (
        {"sip": {"bind": "...."}},
        "sip.bind: '....' is no address. Write one of this machine's, as 192.0.2.10 or 2001:db8::10.",
    ),
    ({"sip": {"bind": "1.2.3"}}, "sip.bind: '1.2.3' is no address"),
    ({"sip": {"bind": ":::"}}, "sip.bind: ':::' is no address"),
    ({"sip": {"bind": "[::]"}}, "sip.bind: '[::]' is not written as expected. Write an address"),
    ({"sip": {"bind": ""}}, "sip.bind: '' is not written as expected"),
    ({"sip": {"bind": "eth0"}}, "sip.bind: 'eth0' is not written as expected"),
    ({"sip": {"bind": "10.0.0.1", "bind_also": "10.0.0.2"}}, "of one family. Name one address of IPv4 and one of IPv6"),
    ({"sip": {"bind": "::", "bind_also": "::1"}}, "of one family"),
    (
        {"sip": {"external_address": "a b"}},
        "sip.external_address: 'a b' is not written as expected. Write an address or a name",
    ),
    ({"sip": {"external_address": "x;y"}}, "sip.external_address"),
    ({"sip": {"external_address": "0.0.0.0"}}, "sip.external_address: '0.0.0.0' is no address that carriers can reach"),
    ({"sip": {"external_address": "::"}}, "sip.external_address: '::' is no address that carriers can reach"),
    ({"sip": {"external_address": "224.0.0.1"}}, "sip.external_address: '224.0.0.1' is no address of a machine"),
    ({"sip": {"external_address": "::ffff:203.0.113.7"}}, "a writing of IPv6. Write it as 203.0.113.7"),
    ({"sip": {"external_address": "203.0.113"}}, "sip.external_address: '203.0.113' is no address"),
    ({"sip": {"bind": "::ffff:127.0.0.1"}}, "sip.bind: '::ffff:127.0.0.1' is an address of IPv4 in a writing of IPv6"),
    ({"sip": {"bind": "255.255.255.255"}}, "sip.bind: '255.255.255.255' is no address of a machine"),
    (
        {"sip": {"local_networks": ["10.0.0.1/8"]}},
        "sip.local_networks (entry 1): 10.0.0.1/8 has host bits set. Write networks as",
    ),
    ({"sip": {"local_networks": ["10.0.0.0/40"]}}, "sip.local_networks"),
    (
        {"sip": {"local_networks": "10.0.0.0/8"}},
        "sip.local_networks: '10.0.0.0/8' can't stand here. Write a list in [ ].",
    ),
    ({"sip": {"tls": {"certificate": "/a"}}}, "sip.tls.key: is missing. Add it."),
    ({"sip": {"tls": TLS | {"port": 5060}}}, "sip.tls.port: 5060 is sip.port already. Take another."),
    ({"sip": {"tls": TLS | {"port": 99999}}}, "sip.tls.port: 99999 is out of range"),
    (
        {"sip": {"tls": TLS | {"cert": "/a"}}},
        "sip.tls.cert: unknown key. Known here: carriers_ca, certificate, check_carriers, key, port.",
    ),
    (
        {"sip": {"tls": TLS | {"certificate": "cert.pem"}}},
        "sip.tls.certificate: cert.pem is no whole path. Write it from / on.",
    ),
    ({"sip": {"agents": {"media_encryption": "dtls"}}}, "sip.agents.media_encryption: 'dtls' is not one of"),
    ({"sip": {"agents": {"keys": "inband"}}}, "sip.agents.keys: 'inband' is not one of"),
    ({"sip": {"agents": {"codecs": []}}}, "sip.agents.codecs: "),
    ({"sip": {"agents": {"codecs": ["pcma"]}}}, "sip.agents.codecs (entry 1): 'pcma' is not one of"),
    ({"sip": {"agents": {"codecs": ["alaw", "alaw"]}}}, "sip.agents.codecs: alaw stands twice. Keep one."),
    ({"sip": {"agents": {"no_sound_s": -1}}}, "sip.agents.no_sound_s: -1 is out of range"),
    (
        {"sip": {"agents": {"no_sound_s": 60, "no_sound_on_hold_s": 30}}},
        "sip.agents.no_sound_on_hold_s: it is shorter than no_sound_s",
    ),
    (trunk(transport="ws"), "trunks.carrier.transport: 'ws' is not one of"),
    (trunk(transport="tls"), "trunks.carrier.transport: SIP over TLS needs a certificate. Add [sip.tls]"),
    (
        {"trunks": {"c": {"addresses": ["192.0.2.0/24"], "transport": "tcp"}}},
        'trunks.c.transport: nothing is sent to this carrier, so "tcp"',
    ),
    (trunk(keys="rfc2833"), "trunks.carrier.keys: 'rfc2833' is not one of"),
    (trunk(media_encryption="yes"), "trunks.carrier.media_encryption: 'yes' is not one of"),
    (trunk(codecs=["g711"]), "trunks.carrier.codecs (entry 1): 'g711' is not one of"),
    (
        trunk(session_timers=False),
        "trunks.carrier.session_timers: without them, and with no_sound_s = 0, nobody notices",
    ),
    (
        {"sip": {"agents": {"session_timers": False}}},
        "sip.agents.session_timers: without them, and with no_sound_s = 0",
    ),
    (trunk(no_sound_s=90000), "trunks.carrier.no_sound_s: 90000 is out of range"),
]


@pytest.mark.parametrize(("change", "sentence"), REFUSED, ids=[sentence[:40] for _, sentence in REFUSED])
def test_a_wrong_value_is_told_with_its_place_and_what_to_write(change: dict[str, Any], sentence: str):
    with pytest.raises(BadConfiguration) as caught:
        check(small(**change))
    assert any(sentence in told for told in caught.value.mistakes), caught.value.mistakes


WARNED = [
    ({"web": {"host": "0.0.0.0"}}, "web.host: 0.0.0.0 is reached from other machines"),
    ({"web": {"host": "10.0.0.5"}}, "web.host: 10.0.0.5 is reached from other machines"),
    (
        {"sip": {"agents": {"media_encryption": "optional"}}},
        "sip.agents.media_encryption: the key of the sound stands in",
    ),
    (
        trunk(media_encryption="required"),
        "trunks.carrier.media_encryption: the key of the sound stands in SIP messages",
    ),
    (
        trunk(media_encryption="required") | {"sip": {"tls": TLS}},
        'which go to this carrier over udp, in clear. Write transport = "tls"',
    ),
]


@pytest.mark.parametrize(("change", "sentence"), WARNED, ids=[sentence[:40] for _, sentence in WARNED])
def test_what_crosses_the_network_in_clear_is_a_warning(change: dict[str, Any], sentence: str):
    assert any(sentence in told for told in warnings(check(small(**change))))


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"web": {"host": "127.0.0.1"}},
        {"web": {"host": "::1"}},
        {"web": {"host": "localhost"}},
        {"web": {"host": "0.0.0.0", "behind_tls": True}},
        {"sip": {"tls": TLS, "agents": {"media_encryption": "optional"}}},
        trunk(transport="tls", media_encryption="required") | {"sip": {"tls": TLS}},
    ],
)
def test_what_is_encrypted_or_stays_on_this_machine_is_not(change: dict[str, Any]):
    assert not [told for told in warnings(check(small(**change))) if "clear" in told]


def test_info_is_heard_only_where_somebody_asks_for_it():
    assert not check(small(**trunk())).hears_info
    assert check(small(**trunk(keys="info"))).hears_info
    assert check(small(sip={"agents": {"keys": "info"}})).hears_info


def test_a_trunks_keys_codecs_and_encryption_are_taken_while_calls_go_on_and_the_addresses_at_a_start():
    was = check(small(**trunk()))
    will_be = check(small(**trunk(keys="info", codecs=["g722"], media_encryption="optional")))
    assert [(each.place, each.at_a_start) for each in differences(was, will_be)] == [
        ("trunks.carrier.media_encryption", False),
        ("trunks.carrier.keys", False),
        ("trunks.carrier.codecs", False),
    ]
    moved = check(small(sip={"tls": TLS, "external_address": "203.0.113.7"}))
    assert all(each.at_a_start for each in differences(check(small()), moved))


@pytest.mark.parametrize("binds", [{}, {"bind": "::"}, {"bind": "192.0.2.1", "bind_also": "2001:db8::1"}], ids=str)
def test_two_ports_of_ours_that_are_one_are_told_once_whatever_the_addresses(binds: dict[str, str]):
    with pytest.raises(BadConfiguration) as caught:
        check(small(sip={"tls": TLS | {"port": 5060}, **binds}))
    assert caught.value.mistakes == ["sip.tls.port: 5060 is sip.port already. Take another."]
