"""docs/api.md and docs/webhooks.md are run: each request of the guide against a real server, each answer against what stands there."""

import base64
import json
import re
import shlex
import string
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.daemon.notices.webhook import signature
from acd.engine.events import AlarmRaised
from acd.web.access.tokens import Tokens
from tests.daemon.configuration.test_config_reload import House
from tests.site.documents import rows, section, text
from tests.web.support.web_server import PINS, QA_PASSWORD, RunningServer, running_server

GUIDE = text("api.md")


@dataclass
class Request:
    """A line of `curl` of the guide."""

    line: str
    noun: str
    """The section in which it stands."""
    method: str = ""
    url: str = ""
    headers: list[str] = field(default_factory=list)
    body: str = ""
    takes: str = ""
    """The jar whose cookies it sends."""
    keeps: str = ""
    """The jar for the cookies of the answer."""
    endless: bool = False
    shown: Any = None
    """What stands below it as its answer; None: nothing does."""


class NotUnderstood(AssertionError):
    """An option of curl that this reader does not know: teach it, or write the example otherwise."""


def read(line: str, noun: str, names: Mapping[str, str]) -> Request:
    """The request that curl would make of this line, with `$NAMES` filled in."""
    request = Request(line, noun)
    words = iter(shlex.split(string.Template(line).substitute(names)))
    assert next(words) == "curl"
    for word in words:
        match word:
            case "-s" | "-f" | "-S":
                pass
            case "-N":
                request.endless = True
            case "-X":
                request.method = next(words)
            case "-H":
                request.headers.append(next(words))
            case "--json":
                request.body = next(words)
            case "-b":
                request.takes = next(words)
            case "-c":
                request.keeps = next(words)
            case "-o":
                next(words)
            case _ if word.startswith("-") or request.url:
                raise NotUnderstood(f"{word!r} in {line}")
            case _:
                request.url = word
    request.method = request.method or ("POST" if request.body else "GET")
    return request


def lines() -> Iterator[tuple[str, str, Any]]:
    """Each line of the guide's shell blocks, with its section, and the block of JSON behind the block's last line."""
    for part in re.split(r"^## ", GUIDE, flags=re.M)[1:]:
        noun = part.splitlines()[0]
        for block, shown in re.findall(r"^```sh\n(.*?)^```\n(?:\n```json\n(.*?)^```)?", part, re.M | re.S):
            found = block.strip().splitlines()
            for number, line in enumerate(found):
                last = number == len(found) - 1
                yield line, noun, json.loads(shown) if last and shown else None


class Client:
    """Makes the guide's requests, with a jar of cookies for each `-c`."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = files
        self._jars: dict[str, aiohttp.CookieJar] = {}

    async def ask(self, request: Request) -> tuple[int, str, str]:
        """Status, type of the content, and the text; of a stream its first event."""
        headers = dict(
            re.split(r": *", self._files[each[1:]] if each.startswith("@") else each, maxsplit=1)
            for each in request.headers
        )
        body = self._files[request.body[1:]] if request.body.startswith("@") else request.body
        if body:
            json.loads(body)
            headers |= {"Content-Type": "application/json", "Accept": "application/json"}
        jar: aiohttp.abc.AbstractCookieJar = aiohttp.DummyCookieJar()
        if request.takes or request.keeps:
            jar = self._jars.setdefault(request.takes or request.keeps, aiohttp.CookieJar(unsafe=True))
        limit = aiohttp.ClientTimeout(total=60)  # against hanging only
        async with (
            aiohttp.ClientSession(headers=headers, cookie_jar=jar, timeout=limit) as session,
            session.request(request.method, request.url, data=body.encode() or None) as answer,
        ):
            said = b""
            while not request.endless or not re.search(rb"\r?\n\r?\n", said):
                if not (more := await answer.content.readany()):
                    break
                said += more
            return answer.status, answer.content_type, said.decode("utf-8", "replace")


@dataclass
class Guided:
    """A floor on which every request of the guide makes sense."""

    house: RunningServer
    names: dict[str, str]
    files: dict[str, str]
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each request that was made."""


@pytest.fixture(scope="module")
async def house(database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningServer]:
    """With versions of its configuration, as a hotline that `up` has started."""
    folder = Path(tmp_path_factory.mktemp("guide"))
    async with running_server(folder / "web", database, configurations=House(folder).live) as house:
        yield house


@pytest.fixture(scope="module")
async def guided(house: RunningServer) -> AsyncIterator[Guided]:
    calls = house.calls
    await calls.ready("1001")
    past = await calls.whole()
    talking = calls.arrives("13900002222")
    await calls.answered(talking)
    waiting = calls.arrives("13700003333")
    calls.tell(AlarmRaised("unknown number called", "trunk carrier: a call came for 95009", talking))
    await calls.settled()
    keys = Tokens(house.folder)
    key = {role: f"Authorization: Bearer {keys.add(f'guide-{role}', role)}" for role in ("full", "crm", "metrics")}
    async with house.client("token") as client, client.get("/api/alarms") as answer:
        alarm = (await answer.json())["alarms"][0]["number"]
    names = {"HOTLINE": house.url, "CALL": past.call, "OFFER": past.offer, "TALKING": talking, "WAITING": waiting}
    files = {
        "key": key["full"],
        "crm.key": key["crm"],
        "metrics.key": key["metrics"],
        "qa.json": json.dumps({"account": "qa", "password": QA_PASSWORD}),
        "agent.json": json.dumps({"account": "1001", "password": PINS["1001"]}),
    }
    yield Guided(house, {**names, "ALARM": str(alarm)}, files)


def differs(shown: Any, real: Any, place: str = "") -> Iterator[str]:
    """Where the answer that is shown has what the real one lacks, or of another kind. Lists are compared by their first entries."""
    if isinstance(shown, dict) and isinstance(real, dict):
        for key in shown:
            if key not in real:
                yield f"{place}.{key} is not in the answer"
            else:
                yield from differs(shown[key], real[key], f"{place}.{key}")
    elif isinstance(shown, list) and isinstance(real, list):
        if shown and real:
            yield from differs(shown[0], real[0], f"{place}[0]")
        elif shown:
            yield f"{place} is empty"
    elif None not in (shown, real) and _kind(shown) != _kind(real):
        yield f"{place} is {type(real).__name__} and not {type(shown).__name__}"


def _kind(value: Any) -> str:
    """JSON has one kind of number."""
    return "number" if type(value) in (int, float) else type(value).__name__


async def test_every_request_of_the_guide_is_answered_as_it_says(guided: Guided):
    client, house, wrong = Client(guided.files), guided.house, list[str]()
    for line, noun, shown in lines():
        if noun == "Transfers":
            await house.calls.ready("1003")
        request = read(line, noun, guided.names)
        status, content, said = await client.ask(request)
        if status not in (200, 201, 202, 204):
            wrong.append(f"{line}: {status} {said[:400]}")
            continue
        guided.asked.append((request.method, request.url.removeprefix(house.url).partition("?")[0]))
        if request.endless:
            assert content == "text/event-stream" and re.match(r"id: .*\s+event: snapshot\s", said), said[:200]
        elif shown is not None:
            wrong += [f"{line}: {what}" for what in differs(shown, json.loads(said))]
    assert wrong == []
    assert len(guided.asked) > 30


async def test_every_noun_of_the_document_has_an_example_or_a_reason_why_not(guided: Guided):
    async with guided.house.client("token") as client, client.get("/api/openapi.json") as answer:
        document = await answer.json()
    left_out = {row[0].strip("`") for row in rows(section(GUIDE, "## Not in this guide"))}
    nouns: dict[str, bool] = {}
    for path, item in document["paths"].items():
        pattern = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        for method, operation in item.items():
            shown = any(how == method.upper() and pattern.fullmatch(where) for how, where in guided.asked)
            nouns[operation["tags"][0]] = nouns.get(operation["tags"][0], False) or shown
    assert sorted(noun for noun, shown in nouns.items() if not shown) == sorted(left_out)


async def test_a_refusal_is_as_the_guide_shows_it(guided: Guided):
    shown = json.loads(re.findall(r"```json\n(.*?)```", section(GUIDE, "## How it answers"), re.S)[0])
    async with guided.house.client("token") as client, client.get("/api/calls/c1-1-1") as answer:
        assert answer.status == 404 and answer.content_type == "application/problem+json"
        real = await answer.json()
    assert real["code"] == shown["code"] and list(differs(shown, real)) == []


@pytest.mark.parametrize("line", ["curl --insecure $HOTLINE", "curl $HOTLINE $HOTLINE"])
def test_an_option_that_this_reader_does_not_know_is_noticed(line: str):
    with pytest.raises(NotUnderstood):
        read(line, "", {"HOTLINE": "http://127.0.0.1:1"})


def test_an_answer_that_is_another_is_noticed():
    shown = {"calls": [{"call": "c1", "wait_s": 1.5}]}
    assert list(differs(shown, {"calls": [{"call": "c2", "wait_s": 2, "more": 1}]})) == []
    assert list(differs(shown, {"calls": [{"call": 2}]})) == [
        ".calls[0].call is int and not str",
        ".calls[0].wait_s is not in the answer",
    ]


# -- the webhook -------------------------------------------------------------------------------------------------------------


def verified() -> Any:
    """The function of docs/webhooks.md, as it stands there."""
    code = re.findall(r"```python\n(.*?)```", text("webhooks.md"), re.S)[0]
    names: dict[str, Any] = {}
    exec(compile(code, str(Path("docs/webhooks.md")), "exec"), names)  # noqa: S102 - our own page is what is tested
    return names["verified"]


SECRET = b"0123456789abcdef0123456789abcdef"
WRITTEN = "whsec_" + base64.b64encode(SECRET).decode()


def signed(body: bytes, stamp: str = "1795324006", id_: str = "msg_1", secret: bytes = SECRET) -> dict[str, str]:
    """The headers that the hotline sends."""
    return {"webhook-id": id_, "webhook-timestamp": stamp, "webhook-signature": signature(secret, id_, stamp, body)}


NOW = 1795324006.0
BODY = '{"type": "alarm.raised", "data": {"hotline": "三响热线"}}'.encode()


def test_the_webhook_code_of_the_book_takes_what_the_hotline_signs():
    check = verified()
    assert check(WRITTEN, signed(BODY), BODY, NOW)
    assert check(WRITTEN, signed(BODY, stamp=str(int(time.time()))), BODY)
    other = signed(BODY, secret=b"x" * 32)["webhook-signature"]
    several = {**signed(BODY), "webhook-signature": f"{other} {signed(BODY)['webhook-signature']}"}
    assert check(WRITTEN, several, BODY, NOW)


@pytest.mark.parametrize(
    ("headers", "body", "now"),
    [
        (signed(BODY), BODY + b" ", NOW),
        (signed(BODY, secret=b"x" * 32), BODY, NOW),
        ({**signed(BODY), "webhook-id": "msg_2"}, BODY, NOW),
        ({**signed(BODY), "webhook-timestamp": "1795324007"}, BODY, NOW),
        (signed(BODY), BODY, NOW + 301),
        (signed(BODY), BODY, NOW - 301),
        ({**signed(BODY), "webhook-timestamp": "soon"}, BODY, NOW),
        ({**signed(BODY), "webhook-signature": signed(BODY)["webhook-signature"].replace("v1,", "v2,")}, BODY, NOW),
        ({**signed(BODY), "webhook-signature": ""}, BODY, NOW),
        ({**signed(BODY), "webhook-signature": "v1,"}, BODY, NOW),
    ],
)
def test_the_webhook_code_of_the_book_refuses_what_is_forged_or_old(headers: dict[str, str], body: bytes, now: float):
    assert not verified()(WRITTEN, headers, body, now)
