"""The lines for nginx and Caddy that docs/access.md shows, in a real nginx and a real Caddy before a real server."""

import asyncio
import json
import re
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from acd.config import check
from acd.pbx.install.ports import free_port
from tests.support.waiting import eventually
from tests.web.support.web_server import CONFIG, QA_PASSWORD, RunningServer, running_server
from tests.web.test_live import Stream

pytestmark = pytest.mark.slow

PAGE = Path(__file__).parents[2] / "docs" / "access.md"
UPSTREAM = "127.0.0.1:8080"


def lines_for(proxy: str) -> list[str]:
    """What the page says for this proxy, without its name."""
    text = PAGE.read_text("utf-8")
    found = [line.removeprefix(proxy).strip() for line in text.splitlines() if line.startswith(f"{proxy}  ")]
    assert found, f"docs/access.md has no line for {proxy}"
    return found


def nginx(folder: Path, port: int, server: str) -> list[str]:
    directives = " ".join(lines_for("nginx"))
    folder.joinpath("nginx.conf").write_text(
        f"""
        daemon off; pid {folder}/nginx.pid; error_log stderr; events {{}}
        http {{
            access_log off;
            client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
            uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
            server {{ listen 127.0.0.1:{port}; location / {{ {directives.replace(UPSTREAM, server)} }} }}
        }}""",
        "utf-8",
    )
    return ["-c", str(folder / "nginx.conf")]


def caddy(folder: Path, port: int, server: str) -> list[str]:
    [site] = lines_for("Caddy")
    site = site.replace("hotline.example.com", f"http://127.0.0.1:{port}").replace(UPSTREAM, server)
    head, body = re.fullmatch(r"(\S+) \{ (.*) \}", site).groups()  # type: ignore[union-attr]
    folder.joinpath("Caddyfile").write_text(f"{{\n\tadmin off\n}}\n{head} {{\n\t{body}\n}}\n", "utf-8")
    return ["run", "--adapter", "caddyfile", "--config", str(folder / "Caddyfile")]


@asynccontextmanager
async def in_front_of(
    house: RunningServer, folder: Path, proxy: Callable[[Path, int, str], list[str]]
) -> AsyncIterator[str]:
    """The address of this proxy before the server."""
    program = shutil.which(proxy.__name__, path="/usr/sbin:/usr/bin:/usr/local/bin")
    if program is None:
        pytest.skip(f"no {proxy.__name__} is installed")
    port = free_port("tcp")
    words = proxy(folder, port, house.url.removeprefix("http://"))
    environment = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    process = await asyncio.create_subprocess_exec(program, *words, env=environment, cwd=folder)
    try:

        async def answers() -> bool:
            assert process.returncode is None, "it has ended"
            try:
                async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/health") as answer:
                    return answer.status in (200, 503)
            except aiohttp.ClientError:
                return False

        await eventually(answers, "an answer through the proxy")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGTERM)
        await process.wait()


@pytest.mark.parametrize("proxy", [nginx, caddy], ids=lambda proxy: proxy.__name__)
async def test_through_a_real_proxy_people_log_in_see_what_happens_and_are_who_they_are(
    database: str, tmp_path: Path, proxy: Callable[[Path, int, str], list[str]]
):
    folder = tmp_path / "proxy"
    folder.mkdir()
    config = check({**CONFIG, "web": {"trusted_proxies": ["127.0.0.1"]}})
    async with (
        running_server(tmp_path / "state", database, behind_tls=True, config=config) as house,
        in_front_of(house, folder, proxy) as url,
    ):
        # The client has an address of its own, and writes another one itself: that one is not believed.
        connector = aiohttp.TCPConnector(local_addr=("127.0.0.7", 0))
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as client:
            headers = {"Origin": url.replace("http:", "https:"), "X-Forwarded-For": "203.0.113.9"}
            # The page's port is the proxy's own; with TLS before it the browser names it so.
            body = {"account": "qa", "password": QA_PASSWORD}
            async with client.post(f"{url}/api/log-in", json=body, headers=headers) as answer:
                assert answer.status == 200, await answer.text()
                assert "Secure" in answer.headers["Set-Cookie"]
            evil = {**headers, "Origin": "https://evil.example"}
            async with client.post(f"{url}/api/log-in", json=body, headers=evil) as answer:
                assert answer.status == 403
            audit = [json.loads(line) for line in (house.folder / "audit.log").read_text().splitlines()]
            assert {line["source"] for line in audit} == {"127.0.0.7"}
            # What happens is told at once: the proxy holds nothing back.
            key = {"Authorization": f"Bearer {house.token()}"}
            async with client.get(f"{url}/api/events", headers=key) as stream:
                assert stream.status == 200
                told = Stream(stream)
                assert (await told.next())["event"] == "snapshot"
                call = house.calls.arrives()
                assert [row["call"] for row in (await told.next())["data"]["calls"]] == [call]
