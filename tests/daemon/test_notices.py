"""Alarms told outside: a real program, a real HTTP receiver, a real conversation by SMTP; and what becomes of those that fail."""

import asyncio
import base64
import contextlib
import email
import email.policy
import json
import logging
import ssl
import stat
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from acd import config as configuration
from acd.alarms.book import Book, Change
from acd.alarms.rows import alarm_row
from acd.config import Config
from acd.config.alarms import AlarmsTable
from acd.daemon.notices.command import Command
from acd.daemon.notices.mail import Letters
from acd.daemon.notices.notice import Notice, NotSent
from acd.daemon.notices.sending import WAITING, Notices, Outbox, TestUnderWay
from acd.daemon.notices.webhook import WebhookPost, read_secret, signature
from acd.engine.commands import Kind, Log
from tests.support.certificates import made
from tests.support.smtp_server import MailServer, mail_server
from tests.support.waiting import eventually

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
ODD = '坐席 <b> "quoted" $(touch /tmp/x) `id` \r\nBcc: x@example.com'


def change(name: str = "trunk-no-answer", detail: str = "carrier|12:00", **more: Any) -> Change:
    [found] = Book().take(NOON, Log(Kind.ALARM, detail={"name": name, "detail": detail, **more}))
    return found


def notice(**how: Any) -> Notice:
    return Notice("raised", NOON, "三响热线", alarm_row(change(**how).alarm))


def table(**alarms: Any) -> AlarmsTable:
    return AlarmsTable.model_validate(alarms)


def config_with(**alarms: Any) -> Config:
    queues = {"orders": {"label": {"zh": "订单", "en": "Orders"}}}
    return configuration.check(
        {
            "hotline": {"name": "三响热线", "numbers": {"95001": "zh"}},
            "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
            "queues": queues,
            "alarms": alarms,
        }
    )


def program(folder: Path, text: str) -> list[str]:
    file = folder / "page.sh"
    file.write_text(f"#!/bin/sh\n{text}\n")
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return [str(file), "an argument"]


def secret_file(folder: Path, text: str = SECRET) -> str:
    file = folder / "secret"
    file.write_text(text + "\n")
    return str(file)


# -- a program --------------------------------------------------------------------------------------------------------------


async def test_a_program_gets_the_alarm_on_standard_input_and_nothing_of_it_as_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("A_DAEMONS_SECRET", "a secret of the daemon")
    words = program(tmp_path, f'cat > {tmp_path}/got; echo "$# $1" > {tmp_path}/words; env > {tmp_path}/env')
    await Command().send(notice(name="loop blocked", detail=ODD), table(command=words))
    got = json.loads((tmp_path / "got").read_text())
    assert (got["type"], got["data"]["hotline"], got["data"]["alarm"]["kind"]) == (
        "alarm.raised",
        "三响热线",
        "loop-blocked",
    )
    assert ODD in got["data"]["alarm"]["said"]["en"]
    assert (tmp_path / "words").read_text() == "1 an argument\n"
    assert "a secret of the daemon" not in (tmp_path / "env").read_text()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("exit 3", "ended with status 3"),
        ("echo no pager there >&2; exit 1", "no pager there"),
        ("head -c 5000000 /dev/zero >&2; exit 1", "ended with status 1"),
        ("kill -9 $$", "ended with status -9"),
    ],
)
async def test_a_program_that_fails_is_told_with_what_it_said(tmp_path: Path, text: str, why: str):
    with pytest.raises(NotSent, match=why) as failed:
        await Command().send(notice(), table(command=program(tmp_path, text)))
    assert len(str(failed.value)) < 500


async def test_a_program_that_does_not_end_is_ended_with_all_that_it_has_started(tmp_path: Path):
    words = program(tmp_path, f"sleep 987 & echo $! > {tmp_path}/child; wait")
    with pytest.raises(NotSent, match="did not end within 1 s"):
        await Command().send(notice(), table(command=words, command_within_s=1))
    child = int((tmp_path / "child").read_text())

    def gone() -> bool:
        try:
            return Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
        except FileNotFoundError:
            return True

    await eventually(gone, "the child's end")


@pytest.mark.parametrize("word", ["/nowhere/page", "/etc", "/etc/hostname"])
async def test_a_program_that_can_not_be_started_is_told(word: str):
    with pytest.raises(NotSent, match="can't be started"):
        await Command().send(notice(), table(command=[word]))


# -- a webhook --------------------------------------------------------------------------------------------------------------


class Receiver:
    """An HTTP server that answers what a test says, in turn; the last answer again and again."""

    def __init__(self, *answers: int) -> None:
        self.answers, self.got, self.url = list(answers), list[tuple[dict[str, str], bytes]](), ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(({name.lower(): value for name, value in request.headers.items()}, await request.read()))
        status = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return web.Response(
            status=status, headers={"Location": self.url.replace("/hook", "/other")} if status == 302 else {}
        )


@contextlib.asynccontextmanager
async def receiver(*answers: int) -> AsyncIterator[Receiver]:
    found = Receiver(*answers)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", found.take)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield found
    finally:
        await runner.cleanup()


def test_the_signature_is_that_of_the_specification():
    """The example of the published specification: id, time, body and secret to signature."""
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


async def test_a_webhook_is_signed_over_what_arrives(tmp_path: Path):
    async with receiver(200) as there:
        one = notice(name="loop blocked", detail=ODD)
        await WebhookPost().send(one, table(webhook={"url": there.url, "secret_file": secret_file(tmp_path)}))
    [(headers, body)] = there.got
    assert headers["webhook-id"] == one.id and headers["content-type"] == "application/json"
    secret = base64.b64decode(SECRET.removeprefix("whsec_"))
    assert headers["webhook-signature"] == signature(secret, one.id, headers["webhook-timestamp"], body)
    assert json.loads(body)["data"]["alarm"]["subject"] == ""


@pytest.mark.parametrize(
    ("status", "why", "for_good"),
    [
        (302, "answered 302", False),
        (404, "answered 404", False),
        (500, "answered 500", False),
        (410, "no more of them", True),
    ],
)
async def test_only_2xx_is_taken_and_nobody_is_sent_elsewhere(tmp_path: Path, status: int, why: str, for_good: bool):
    async with receiver(status) as there:
        with pytest.raises(NotSent, match=why) as failed:
            await WebhookPost().send(notice(), table(webhook={"url": there.url, "secret_file": secret_file(tmp_path)}))
        assert failed.value.for_good is for_good
        assert len(there.got) == 1, "a redirect is not followed"


@pytest.mark.parametrize(
    "text", ["", "whsec_", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_#!§", "whsec_" + "A" * 200]
)
def test_a_secret_that_is_none_is_told_without_a_word_of_it(tmp_path: Path, text: str):
    with pytest.raises(NotSent, match="does not hold a secret") as refused:
        read_secret(Path(secret_file(tmp_path, text)))
    assert not text.removeprefix("whsec_") or text not in str(refused.value)


async def test_no_proxy_of_the_environment_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    async with receiver(200) as there, receiver(200) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/hook"))
        monkeypatch.delenv("no_proxy", raising=False)
        await WebhookPost().send(notice(), table(webhook={"url": there.url, "secret_file": secret_file(tmp_path)}))
        assert len(there.got) == 1 and proxy.got == []


# -- an e-mail --------------------------------------------------------------------------------------------------------------


@pytest.fixture
def tls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's certificate that this process trusts."""
    files = made(tmp_path / "tls", "localhost")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(files.certificate, files.key)
    monkeypatch.setenv("SSL_CERT_FILE", str(files.certificate))
    return context


IN_CLEAR: dict[str, Any] = {"host": "127.0.0.1", "sender": "a@example.com", "to": ["b@example.com"], "security": "none"}


def mail_to(server: MailServer, language: str = "en", **more: Any) -> AlarmsTable:
    mail = {
        "host": "localhost",
        "port": server.port,
        "sender": "hotline@example.com",
        "to": ["night@example.com", "day@example.com"],
    }
    return table(mail=mail | more, language=language)


async def test_a_letter_after_starttls_and_log_in(tmp_path: Path, tls: ssl.SSLContext):
    word = base64.b64encode(b"\0hotline\0opensesame")
    (tmp_path / "password").write_text("opensesame\n")
    async with mail_server(tls=tls, password=word) as server:
        await Letters().send(notice(), mail_to(server, username="hotline", password_file=str(tmp_path / "password")))
    letter = email.message_from_string(server.letters[0], policy=email.policy.default)
    assert letter["Subject"] == "[三响热线] CRITICAL alarm: Trunk does not answer (carrier)"
    assert letter["To"] == "night@example.com, day@example.com" and letter["Auto-Submitted"] == "auto-generated"
    body = letter.get_content()
    assert "has not answered OPTIONS since 12:00" in body and "sanxiang alarms seen 1" in body
    assert [line.partition(" ")[0].upper() for line in server.in_clear] == ["EHLO", "STARTTLS"], (
        "nothing else before the encryption"
    )


async def test_a_letter_in_chinese():
    async with mail_server() as server:
        await Letters().send(notice(), mail_to(server, **IN_CLEAR, language="zh"))
    letter = email.message_from_string(server.letters[0], policy=email.policy.default)
    assert letter["Subject"] == "[三响热线] 严重告警：中继无应答（carrier）"
    assert "中继 carrier 自 12:00 起无应答" in letter.get_content()


async def test_no_text_of_an_alarm_becomes_a_line_of_the_letter_s_head():
    async with mail_server() as server:
        await Letters().send(notice(name="x\r\nBcc: y@example.com", subject=ODD), mail_to(server, **IN_CLEAR))
    letter = email.message_from_string(server.letters[0], policy=email.policy.default)
    assert letter["Bcc"] is None and letter["To"] == "b@example.com"


@pytest.mark.parametrize(
    ("how", "more", "why"),
    [
        ({}, {}, "offers no starttls"),
        ({"password": b"x"}, {"security": "none", "username": "hotline"}, "refuses username or password"),
        ({"refuses": "night@"}, {"security": "none"}, "takes no mail for night@example.com; the others have it"),
        ({"refuses": "@example.com"}, {"security": "none"}, "takes no mail for night@example.com, day@example.com"),
        ({"password": b"x"}, {"security": "none"}, "answered 530"),
    ],
)
async def test_a_server_that_refuses_is_told_without_the_password(
    tmp_path: Path, how: dict[str, Any], more: dict[str, Any], why: str
):
    (tmp_path / "password").write_text("opensesame")
    if "username" in more:
        more = more | {"password_file": str(tmp_path / "password")}
    async with mail_server(**how) as server:
        with pytest.raises(NotSent, match=why) as failed:
            await Letters().send(notice(), mail_to(server, **more))
    assert "opensesame" not in str(failed.value)


async def test_a_certificate_that_nobody_trusts_gets_no_letter(
    tmp_path: Path, tls: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
):
    other = made(tmp_path / "other", "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(other.certificate))
    async with mail_server(tls=tls) as server:
        with pytest.raises(NotSent, match="no encryption with localhost"):
            await Letters().send(notice(), mail_to(server))
    assert server.letters == []


async def test_a_server_that_hangs_holds_up_one_letter_and_no_second(monkeypatch: pytest.MonkeyPatch):
    letters = Letters()
    async with mail_server(hangs=True) as server:
        waiting = asyncio.create_task(letters.send(notice(), mail_to(server, **IN_CLEAR)))
        await eventually(lambda: letters._postman.busy, "the thread")
        with pytest.raises(NotSent, match="still ponders"):
            await letters.send(notice(), mail_to(server, **IN_CLEAR))
        waiting.cancel()


# -- on their way -----------------------------------------------------------------------------------------------------------


class Scripted:
    """A way outward that fails as often as a test says."""

    name = "scripted"

    def __init__(self, *outcomes: Exception | None) -> None:
        self.outcomes, self.got = list(outcomes), list[Notice]()

    def configured(self, table: AlarmsTable) -> bool:
        return bool(table.command)

    async def send(self, notice: Notice, table: AlarmsTable) -> None:
        self.got.append(notice)
        outcome = self.outcomes.pop(0) if self.outcomes else None
        if outcome is not None:
            raise outcome


@contextlib.asynccontextmanager
async def running(
    way: Any, config: Callable[[], Config], pauses_s: tuple[float, ...] = (0.0, 0.0)
) -> AsyncIterator[Outbox]:
    outbox = Outbox(way, config, pauses_s)
    task = asyncio.create_task(outbox.run())
    try:
        yield outbox
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_what_fails_is_tried_again_with_the_same_id_and_in_order():
    config = config_with(command=["/bin/true"])
    way = Scripted(NotSent("no"), RuntimeError("a bug"))
    async with running(way, lambda: config) as outbox:
        first, second = notice(), notice()
        outbox.put(first)
        outbox.put(second)
        await eventually(lambda: outbox.sent == 2, "both")
    assert way.got == [first, first, first, second] and outbox.left_out == 0


@pytest.mark.parametrize("outcomes", [[NotSent("no")] * 3, [NotSent("gone", for_good=True)]])
async def test_what_fails_too_often_or_for_good_is_left_out_and_the_next_goes(outcomes: list[NotSent]):
    config, way = config_with(command=["/bin/true"]), Scripted(*outcomes)
    async with running(way, lambda: config) as outbox:
        outbox.put(notice())
        outbox.put(last := notice())
        await eventually(lambda: outbox.sent == 1, "the second")
    assert outbox.left_out == 1 and way.got[-1] is last and len(way.got) == len(outcomes) + 1


async def test_a_storm_keeps_the_latest_and_a_way_that_is_taken_away_gets_no_more():
    config, way = config_with(command=["/bin/true"]), Scripted()
    outbox = Outbox(way, lambda: config)
    for _ in range(WAITING + 20):
        outbox.put(notice())
    assert len(outbox) == WAITING and outbox.left_out == 20
    config = config_with()
    outbox.put(notice())
    assert len(outbox) == WAITING, "nothing is kept for a way that there is not"
    task = asyncio.create_task(outbox.run())
    await eventually(lambda: not len(outbox), "the rest")
    task.cancel()
    assert way.got == []


async def test_one_way_that_hangs_holds_up_no_other(tmp_path: Path):
    class Hangs(Scripted):
        name = "hangs"

        async def send(self, notice: Notice, table: AlarmsTable) -> None:
            await asyncio.Event().wait()

    config, well = config_with(command=["/bin/true"]), Scripted()
    notices = Notices(lambda: config, Book, lambda: NOON, [Hangs(), well])
    tasks = [asyncio.create_task(box.run()) for box in notices.outboxes]
    notices.changed(NOON, change())
    await eventually(lambda: well.got, "the other")
    for task in tasks:
        task.cancel()


async def test_what_was_held_back_is_told_later_as_it_is_then():
    at = [NOON]
    book, config, way = Book(), config_with(command=["/bin/true"], repeat_after_min=10), Scripted()
    notices = Notices(lambda: config, lambda: book, lambda: at[0], [way])
    task = asyncio.create_task(notices.outboxes[0].run())

    async def row(kind: Kind = Kind.ALARM) -> None:
        at[0] += timedelta(minutes=1)
        for found in book.take(at[0], Log(kind, detail={"name": "asterisk deaf", "detail": "x", "subject": ""})):
            notices.changed(at[0], found)
        await notices.look()

    for _ in range(3):
        await row()
        await row(Kind.ALARM_CLEARED)
    await row()
    await eventually(lambda: len(way.got) == 2, "the first two")
    assert [one.what for one in way.got] == ["raised", "cleared"]
    at[0] += timedelta(minutes=10)
    await notices.look()
    await eventually(lambda: len(way.got) == 3, "what is open in the end")
    assert way.got[-1].what == "repeated" and way.got[-1].row["number"] == 4
    task.cancel()


async def test_a_test_goes_by_every_way_and_says_what_came_of_it(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    caplog.set_level(logging.DEBUG)
    async with receiver(503) as there, mail_server() as server:
        config = config_with(
            command=program(tmp_path, f"cat > {tmp_path}/got"),
            webhook={"url": there.url, "secret_file": secret_file(tmp_path)},
            mail={
                "host": "127.0.0.1",
                "port": server.port,
                "security": "none",
                "sender": "a@example.com",
                "to": ["b@example.com"],
            },
        )
        notices = Notices(lambda: config, Book, lambda: NOON)
        first = asyncio.create_task(notices.test("xiaoli"))
        await asyncio.sleep(0)
        with pytest.raises(TestUnderWay):
            await notices.test("other")
        found = {one.way: (one.configured, one.why) for one in await first}
        assert found == {"command": (True, ""), "webhook": (True, "the receiver answered 503"), "mail": (True, "")}
        assert json.loads((tmp_path / "got").read_text())["type"] == "alarm.test"
        assert "nothing is wrong" in server.letters[0]
    assert SECRET not in caplog.text
    config = config_with()
    assert [one.configured for one in await notices.test("xiaoli")] == [False] * 3
