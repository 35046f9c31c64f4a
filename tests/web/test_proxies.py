"""Behind proxies: who a client is, whatever it writes itself, and under which addresses the page is our own."""

from pathlib import Path
from typing import Any

import pytest

from acd.config import BadConfiguration, check, warnings
from acd.web.access.proxies import Proxies, same_place
from tests.config.test_config import small
from tests.web.support.web_server import CONFIG, QA_PASSWORD, running_server

CHAIN = Proxies(["127.0.0.0/8", "::1/128", "172.18.0.0/16", "2001:db8:1::/48", "10.0.0.4"])
CLIENTS = [
    ("203.0.113.9", ["198.51.100.1"], "203.0.113.9"),  # no proxy of ours: what it says is nothing
    ("127.0.0.1", [], "127.0.0.1"),
    ("127.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    ("127.0.0.1", ["1.2.3.4, 203.0.113.9"], "203.0.113.9"),  # the client wrote the first itself
    ("127.0.0.1", ["127.0.0.1, 203.0.113.9"], "203.0.113.9"),
    ("172.18.0.5", ["203.0.113.9, 10.0.0.4"], "203.0.113.9"),  # container behind another host
    ("172.18.0.5", ["1.1.1.1", "203.0.113.9", "10.0.0.4"], "203.0.113.9"),  # in lines of their own
    ("172.18.0.5", ["203.0.113.9:4711"], "203.0.113.9"),
    ("172.18.0.5", ["[2001:db8:2::7]:4711"], "2001:db8:2::7"),
    ("::ffff:172.18.0.5", ["::ffff:203.0.113.9"], "203.0.113.9"),
    ("2001:db8:1::1", ["2001:db8:2::7"], "2001:db8:2::7"),
    ("172.18.0.5", ["203.0.113.9, unknown"], "172.18.0.5"),  # a proxy that hides its client
    ("172.18.0.5", ["203.0.113.9, "], "172.18.0.5"),
    ("172.18.0.5", ["10.0.0.4, 172.18.0.9"], "10.0.0.4"),  # a monitor of ours
    ("unknown", ["203.0.113.9"], "unknown"),
    ("172.18.0.5", [", ".join(["172.18.0.9"] * 1000)], "172.18.0.9"),
]


@pytest.mark.parametrize(("remote", "forwarded", "client"), CLIENTS)
def test_the_client_is_the_nearest_that_is_no_trusted_proxy(remote: str, forwarded: list[str], client: str):
    assert CHAIN.client(remote, forwarded) == client
    assert Proxies([]).client(remote, forwarded) == remote.removeprefix("::ffff:")


@pytest.mark.parametrize(
    ("origin", "host", "same"),
    [
        ("https://hotline.example", "hotline.example", True),
        ("https://Hotline.Example", "hotline.example:443", True),
        ("https://hotline.example:443", "HOTLINE.example", True),
        ("https://hotline.example:8443", "hotline.example:8443", True),
        ("http://[2001:db8::1]:8080", "[2001:DB8::1]:8080", True),
        ("https://hotline.example:8443", "hotline.example", False),
        ("http://hotline.example", "hotline.example:443", False),
        ("https://evil.example", "hotline.example", False),
        ("https://hotline.example.evil", "hotline.example", False),
        ("https://hotline.example@evil", "hotline.example", False),
        ("null", "null", False),
        ("", "", False),
        ("http://[", "[", False),
        ("https://a:99999", "a:99999", False),
    ],
)
def test_two_writings_of_one_place(origin: str, host: str, same: bool):
    assert same_place(origin, host) is same


async def test_log_ins_through_proxies_that_are_trusted_and_others(database: str, tmp_path: Path):
    web = {"trusted_proxies": ["127.0.0.2"], "public_url": "https://hotline.example:8443/"}
    config = check({**CONFIG, "web": web})
    async with running_server(tmp_path, database, behind_tls=True, config=config) as house, house.client() as client:
        body = {"account": "qa", "password": QA_PASSWORD}

        async def status(**headers: str) -> int:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            async with client.post("/api/log-in", json=body, headers=named) as answer:
                return answer.status

        assert await status(Origin="https://hotline.example:8443", Host="127.0.0.1:8080") == 200
        assert await status(Origin="https://HOTLINE.example:8443", Host="hotline.example") == 200
        assert await status(Origin="http://hotline.example:8443", Host="127.0.0.1:8080") == 403
        assert await status(Origin="https://evil.example", Host="127.0.0.1:8080") == 403
        # 127.0.0.1, from where this test asks, is no trusted one here.
        assert await status(Origin="https://evil.example", X_Forwarded_Host="evil.example") == 403


@pytest.mark.parametrize(
    ("web", "told"),
    [
        (
            {"trusted_proxies": ["172.18.0.0/33"]},
            "web.trusted_proxies: '172.18.0.0/33' is neither an address nor a network",
        ),
        ({"trusted_proxies": ["nginx"]}, "web.trusted_proxies: 'nginx' is neither"),
        ({"trusted_proxies": ["0.0.0.0/0"]}, "web.trusted_proxies: '0.0.0.0/0' is the whole world"),
        ({"trusted_proxies": ["::/0"]}, "web.trusted_proxies: '::/0' is the whole world"),
        ({"public_url": "hotline.example"}, "web.public_url: 'hotline.example' is no address of a page"),
        ({"public_url": "https://hotline.example/desk"}, "Write it without a path"),
        ({"public_url": "ftp://hotline.example"}, "is no address of a page"),
    ],
)
def test_wrong_values_are_told(web: dict[str, Any], told: str):
    with pytest.raises(BadConfiguration) as bad:
        check(small(web=web))
    assert told in bad.value.mistakes[0]


def test_plain_http_in_public_url_behind_tls_is_warned_of():
    config = check(small(web={"behind_tls": True, "public_url": "http://hotline.example"}))
    assert any(said.startswith("web.public_url: ") for said in warnings(config))
