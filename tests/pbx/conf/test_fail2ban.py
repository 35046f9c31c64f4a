"""docs/fail2ban: who is banned is who sent it, whatever stands in the request; on what a real Asterisk and a real daemon write."""

import asyncio
import json
import secrets
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest

from acd.errors import SanxiangError
from acd.processes.log_keeper import LogKeeper
from acd.sipp.actors import Phone
from acd.web.access.audit import Audit
from tests.pbx.support.asterisk_fixture import AsteriskFixture
from tests.pbx.support.raw_sip import Request, asked
from tests.support.fail2ban import Fail2ban, ensure_fail2ban
from tests.support.waiting import eventually

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).parents[3] / "docs" / "fail2ban"
VICTIM = "203.0.113.9"
"""Whom a stranger would like to have banned: the carrier."""
FORGED = f'x",SessionID="y",LocalAddress="IPV4/UDP/127.0.0.1/5060",RemoteAddress="IPV4/UDP/{VICTIM}/5060'
LINE = f'\n[2026-11-28 10:00:00.000] SECURITY[1] res_security_log.c: SecurityEvent="InvalidAccountID",{FORGED}"\n'
SHORT = f'",RemoteAddress="IPV4/UDP/{VICTIM}/1"'


@pytest.fixture(scope="session")
def fail2ban() -> Fail2ban:
    try:
        return ensure_fail2ban()
    except SanxiangError as why:
        pytest.skip(f"fail2ban-regex can't be had here: {why}")


@pytest.fixture(params=["Asterisk's own file", "through the supervisor's pipe"])
async def own_house(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[AsteriskFixture]:
    keeper, piped = LogKeeper(), "pipe" in request.param
    if piped:
        (tmp_path / "house" / "run" / "log").mkdir(parents=True)
        keeper.fifos(tmp_path / "house" / "run" / "log")
    opened = await AsteriskFixture.opened(tmp_path / "house", agents=("1001",), log_pipes=piped)
    yield opened
    await opened.closed()
    keeper.close()


def register(port: int, source: str, call_id: str, more: str = "", user: str = "zz") -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind((source, 0))
        line.sendto(
            (
                f"REGISTER sip:127.0.0.1:{port} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {source}:{line.getsockname()[1]};branch=z9hG4bK{secrets.token_hex(4)};rport\r\n"
                f"From: <sip:{user}@x>;tag=1\r\nTo: <sip:{user}@x>\r\nCall-ID: {call_id}\r\nCSeq: 1 REGISTER\r\n"
                f"Contact: <sip:a@127.0.0.1>\r\n{more}Content-Length: 0\r\n\r\n"
            ).encode(),
            ("127.0.0.1", port),
        )


async def test_who_is_banned_is_who_sent_it_whatever_they_wrote(
    own_house: AsteriskFixture, fail2ban: Fail2ban, tmp_path: Path
):
    port = own_house.settings.sip_port
    await own_house.agents("1001", Phone())  # answers its challenge as a telephone does
    security = own_house.settings.run_folder / "log" / "security.log"
    await eventually(lambda: "SuccessfulAuth" in security.read_text("utf-8", "replace"), "the log of a good password")
    good = security.read_text("utf-8", "replace")
    (tmp_path / "good.log").write_text(good)
    assert "SuccessfulAuth" in good and "ChallengeSent" in good
    assert fail2ban.hosts(tmp_path / "good.log", FOLDER / "sanxiang-sip.conf") == []

    sent: list[str] = []

    def source() -> str:
        sent.append(f"127.0.1.{len(sent) + 1}")
        return sent[-1]

    accounts = [
        "1234",
        "admin",
        FORGED,
        LINE,
        SHORT,
        f"\n{SHORT}\n",
        f"a\r\nb{SHORT}",
        "x\\",
        '"' * 36,
        "\n" * 36,
        "' failed for '",
    ]
    for account in accounts:
        assert 401 in await asked(Request("REGISTER", quote(account, safe="")), port, source())
    for method in ("INVITE", "OPTIONS", "SUBSCRIBE"):
        await asked(Request(method, "nobody"), port, source())
    await asked(Request("INVITE", "1001", auth_user="1001"), port, source())
    await asked(Request("REGISTER", "1001", auth_user=quote(FORGED)), port, source())
    for call_id in (FORGED, f"{FORGED}\\", 'a"b\\c', quote(LINE, safe=""), f"x' failed for '{VICTIM}:1' (callid: y"):
        register(port, source(), call_id)
    escaped = FORGED.replace('"', '\\"')
    for said in (escaped, quote(LINE, safe=""), escaped + "\\\\"):
        for place in ("nonce", "response", "username", "realm"):
            words = {"username": "1001", "realm": "asterisk", "nonce": "n", "uri": "sip:x", "response": "r"} | {
                place: said
            }
            digest = ", ".join(f'{name}="{value}"' for name, value in words.items())
            register(port, source(), FORGED, f"Authorization: Digest {digest}, algorithm=MD5\r\n", "1001")

    def seen() -> list[str]:
        (tmp_path / "bad.log").write_text(security.read_text("utf-8", "replace").removeprefix(good))
        return fail2ban.hosts(tmp_path / "bad.log", FOLDER / "sanxiang-sip.conf")

    await eventually(lambda: f"/{sent[-1]}/" in security.read_text("utf-8", "replace"), "the last request in the log")
    banned = await asyncio.to_thread(seen)
    assert VICTIM not in banned
    assert set(banned) <= set(sent)
    escaped_ban = set(sent) - set(banned)
    assert not escaped_ban, (escaped_ban, security.read_text("utf-8", "replace").removeprefix(good))


async def test_refused_log_ins_are_found_in_the_audit_log(fail2ban: Fail2ban, tmp_path: Path):
    audit = Audit(tmp_path / "audit.log", lambda: datetime.now(UTC))
    forged = f'x", "action": "log-in refused", "source": "{VICTIM}", "before": "0"}}'
    names = ["operator", forged, f"{forged}\n", "\\", '\\"', "x" * 64, "张三"]
    for number, name in enumerate(names):
        await audit.note(name, "log-in refused", source=f"192.0.2.{number}")
        await audit.note(name, "logged in", source=VICTIM)
        await audit.note("operator", "agent added", agent=forged, source=VICTIM)
    await audit.note("operator", "log-in refused", source="2001:db8::1")
    assert json.loads((tmp_path / "audit.log").read_text().splitlines()[0])["who"] == "operator"
    found = await asyncio.to_thread(fail2ban.hosts, tmp_path / "audit.log", FOLDER / "sanxiang-web.conf")
    assert found == [*(f"192.0.2.{number}" for number in range(len(names))), "2001:db8::1"]


def test_the_jails_name_filters_that_there_are():
    text = (FOLDER / "sanxiang-jail.conf").read_text("utf-8")
    named = [line.partition("=")[2].strip() for line in text.splitlines() if line.startswith("filter ")]
    assert sorted(f"{name}.conf" for name in named) == sorted(
        file.name for file in FOLDER.glob("*.conf") if "jail" not in file.name
    )
