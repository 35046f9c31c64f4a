"""Bytes as a stranger may send them, over a real socket: whatever they are, no answer is a 500 and nobody gets in."""

import asyncio
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import structlog

from acd.web.access.auth import COOKIE
from acd.web.server.app import ROUTES
from acd.web.server.log_limit import LINES, NOT_HTTP, LogLimit
from acd.web.server.problems import LOG_LIMIT
from tests.support.waiting import eventually
from tests.web.support.web_server import RunningServer, running_server

BYTES = {
    "no UTF-8": b"\xff\xfe",
    "half a sign": b"\xe4\xb8",
    "a surrogate": b"\xed\xa0\x80",
    "too long a form": b"\xc0\xaf",
    "UTF-8": "核实".encode(),
    "C1": b"\x80\x9f",
}
"""What a header, a path and a body may hold in a place where text is expected."""

HEADERS = (
    b"Authorization: Bearer %s",
    b"Authorization: Bearer TOKEN%s",
    b"Authorization: %s abc",
    b"Authorization: Basic %s",
    b"Cookie: sanxiang=%s",
    b"Cookie: %s=1; sanxiang=1",
    b'Cookie: sanxiang="%s"',
    b"X-Forwarded-For: %s",
    b"X-Forwarded-For: 1.2.3.4, %s",
    b"Last-Event-ID: %s",
    b"If-Match: %s",
    b"If-None-Match: %s",
    b"If-Range: %s",
    b"If-Modified-Since: %s",
    b"Range: bytes=%s",
    b"Origin: %s",
    b"Origin: http://[%s",
    b"Referer: %s",
    b"Accept: %s",
    b"Accept-Encoding: %s",
    b"Content-Type: %s",
    b"Content-Type: application/json; charset=%s",
    b"User-Agent: %s",
    b"X-Odd: %s",
)
PLACES = {
    "agent": b"1001",
    "account": b"nobody",
    "call": b"c1-2-3",
    "offer": b"c1-2-3-1",
    "queue": b"orders",
    "customer": b"K-1",
    "caller": b"13800001111",
    "name": b"index.js",
    "number": b"1",
    "key": b"AAAA",
    "report": b"nobody",
    "fault": b"7",
    "callback": b"p-1",
    "message": b"m1234567890-0001",
}


async def raw(house: RunningServer, request: bytes) -> tuple[int, bytes]:
    """Status and the whole of what the server sends for these bytes; 0 when it only closes the connection."""
    address = urlsplit(house.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        writer.write(request)
        await writer.drain()
        async with asyncio.timeout(20):
            head = await reader.readuntil(b"\r\n\r\n")
            if b"text/event-stream" in head:
                return int(head.split()[1]), head
            return int(head.split()[1]), head + await reader.read()
    except asyncio.IncompleteReadError as error:
        assert not error.partial
        return 0, b""
    finally:
        writer.close()


def asked(method: bytes, path: bytes, *headers: bytes, host: bytes = b"h", body: bytes = b"") -> bytes:
    length = [b"Content-Length: %d" % len(body)] if method == b"POST" else []
    lines = [b"%s %s HTTP/1.1" % (method, path), b"Host: " + host, b"Connection: close", *headers, *length]
    return b"\r\n".join([*lines, b"", body])


def path_of(pattern: str, **places: bytes) -> bytes:
    known = PLACES | places
    found = re.sub(rb"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}", lambda each: known[each[1].decode()], pattern.encode())
    return bytes(found)


@pytest.mark.parametrize("odd", BYTES.values(), ids=BYTES)
async def test_no_header_of_odd_bytes_is_a_fault_of_ours_or_opens_anything(house: RunningServer, odd: bytes):
    token = house.token().encode()
    for header in HEADERS:
        line = header.replace(b"TOKEN", token) % odd
        for method, path in ((b"GET", b"/health"), (b"GET", b"/api/state"), (b"POST", b"/api/agents/1001/ready")):
            status, said = await raw(house, asked(method, path, line, body=b"{}" if method == b"POST" else b""))
            assert status < 500 or (path == b"/health" and status == 503), (line, said)
            if path != b"/health":
                assert status in (0, 400, 401), (line, said)
    for host in (odd, b"h:" + odd, b"[" + odd, b"[", b"h:99999", b"h:x", b""):
        for path in (b"/health", b"/api/state"):
            status, said = await raw(house, asked(b"GET", path, b"Origin: http://h", host=host))
            assert status in (200, 400, 401, 503), (host, said)


@pytest.mark.parametrize("odd", BYTES.values(), ids=BYTES)
async def test_nor_of_one_who_may_ask(house: RunningServer, odd: bytes):
    token = b"Authorization: Bearer " + house.token().encode()
    for header in HEADERS[7:]:
        for path in (b"/api/state", b"/api/events", b"/api/openapi.json", b"/metrics"):
            status, said = await raw(house, asked(b"GET", path, token, header % odd))
            assert status in (200, 400), (header, path, said)


def escaped(odd: bytes) -> Iterator[bytes]:
    yield b"".join(b"%%%02x" % byte for byte in odd)
    yield odd


@pytest.mark.parametrize("odd", BYTES.values(), ids=BYTES)
async def test_no_path_or_query_of_odd_bytes_is_a_fault_of_ours(house: RunningServer, odd: bytes):
    tokens = {"operator": house.token(), "stories": house.token("stories")}
    async with house.client("crm"):
        tokens["crm"] = house.keys["crm"]
    cookies = {}
    for who in ("qa", "1001"):
        async with house.client(who) as client:
            cookies[who] = next(str(cookie.value) for cookie in client.cookie_jar if cookie.key == COOKIE)
            for form in escaped(odd):
                await every_route(house, form, f"Cookie: sanxiang={cookies[who]}".encode())
    for token in tokens.values():
        for form in escaped(odd):
            await every_route(house, form, f"Authorization: Bearer {token}".encode())


async def every_route(house: RunningServer, form: bytes, who: bytes) -> None:
    for route in ROUTES:
        if route.path in ("/api/log-out", "/api/config/reload", "/api/config/back"):
            continue
        for path in {
            path_of(route.path) + b"?x=" + form,
            path_of(route.path) + b"?" + form + b"=1",
            *(path_of(route.path) + b"?%s=" % name.encode() + form for name in route.query.model_fields),
            *(path_of(route.path, **{name: form}) for name in PLACES if "{" + name in route.path),
        }:
            body = b"{}" if route.method == "POST" else b""
            headers = [who, b"Origin: http://h", b"Content-Type: application/json"]
            status, said = await raw(house, asked(route.method.encode(), path, *headers, body=body))
            assert status != 500, (route.path, path, said)


LONE = ("\\ud800", "x\\udfffy", "\\udc80\\ud800")


NOTHING_SAID = (b"\xff\xfe{\x00}\x00", b"\xef\xbb\xbf{}")
"""An empty object, with a mark of its encoding: a body in which nothing is required may be that."""


async def test_no_body_of_odd_bytes_is_a_fault_of_ours(house: RunningServer):
    token = b"Authorization: Bearer " + house.token().encode()
    for route in ROUTES:
        if route.body is None:
            continue
        bodies = [
            b"\xff",
            b'"\xff"',
            b'{"x": "\xed\xa0\x80"}',
            b"\xff\xfe{\x00}\x00",
            b"\xef\xbb\xbf{}",
            b'{"\xff": 1}',
        ]
        names = ["x", *route.body.model_fields]
        for lone in LONE:
            bodies += [json.dumps({name: "HERE"}).replace("HERE", lone).encode() for name in names]
            bodies += [f'{{"{lone}": 1}}'.encode(), f'["{lone}"]'.encode()]
            whole: dict[str, Any] = dict.fromkeys(route.body.model_fields, "HERE")
            bodies.append(json.dumps(whole).replace("HERE", lone).encode())
        for body in bodies:
            for charset in (b"", b"; charset=utf-16", b"; charset=nonsense"):
                headers = [token, b"Content-Type: application/json" + charset]
                status, said = await raw(house, asked(b"POST", path_of(route.path), *headers, body=body))
                if body in NOTHING_SAID and not any(each.is_required() for each in route.body.model_fields.values()):
                    assert status < 500, (route.path, body, said)
                    continue
                assert status in (400, 401, 403, 404, 409), (route.path, body, said)


async def test_no_log_in_of_odd_bytes_is_a_fault_of_ours(house: RunningServer):
    for lone in LONE:
        for body in (
            f'{{"account": "{lone}", "password": "x"}}',
            f'{{"account": "operator", "password": "{lone}"}}',
            f'{{"account": "1001", "password": "{lone}"}}',
        ):
            headers = [b"Content-Type: application/json"]
            status, said = await raw(house, asked(b"POST", b"/api/log-in", *headers, body=body.encode()))
            assert status in (400, 401), (body, said)


async def test_an_origin_that_is_no_address_is_another_page(house: RunningServer):
    async with house.client("operator") as client:
        cookie = b"Cookie: sanxiang=" + next(str(one.value) for one in client.cookie_jar if one.key == COOKIE).encode()
        for origin in (b"http://[", b"http://[::1", b"http://\xe2\x84\x80", b"", b"\xff"):
            request = asked(b"POST", b"/api/agents/1001/ready", cookie, b"Origin: " + origin, body=b"{}")
            status, said = await raw(house, request)
            assert (status, b"cross-site" in said) == (403, True), said
        request = asked(b"POST", b"/api/agents/1001/ready", cookie, host=b"", body=b"{}")
        assert (await raw(house, request))[0] in (400, 403), "neither Host nor Origin"


# -- how many of them ------------------------------------------------------------------------------------------------

ODD_TOKENS = (b"Authorization: Bearer \xff", b"Authorization: Bearer wrong", b"Cookie: sanxiang=\xff", b"X-Odd: 1")


async def test_no_header_passes_the_limit_of_requests_or_fills_the_log(database: str, tmp_path: Path):
    async with running_server(tmp_path / "limited", database, requests_per_s=20.0) as house:
        house.time.stop()
        for header in ODD_TOKENS:
            with structlog.testing.capture_logs() as lines:
                answers = await asyncio.gather(*(raw(house, asked(b"GET", b"/api/me", header)) for _ in range(150)))
            assert Counter(status for status, _ in answers) == {401: 60, 429: 90}, header
            written = Counter(line.get("code") for line in lines if line["event"] == "a request was refused")
            assert written == {"not-logged-in": LINES, "too-many-requests": LINES}
            house.app[LOG_LIMIT]._minutes.clear()
            house.time.forward(60)
        # /metrics has all of them.
        request = asked(b"GET", b"/metrics", b"Authorization: Bearer " + house.token().encode())
        status, said = await raw(house, request)
        assert status == 200
        assert b'sanxiang_refused_total{code="too-many-requests"} 360.0' in said
        assert b'sanxiang_refused_total{code="not-logged-in"} 240.0' in said


async def test_an_address_is_limited_before_anything_else_is_looked_at(database: str, tmp_path: Path):
    """What is there or not, whoever asks, with however many tokens: 50 times what one session may, three seconds' worth."""
    async with running_server(tmp_path / "limited", database, requests_per_s=0.1) as house:
        house.time.stop()
        statuses = Counter[int]()
        for n in range(20):
            for path in (b"/nothing", b"/", b"/api/me?%ff"):
                statuses[(await raw(house, asked(b"GET", path, b"Authorization: Bearer \xff%d" % n)))[0]] += 1
        assert statuses[429] >= 60 - 15, statuses
        assert 500 not in statuses


async def test_what_is_left_out_of_the_log_is_told_as_a_number(house: RunningServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(house.app._state, LOG_LIMIT, LogLimit(lines=3, every_s=0.5))

    def broken(*_: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(house.store, "kpi_by_interval", broken)
    token = b"Authorization: Bearer " + house.token().encode()
    with structlog.testing.capture_logs() as lines:
        for _ in range(8):
            assert (await raw(house, asked(b"GET", b"/api/kpi", token)))[0] == 500
            assert (await raw(house, asked(b"GET", b"/api/kpi")))[0] == 401
        await eventually(lambda: sum(line.get("left_out", 0) for line in lines) >= 10, "the numbers")
    written = Counter(line["event"] for line in lines)
    assert written["a request failed"] <= 6 and written["a request was refused"] <= 6
    left_out = {line["kind"]: line["left_out"] for line in lines if line["event"] == "lines were left out"}
    assert left_out["RuntimeError /api/kpi"] + written["a request failed"] == 8
    assert left_out["not-logged-in"] + written["a request was refused"] == 8


NO_HTTP = (b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nHost\r\n\r\n", b"GET / HTTP/1.1\r\nX: a\x00b\r\n\r\n", b"GET /\xff\x00 HTTP/1.1\r\n\r\n")  # fmt: skip


async def test_what_is_no_http_is_a_line_without_a_traceback_and_not_always(
    house: RunningServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    monkeypatch.setattr(NOT_HTTP, "limit", LogLimit(lines=2))
    with caplog.at_level(logging.DEBUG, "aiohttp.server"):
        for _ in range(10):
            for request in NO_HTTP:
                status, said = await raw(house, request)
                assert status in (0, 400), said
    found = [record for record in caplog.records if record.name == "aiohttp.server"]
    assert found
    assert not [record for record in found if record.exc_info]
    assert len(found) <= 2 * len(NO_HTTP)
