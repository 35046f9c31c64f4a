"""Callers who hung up first: the company's sender is told of each, signed, once, and nobody is forgotten while it is away."""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from acd.config import Config, check
from acd.daemon.surveys.sender import SurveySender
from acd.engine.commands import Kind, Log
from acd.engine.events import TimePassed
from acd.engine.surveys.book import Survey
from acd.engine.surveys.events import SurveySent
from acd.identity.signed import check as check_signature
from acd.web.api.surveys.link import call_of
from tests.daemon.test_notices import receiver
from tests.support.waiting import eventually

SECRET = b"of the company's sender, 24"
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)


@dataclass
class Engine:
    """What waits in it, and what it is told."""

    waiting: list[Survey] = field(default_factory=list)
    told: list[SurveySent] = field(default_factory=list)

    def tell(self, event: Any) -> None:
        self.told.append(event)
        self.waiting = [each for each in self.waiting if each.call != event.call]

    def invites(self, *calls: str, hours: float = 72) -> None:
        for call in calls:
            self.waiting.append(
                Survey(
                    call,
                    "webhook",
                    NOW,
                    NOW + timedelta(hours=hours),
                    "+8613800001111",
                    queue="orders",
                    questions=("satisfied", "word"),
                )
            )


@pytest.fixture
def secret(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "secret"
    file.write_text(f"whsec_{base64.b64encode(SECRET).decode()}")
    yield file


def config_with(url: str, secret: Path) -> Config:
    written: dict[str, Any] = {
        "hotline": {"name": "三响热线", "numbers": {"95001": "zh"}},
        "trunks": {"carrier": {"addresses": ["192.0.2.10"]}},
        "queues": {"orders": {"label": {"zh": "订单", "en": "Orders"}}},
    }
    if url:
        webhook = {"url": url, "secret_file": str(secret)}
        written["survey"] = {"on": True, "when_left": "webhook", "webhook": webhook}
    return check(written)


@contextlib.asynccontextmanager
async def sending(engine: Engine, url: str, secret: Path) -> AsyncIterator[SurveySender]:
    config = config_with(url, secret)
    sender = SurveySender(lambda: config, lambda: engine.waiting, engine.tell, lambda: NOW, pauses_s=(0.02, 0.05))
    task = asyncio.create_task(sender.run())
    try:
        yield sender
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_each_is_told_signed_and_in_order(secret: Path):
    engine = Engine()
    engine.invites("c1-1-1", "c2-1-1")
    async with receiver(200) as got, sending(engine, got.url, secret) as sender:
        await eventually(lambda: len(engine.told) == 2, "both")
        engine.invites("c3-1-1")
        sender.heard(NOW, TimePassed(), [Log(Kind.SURVEY, "c3-1-1", detail={"state": "invited"})])
        await eventually(lambda: len(engine.told) == 3, "the third, which came later")
        said = [json.loads(body) for _, body in got.got]
        assert [each["call"] for each in said] == ["c1-1-1", "c2-1-1", "c3-1-1"]
        for headers, body in got.got:
            assert check_signature(headers, body, SECRET, NOW.timestamp()).startswith("survey-c")
    assert engine.told == [SurveySent("c1-1-1"), SurveySent("c2-1-1"), SurveySent("c3-1-1")]
    assert call_of(SECRET, said[0]["id"]) == "c1-1-1"
    assert (said[0]["type"], said[0]["caller"], said[0]["questions"], said[0]["queue"]) == (
        "survey.invited", "+8613800001111", ["satisfied"], "orders",
    )  # fmt: skip


async def test_while_the_sender_is_away_all_wait_and_the_id_stays_the_same(secret: Path):
    engine = Engine()
    engine.invites("c1-1-1", "c2-1-1")
    async with receiver(503, 500, 429, 200) as got, sending(engine, got.url, secret):
        await eventually(lambda: len(engine.told) == 2, "both")
        ids = [headers["webhook-id"] for headers, _ in got.got]
    assert ids == [*4 * ["survey-c1-1-1"], "survey-c2-1-1"]
    assert engine.told == [SurveySent("c1-1-1"), SurveySent("c2-1-1")]


async def test_what_is_refused_is_given_up_by_itself(secret: Path):
    engine = Engine()
    engine.invites("c1-1-1", "c2-1-1")
    async with receiver(422, 200) as got, sending(engine, got.url, secret):
        await eventually(lambda: len(engine.told) == 2, "both")
    assert engine.told == [SurveySent("c1-1-1", "the receiver answered 422"), SurveySent("c2-1-1")]


async def test_a_link_whose_time_is_over_is_not_sent(secret: Path):
    engine = Engine()
    engine.invites("c1-1-1", hours=0)
    engine.invites("c2-1-1")
    async with receiver(200) as got, sending(engine, got.url, secret):
        await eventually(lambda: engine.told, "the second")
        assert len(got.got) == 1
    assert engine.told == [SurveySent("c2-1-1")]


async def test_without_a_sender_or_its_secret_nothing_is_lost(secret: Path):
    engine = Engine()
    engine.invites("c1-1-1")
    async with sending(engine, "", secret):
        await asyncio.sleep(0.05)
    secret.write_text("not a secret")
    async with receiver(200) as got, sending(engine, got.url, secret):
        await asyncio.sleep(0.2)
        assert not got.got
        secret.write_text(f"whsec_{base64.b64encode(SECRET).decode()}")
        await eventually(lambda: engine.told, "the secret that was mended")
    assert engine.told == [SurveySent("c1-1-1")]
