"""What `config check` says of trunks: addresses, hosts, keys that need each other, passwords."""

import re
from pathlib import Path

import pytest

from acd.config import BadConfiguration, Config, warnings
from acd.config.loading import parsed
from acd.setup.prepare import check_prompts_and_menu

QUEUES = "".join(
    f'[queues.{name}]\nlabel = {{ zh = "x", en = "x" }}\n'
    for name in ("orders", "after-sales", "complaints", "general")
)


def config(trunk: str, more: str = "") -> Config:
    return parsed(f"[trunks.carrier]\n{trunk}\n{more}\n{QUEUES}", "", "sanxiang.toml")


def refusal(trunk: str) -> str:
    with pytest.raises(BadConfiguration) as bad:
        config(trunk)
    [said] = bad.value.mistakes
    return said


NETWORKS = [
    "192.0.2.1000", "10.0.0.0/33", "...", "256.1.1.1", "10.0.0.999", "1.2.3", "192.0.2.010", "", ":", "::g", "2001:db8::/129",
    "sip.example.net", "192.0.2.1-192.0.2.9", "192.0.2.1 192.0.2.2", "fe80::1%eth0", "192.0.2.1:5060", "0.0.0.0/0", "::/0",
    "0.0.0.0", "::", "224.0.0.1", "10.0.0.0/7", "2001::/15", "255.255.255.255", "127.1", "0x7f.0.0.1", "２.0.0.1", "192.0.2.1/２4",
    "192.0.2.1/", "192.0.2.1/24/8", "192.0.2.1/-1", "[2001:db8::1]", "::ffff:192.0.2.10", "::ffff:c000:20a", "::ffff:192.0.2.0/120",
    "::ffff:0:0/96", "192.0.2.0/255.0.255.0", "192.0.2.1\\n192.0.2.2",
]  # fmt: skip


@pytest.mark.parametrize("address", NETWORKS)
def test_what_is_no_address_is_refused_with_the_remedy(address: str):
    said = refusal(f'addresses = ["192.0.2.10", "{address}"]')
    assert said.startswith("trunks.carrier.addresses (entry 2): ") and "Write" in said


@pytest.mark.parametrize(
    "address", ["192.0.2.10", "192.0.2.0/24", "10.0.0.0/8", "2001:db8::10", "2001:db8::/32", "::1"]
)
def test_addresses_of_both_families_are_taken(address: str):
    assert config(f'addresses = ["{address}"]').trunks["carrier"].addresses == [address]


READ = [
    ("192.0.2.0/255.255.255.0", "192.0.2.0/24"), ("192.0.2.0/0.0.0.255", "192.0.2.0/24"), ("192.0.2.77/24", "192.0.2.0/24"),
    ("192.0.2.10/32", "192.0.2.10"), ("192.0.2.10/255.255.255.255", "192.0.2.10"), (" 192.0.2.10 ", "192.0.2.10"),
    ("2001:DB8:0:0::10", "2001:db8::10"), ("2001:db8::10/128", "2001:db8::10"), ("2001:db8::10/32", "2001:db8::/32"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "read"), READ)
def test_an_address_in_any_writing_is_that_address_and_no_more(written: str, read: str):
    """Asterisk itself takes 192.0.2.0/0.0.0.255 for every address that ends in 0."""
    assert config(f'addresses = ["{written}"]').trunks["carrier"].addresses == [read]


def test_the_same_address_twice_is_one():
    found = config('addresses = ["192.0.2.10", "192.0.2.10/32", "192.0.2.0/24", "192.0.2.9/24"]').trunks["carrier"]
    assert found.addresses == ["192.0.2.10", "192.0.2.0/24"]


HOSTS = [
    "192.0.2.1000", "...", "a..b", "-a.example", "a-.example", "a b", "a;b", "a:0", "a:70000", "a:x", "a:", "2001:db8::1", "[::1",
    "[a]:5060", "[192.0.2.1]", "[::1]5060", "0.0.0.0", "224.0.0.1", "sip:a.example", "a.example/x", "ä.example", "x" * 64,
    ".".join(["x" * 60] * 5), "a@b", "255.255.255.255", "127.1", "[::ffff:192.0.2.1]", "[::ffff:192.0.2.1]:5060", "a:0:0", "a:５060",
    "a:65536", ":5060", "a:+5", "[2001:db8::1]:", "[2001:db8::1%eth0]", "a;transport=tcp", "a\\nb", "ａ.example",
]  # fmt: skip


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("key", ["host", "outbound"])
def test_what_is_no_host_is_refused_with_the_remedy(key: str, host: str):
    said = refusal(f'{key} = "{host}"\naddresses = ["192.0.2.10"]\nusername = "u"\npassword_file = "/x"')
    assert said.startswith(f"trunks.carrier.{key}: ") and ("Write" in said or "in brackets here" in said)
    assert "\n" not in said


@pytest.mark.parametrize(
    "host", ["sip.example.net", "a", "a:5080", "192.0.2.1:5060", "[2001:db8::1]:5060", "[::1]", "_sip.x"]
)
def test_hosts_are_taken(host: str):
    assert config(f'outbound = "{host}"\naddresses = ["192.0.2.10"]').trunks["carrier"].outbound == host


APART = [
    ('host = "a.example"', "", "needs `username` and `password_file`"),
    ('addresses = ["192.0.2.1"]\nusername = "u"', "", "needs `password_file`"),
    ('addresses = ["192.0.2.1"]\npassword_file = "/x"', "", "needs `username`"),
    ('addresses = ["192.0.2.1"]\nauth_user = "u"', "", "`auth_user` needs `username`"),
    ('addresses = ["192.0.2.1"]\nrealm = "u"', "", "`realm` needs `username`"),
    ('addresses = ["192.0.2.1"]\noutbound_proxy = "192.0.2.1"', "", "`outbound_proxy` needs `host`"),
    ('addresses = ["192.0.2.1"]\nnumber_in = "pai"', "", 'number_in = "pai" needs `caller_number`'),
    ('addresses = ["192.0.2.0/24"]\ncaller_number = "1"', "", "no way out"),
    ('addresses = ["192.0.2.1"]\nfrom_domain = "a:5060"', "", "from_domain has a port"),
    ('addresses = ["192.0.2.1"]\nnumber_in = "diversion"', ".number_in", "is not one of"),
    ('addresses = ["192.0.2.1"]\ncaller_number = "anna"', ".caller_number", "as 4006009500"),
    ('addresses = ["192.0.2.1"]\ndial_as = "E.164"', ".dial_as", "'national', 'e164', 'digits' or '00'"),
    ('addresses = ["192.0.2.1"]\nexpires = 5', ".expires", "at least 60"),
    (
        'addresses = ["192.0.2.1"]\nexpires = true',
        ".expires",
        "true and false can't stand here. Write a number without quotes",
    ),
    ('addresses = ["192.0.2.1"]\ncodecs = []', ".codecs", "is empty. Write at least one entry"),
    ('addresses = ["192.0.2.1"]\naccounts = ["h"]', ".accounts (entry 1)", "two to 64 letters"),
    ('addresses = ["192.0.2.1"]\noutbound = "sip:a.example"', ".outbound", "Write the host alone, as a.example"),
    ('addresses = ["192.0.2.1"]\noutbound = "https://a.example/"', ".outbound", "Write the host alone, as a.example"),
    ('addresses = ["192.0.2.1"]\nqualify_s = -1', ".qualify_s", "at least 0"),
    ('addresses = ["192.0.2.1"]\nfrom_user = "a@b"', ".from_user", "before the @"),
    ('addresses = ["192.0.2.1"]\nusername = "a;b"\npassword_file = "/x"', ".username", "an account, as"),
    ('addresses = ["192.0.2.1"]\nusername = "a"\npassword_file = "/x"\nauth_user = "a\\"b"', ".auth_user", "printable"),
    ('addresses = ["192.0.2.1"]\nusername = "a"\npassword_file = "/x"\nrealm = "a\\nb"', ".realm", "printable"),
    ('addresses = ["192.0.2.1"]\noutband = "a"', ".outband", 'did you mean "outbound"'),
]


@pytest.mark.parametrize(("text", "place", "words"), APART)
def test_keys_that_need_each_other_and_wrong_values_are_told(text: str, place: str, words: str):
    said = refusal(text)
    assert said.startswith(f"trunks.carrier{place}: ") and words in said, said


@pytest.mark.parametrize("account", ["a@-", "a@.", "a@b..c", "a@-b.example", "a@192.0.2.999"])
def test_an_account_with_a_domain_that_is_none_is_refused(account: str):
    said = refusal(f'host = "a.example"\nusername = "{account}"\npassword_file = "/x"')
    assert said.startswith("trunks.carrier.username: ") and "Write a host" in said


NUMBERS = (
    "expires",
    "qualify_s",
    "calls",
    "calls_without_number",
    "answer_pause_ms",
    "no_sound_s",
    "no_sound_on_hold_s",
)


@pytest.mark.parametrize("key", NUMBERS)
@pytest.mark.parametrize("value", ["true", "false"])
def test_a_truth_is_no_number(key: str, value: str):
    """`calls = true` was one call at a time."""
    said = refusal(f'addresses = ["192.0.2.1"]\n{key} = {value}')
    assert said == f"trunks.carrier.{key}: true and false can't stand here. Write a number without quotes."


@pytest.mark.parametrize("account", ["acc1", "+8675512345678", "+8675512345678@ims.gd.example.com", "a_b-c.d~e*f!"])
def test_accounts_as_carriers_give_them_are_taken(account: str):
    found = config(f'host = "a.example"\nusername = "{account}"\npassword_file = "/x"')
    assert found.trunks["carrier"].username == account


def test_the_way_out_is_watched_where_somebody_is_expected_to_answer():
    register = 'host = "a.example"\nusername = "u"\npassword_file = "/x"'
    watched = {
        'addresses = ["192.0.2.1"]': 0,
        'addresses = ["192.0.2.1"]\noutbound = "192.0.2.9"': 30,
        'addresses = ["192.0.2.1"]\nqualify_s = 60': 60,
        register: 30,
        f"{register}\nqualify_s = 0": 0,
    }
    assert {text: config(text).trunks["carrier"].watched_s for text in watched} == watched


def test_two_trunks_that_share_an_address_are_a_warning():
    more = '[trunks.backup]\naddresses = ["192.0.2.0/24"]\n[trunks.far]\naddresses = ["198.51.100.1", "2001:db8::1"]\n[sip]\nbind = "::"'
    [said] = warnings(config('addresses = ["192.0.2.10"]', more))
    assert said.startswith("trunks.backup.addresses: 192.0.2.10 counts as trunks.carrier too")


REGISTERS = 'username = "u"\npassword_file = "/x"\nhost = '


@pytest.mark.parametrize("peer", ["192.0.2.10", "192.0.2.10:5080"])
def test_an_address_of_one_and_the_server_of_another_trunk_are_a_warning(peer: str):
    by_address, registers = 'addresses = ["192.0.2.0/24"]', f'{REGISTERS}"{peer}"'
    [said] = warnings(config(by_address, f"[trunks.backup]\n{registers}"))
    assert said.startswith("trunks.backup.host: 192.0.2.0/24 counts as trunks.carrier too")
    [said] = warnings(config(registers, f"[trunks.backup]\n{by_address}"))
    assert said.startswith("trunks.backup.addresses: 192.0.2.10 counts as trunks.carrier too")


def test_two_accounts_at_one_server_are_two_trunks_and_one_account_twice_is_a_warning():
    for host in ('"192.0.2.10"', '"sip.example.net"'):
        first, other = f"{REGISTERS}{host}", f"{REGISTERS}{host}".replace('"u"', '"other"')
        assert warnings(config(first, f"[trunks.backup]\n{other}")) == []
        [said] = warnings(config(first, f"[trunks.backup]\n{first}"))
        assert said.startswith("trunks.backup.username: is the account of trunks.carrier at ")


@pytest.mark.parametrize(
    ("trunk", "place"),
    [
        ('addresses = ["192.0.2.10", "2001:db8::/126"]', "addresses: 2001:db8::/126 is an address of IPv6"),
        ('addresses = ["192.0.2.10"]\noutbound = "[2001:db8::1]:5060"', "outbound: 2001:db8::1 is an address of IPv6"),
        (f'{REGISTERS}"[2001:db8::1]"', "host: 2001:db8::1 is an address of IPv6"),
    ],
)
def test_an_address_of_a_family_on_which_sip_does_not_listen_is_a_warning(trunk: str, place: str):
    [said] = warnings(config(trunk))
    assert said.startswith(f"trunks.carrier.{place}") and 'sip.bind = "::" for both' in said
    for sip in ('bind = "::"', 'bind = "192.0.2.1"\nbind_also = "2001:db8::2"'):
        assert warnings(config(trunk, f"[sip]\n{sip}")) == []
    only_six = '[sip]\nbind = "2001:db8::2"'
    [said] = warnings(config('addresses = ["192.0.2.10"]', only_six))
    assert "192.0.2.10 is an address of IPv4" in said and "as sip.bind_also." in said


README = Path(__file__).parents[2] / "docs" / "trunks" / "README.md"


def test_the_blocks_of_the_first_page_are_taken():
    tls, trunk, nat = re.findall(r"^```toml\n(.*?)^```", README.read_text("utf-8"), re.M | re.S)
    account = 'username = "u"\npassword_file = "/x"'
    found = parsed(f"{nat}{tls}[trunks.carrier]\n{account}\n{trunk}{QUEUES}", "", "sanxiang.toml")
    assert warnings(found) == []
    assert (found.sip.external_address, found.trunks["carrier"].transport) == ("203.0.113.7", "tls")


PASSWORDS = ["P@ss#1!;x", "123456", "x", "pass word", ";", '"quoted"', "${SHELL(x)}", "密码", "[a]", "\\", "x" * 128]


@pytest.mark.parametrize("password", PASSWORDS)
def test_any_printable_password_is_well(tmp_path: Path, password: str):
    file = tmp_path / "password"
    file.write_text(password + "\n", "utf-8")
    assert check_prompts_and_menu(registering(file)) == []


def registering(file: Path) -> Config:
    return config(f'host = "a.example"\nusername = "u"\npassword_file = "{file}"')


UNFIT = [
    (b"", "is empty"),
    (b"\n \n", "is empty"),
    (b"one\ntwo\n", "has 2 lines"),
    (b"a\x00b", "holds a control character"),
    (b"a\tb", "holds a control character"),
    (b"a\x7fb", "holds a control character"),
    (b"x" * 129, "more than 128 characters"),
    (b"\xff\xfe", "is not UTF-8"),
]


@pytest.mark.parametrize(("held", "words"), UNFIT)
def test_a_password_that_can_be_none_is_told_by_the_check_and_not_shown(tmp_path: Path, held: bytes, words: str):
    file = tmp_path / "password"
    file.write_bytes(held)
    [said] = check_prompts_and_menu(registering(file))
    assert said.startswith(f"trunks.carrier.password_file: {file} ") and words in said
    assert "Put the password into it" in said and "one\n" not in said and "xxx" not in said


@pytest.mark.parametrize("path", ["/a\\u0000", "/a\\nb", "/a\\tb"])
def test_a_path_with_a_control_character_is_refused_on_one_line(path: str):
    said = refusal(f'host = "a.example"\nusername = "u"\npassword_file = "{path}"')
    assert (
        said.startswith("trunks.carrier.password_file: ") and "holds a control character" in said and "\n" not in said
    )


@pytest.mark.parametrize("path", ["carrier.password", "./x", "~/x", ""])
def test_a_path_that_depends_on_the_working_folder_is_refused(path: str):
    said = refusal(f'host = "a.example"\nusername = "u"\npassword_file = "{path}"')
    assert said.startswith("trunks.carrier.password_file: ") and said.endswith("is no whole path. Write it from / on.")


def test_a_password_file_that_is_not_there_or_is_a_folder_is_told_by_the_check(tmp_path: Path):
    for file in (tmp_path / "absent", tmp_path):
        [said] = check_prompts_and_menu(registering(file))
        assert said.startswith(f"trunks.carrier.password_file: {file} can't be read: ")
