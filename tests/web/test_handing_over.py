"""Handing over by page and API: what is done, and everything that is refused before anything happens."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from acd.engine.commands import Offer
from acd.engine.events import AgentAnswered, AgentDialled, AgentRinging, BridgeEnded, CallBridged
from acd.engine.masking.events import MaskAsked, MaskFailed
from acd.engine.transfer_events import (
    CallRetrieved,
    ConsultBegan,
    HoldAsked,
    MuteAsked,
    TransferCompleted,
    TransferDialled,
    TransferExplained,
    TransferRequested,
)
from tests.web.support.web_server import RunningServer, running_server


@pytest.fixture
async def house(database: str, tmp_path: Path) -> AsyncIterator[RunningServer]:
    async with running_server(tmp_path / "state", database) as house:
        house.time.stop()
        yield house


@pytest.fixture
async def talk(house: RunningServer) -> Offer:
    """1001 talks with a caller; 1002 and 1003 are free."""
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives(caller="13812341234"))
    await house.calls.ready("1002", "1003")
    return offer


async def post(client: aiohttp.ClientSession, path: str, body: object) -> tuple[int, dict[str, Any]]:
    async with client.post(path, json=body) as answer:
        return answer.status, dict(await answer.json())


def to(agent: str, **more: Any) -> dict[str, Any]:
    return {"to": {"agent": agent}, "reason": "refund", "amount": 58, **more}


async def test_a_caller_is_handed_over_cold_and_the_receiver_sees_who_sends_him(house: RunningServer, talk: Offer):
    async with house.client("1001") as first, house.client("1002") as second:
        status, done = await post(first, f"/api/calls/{talk.call}/transfer", to("1002", note="APP无法登录"))
        assert (status, done) == (
            200,
            {"call": talk.call, "told": "TransferRequested", "number": 1, "state": "asked"},
        )
        event = next(event for event in house.told if isinstance(event, TransferRequested))
        assert (event.agent, event.how, event.by, event.note) == ("1001", "page", "", "APP无法登录")
        offer = await house.calls.offer(talk.call)
        assert offer.agent == "1002"
        async with second.get("/api/desk") as answer:
            desk = await answer.json()
        assert desk["offer"]["from"] == {
            "agent": "1001",
            "name": "李娜",
            "reason": "refund",
            "note": "APP无法登录",
            "warm": False,
        }
        assert [one["to"] for one in desk["card"]["transfers"]] == ["1002"]
        house.calls.tell(BridgeEnded("1001", talk.call, talk.offer, "transfer"))
        await house.calls.settled()
        who = ("1002", talk.call, offer.offer)
        house.calls.tell(AgentDialled(*who), AgentRinging(*who), AgentAnswered(*who), CallBridged(*who))
        await house.calls.settled()
        async with second.get("/api/desk") as answer:
            assert (await answer.json())["call"]["caller"] == "13812341234"
    await house.calls.written(talk.call)
    async with house.client("operator") as operator, operator.get("/api/calls") as answer:
        assert [row["transferred_to"] for row in (await answer.json())["calls"]] == [["agent 1002"]]


async def begun(house: RunningServer, client: aiohttp.ClientSession, talk: Offer, receiver: str = "1002") -> str:
    """A consult in which both hear each other; the id of the receiver's ring."""
    status, done = await post(client, f"/api/calls/{talk.call}/transfer", to(receiver, warm=True))
    assert (status, done["number"]) == (200, 1), done
    offer = f"{talk.call}-2"
    who = (receiver, talk.call, offer)
    house.calls.tell(AgentDialled(*who), AgentRinging(*who), AgentAnswered(*who))
    house.calls.tell(ConsultBegan(talk.call, receiver, offer))
    await house.calls.settled()
    return offer


async def test_a_consult_lies_on_both_desks_and_is_completed(house: RunningServer, talk: Offer):
    async with house.client("1001") as first, house.client("1002") as second:
        offer = await begun(house, first, talk)
        for client, role in ((first, "first"), (second, "receiver")):
            async with client.get("/api/desk") as answer:
                desk = await answer.json()
            assert desk["agent"]["state"] == "consult"
            consult = desk["consult"]
            assert (consult["role"], consult["state"], consult["receiver"]) == (role, "consulting", "1002")
            assert (desk["call"] is not None) == (role == "first")
            assert desk["card"]["call"] == talk.call
        status, problem = await post(second, f"/api/calls/{talk.call}/transfer/complete", {})
        assert (status, problem["code"]) == (404, "unknown-call"), "it is not the receiver's to complete"
        status, done = await post(first, f"/api/calls/{talk.call}/transfer/complete", {})
        assert (status, done["told"]) == (200, "TransferCompleted")
        assert TransferCompleted(talk.call, "1001") in house.told
        house.calls.tell(CallBridged("1002", talk.call, offer))
        await house.calls.settled()
        async with second.get("/api/desk") as answer:
            assert (await answer.json())["call"]["call"] == talk.call


@pytest.mark.parametrize(
    ("who", "verb", "body", "state"),
    [
        ("1001", "take-back", {}, "taken back"),
        ("1001", "three-way", {}, "three-way"),
        ("1002", "decline", {"reason": "I am at lunch"}, "declined"),
    ],
)
async def test_a_consult_ends_otherwise(house: RunningServer, talk: Offer, who: str, verb: str, body: Any, state: str):
    async with house.client("1001") as first, house.client("1002") as second:
        await begun(house, first, talk)
        client = first if who == "1001" else second
        status, done = await post(client, f"/api/calls/{talk.call}/transfer/{verb}", body)
        assert (status, done["state"]) == (200, state), done
        if verb == "decline":
            async with first.get("/api/desk") as answer:
                transfer = (await answer.json())["card"]["transfers"][0]
            assert (transfer["state"], transfer["why"]) == ("declined", "I am at lunch")
        else:
            assert (await post(second, f"/api/calls/{talk.call}/transfer/{verb}", body))[0] == 404


async def test_hold_retrieve_and_mute(house: RunningServer, talk: Offer):
    async with house.client("1001") as client:
        path = f"/api/calls/{talk.call}"
        assert (await post(client, f"{path}/hold", {}))[0] == 200
        assert HoldAsked(talk.call, "1001") in house.told
        async with client.get("/api/desk") as answer:
            desk = await answer.json()
        assert (desk["agent"]["state"], desk["call"]["held"]) == ("hold", "hold")
        status, problem = await post(client, f"{path}/hold", {})
        assert (status, problem["code"]) == (409, "held-already")
        assert (await post(client, f"{path}/retrieve", {}))[0] == 200
        house.calls.tell(CallRetrieved(talk.call, "1001"))
        await house.calls.settled()
        status, problem = await post(client, f"{path}/retrieve", {})
        assert (status, problem["code"]) == (409, "not-held")
        assert (await post(client, f"{path}/mute", {"muted": True}))[0] == 200
        assert MuteAsked(talk.call, "1001", True) in house.told
        async with client.get("/api/desk") as answer:
            assert (await answer.json())["call"]["muted"] is True
        for verb in ("complete", "take-back", "three-way"):
            status, problem = await post(client, f"{path}/transfer/{verb}", {})
            assert (status, problem["code"]) == (409, "no-consult")


async def test_an_agent_masks_the_recording_and_an_operator_ends_that(house: RunningServer, talk: Offer):
    path = f"/api/calls/{talk.call}/mask"
    async with house.client("1001") as agent, house.client("1002") as other, house.client("operator") as operator:
        status, problem = await post(agent, path, {"masked": False})
        assert (status, problem["code"]) == (409, "not-masked")
        for body, field in (({}, "masked"), ({"masked": "yes"}, "masked"), ({"masked": True, "for": 9}, "for")):
            status, problem = await post(agent, path, body)
            assert (status, problem["code"], problem["field"]) == (400, "bad-request", field)
        assert (await post(other, path, {"masked": True}))[0] == 404
        assert (await post(agent, path, {"masked": True}))[0] == 200
        assert MaskAsked(talk.call, "1001", True) in house.told
        status, problem = await post(agent, path, {"masked": True})
        assert (status, problem["code"]) == (409, "masked-already")
        async with agent.get("/api/desk") as answer:
            call = (await answer.json())["call"]
        since, until = (datetime.fromisoformat(call[name]) for name in ("masked_since", "masked_until"))
        assert (until - since, call["masked_by"]) == (timedelta(seconds=120), "1001")
        assert (await post(operator, path, {"masked": False}))[0] == 200
        assert MaskAsked(talk.call, "1001", False, by="operator") in house.told
        house.calls.tell(MaskFailed(talk.call, "refused"))
        assert (await post(agent, path, {"masked": True}))[0] == 200
        house.calls.tell(MaskFailed(talk.call, "refused"))
        await house.calls.settled()
        async with agent.get("/api/desk") as answer:
            call = (await answer.json())["call"]
        assert (call["masked_since"], call["mask_failed"]) == (None, "refused")


NOTE = "needs his money back"
BAD = [
    ({"to": {"agent": "1002"}}, "no-reason", "reason"),
    ({"to": {"agent": "1002"}, "reason": "  "}, "no-reason", "reason"),
    ({"to": {"agent": "1002"}, "reason": "by telephone"}, "no-reason", "reason"),
    ({"to": {"agent": "1002"}, "reason": "because"}, "unknown-reason", "reason"),
    ({"to": {"agent": "1002"}, "reason": "refund\r\nAction: Command"}, "illegal-character", "reason"),
    (to("1005"), "unknown-target", "to"),
    (to("1001"), "oneself", "to"),
    (to("1002", amount=501), "tier", "to"),
    ({"to": {"agent": "1002"}, "reason": "refund"}, "tier", "to"),  # what it is about is not told
    ({"to": {"queue": "oders"}, "reason": "refund"}, "unknown-target", "to"),
    ({"to": {"skill": "juggling"}, "reason": "refund"}, "unknown-target", "to"),
    ({"to": {"number": "16012345678"}, "reason": "refund"}, "not-allowed", "to"),
    ({"to": {"number": "008613812341234"}, "reason": "refund"}, "not-allowed", "to"),
    ({"to": {"number": "95000"}, "reason": "refund"}, "own-number", "to"),
    ({"to": {"number": "13812341234,,123"}, "reason": "refund"}, "bad-request", "to.number"),
    ({"to": {"agent": "1002@evil.example"}, "reason": "refund"}, "bad-request", "to.agent"),
    ({"to": {"agent": "1002\r\nX"}, "reason": "refund"}, "illegal-character", "to.agent"),
    ({"to": {"agent": "1002", "queue": "orders"}, "reason": "refund"}, "bad-request", "to"),
    ({"to": {}, "reason": "refund"}, "bad-request", "to"),
    ({"reason": "refund"}, "bad-request", "to"),
    (to("1002", nota="x"), "bad-request", "nota"),
    (to("1002", warm="yes"), "bad-request", "warm"),
    (to("1002", amount=-1), "bad-request", "amount"),
    (to("1002", note="one\ntwo"), "illegal-character", "note"),
    (to("1002", note="one\r\ntwo"), "illegal-character", "note"),
    (to("1002", note="nul \x00"), "illegal-character", "note"),
    (to("1002", note="one\u2028two"), "illegal-character", "note"),
]


async def test_what_is_wrong_is_refused_with_a_remedy_and_nothing_was_done(house: RunningServer, talk: Offer):
    async with house.client("1001") as client:
        for body, code, field in BAD:
            status, problem = await post(client, f"/api/calls/{talk.call}/transfer", body)
            assert (status, problem["code"], problem.get("field")) == (400, code, field), body
            assert problem["detail"].endswith((".", "?")), problem["detail"]
    assert not [event for event in house.told if isinstance(event, TransferRequested)]


def with_text(text: str) -> list[tuple[str, dict[str, Any]]]:
    """Every text that an agent can send, in turn."""
    targets = [{kind: text} for kind in ("agent", "queue", "skill", "number")]
    card: list[dict[str, Any]] = [
        {"what": "disposition", "code": text},
        {"what": "verified", "level": "full", "how": text},
        {"what": "promise", "text": "x", "due_at": text},
        {"what": text, "text": "x"},
        *({"what": what, "text": text} for what in ("matter", "name", "value")),
    ]
    return [
        *(("transfer", {"to": target, "reason": "refund"}) for target in targets),
        ("transfer", {"to": {"agent": "1002"}, "reason": text}),
        ("transfer", to("1002", note=text)),
        ("transfer", to("1002", **{text: 1})),
        ("transfer/explain", {"reason": text}),
        ("transfer/explain", {"reason": "refund", "note": text}),
        ("transfer/decline", {"reason": text}),
        *(("card", {"version": 0, **writing}) for writing in card),
    ]


@pytest.mark.parametrize("text", ["x\r\nAction: Originate", "x\r\n\r\n", "\nx", "x\x00y", "x\x1b[2Jy", "x\u2028y"])
async def test_no_text_of_an_agent_begins_another_line(house: RunningServer, talk: Offer, text: str):
    before = len(house.told)
    async with house.client("1001") as client:
        for what, body in with_text(text):
            status, problem = await post(client, f"/api/calls/{talk.call}/{what}", body)
            assert status == 400, (what, body, problem)
            assert problem["code"] in ("illegal-character", "bad-request", "unknown-disposition", "unknown-way"), what
        status, _ = await post(client, "/api/desk/not-ready", {"reason": text})
        assert status == 400
    assert len(house.told) == before


async def test_a_note_of_a_megabyte_is_refused_in_a_sentence(house: RunningServer, talk: Offer):
    async with house.client("1001") as client:
        status, problem = await post(client, f"/api/calls/{talk.call}/transfer", to("1002", note="x" * 1_000_000))
        assert (status, problem["code"]) == (413, "too-large")
        status, problem = await post(client, f"/api/calls/{talk.call}/transfer", to("1002", note="x" * 900_000))
        assert status == 400
        assert len(problem["detail"]) < 300


async def test_html_stays_the_text_that_it_is(house: RunningServer, talk: Offer):
    note = "<script>alert(1)</script> & =cmd|' /C calc'!A0"
    async with house.client("1001") as client:
        assert (await post(client, f"/api/calls/{talk.call}/transfer", to("1002", note=note)))[0] == 200
        async with client.get(f"/api/calls/{talk.call}/card") as answer:
            assert answer.content_type == "application/json"
            assert (await answer.json())["transfers"][0]["note"] == note


async def test_a_near_name_is_named_if_it_can_be_chosen(house: RunningServer, talk: Offer):
    async with house.client("1001") as client:
        path = f"/api/calls/{talk.call}/transfer"
        _, problem = await post(client, path, {"to": {"queue": "oders"}, "reason": "refund", "amount": 58})
        assert (problem["allowed"], "Did you mean orders?" in problem["detail"]) == (["orders"], True)
        _, problem = await post(client, path, {"to": {"agent": "1002"}, "reason": "refnd"})
        assert "refund" in problem["allowed"]


async def test_nobody_is_sent_round_in_a_circle(house: RunningServer, talk: Offer):
    async with house.client("1001") as first, house.client("1002") as second:
        await post(first, f"/api/calls/{talk.call}/transfer", to("1002"))
        offer = await house.calls.offer(talk.call)
        house.calls.tell(BridgeEnded("1001", talk.call, talk.offer, "transfer"))
        who = ("1002", talk.call, offer.offer)
        house.calls.tell(AgentDialled(*who), AgentRinging(*who), AgentAnswered(*who), CallBridged(*who))
        await house.calls.settled()
        status, problem = await post(second, f"/api/calls/{talk.call}/transfer", to("1001"))
        assert (status, problem["code"]) == (400, "circle")


async def test_who_is_not_free_is_refused_as_what_he_is(house: RunningServer, talk: Offer):
    async with house.client("1001") as client, house.client("1002") as second:
        async with second.post("/api/desk/not-ready", json={"reason": "meal"}) as answer:
            assert answer.status == 202
        await house.calls.settled()
        status, problem = await post(client, f"/api/calls/{talk.call}/transfer", to("1002"))
        assert (status, problem["code"], problem["words"]["state"]) == (409, "not-available", "not ready")


@pytest.mark.parametrize("warm", [True, False])
async def test_two_tabs_that_hand_over_the_same_caller(house: RunningServer, talk: Offer, warm: bool):
    """Both press in the same moment: one does it, the other is told by whom and when it was begun."""
    async with house.client("1001") as client:
        path = f"/api/calls/{talk.call}/transfer"
        both = await asyncio.gather(*(post(client, path, to("1002", warm=warm)) for _ in range(2)))
        [done] = [body for status, body in both if status == 200]
        [problem] = [body for status, body in both if status == 409]
        assert (done["number"], problem["code"], problem["by"]) == (1, "under-way", "1001")
        assert problem["at"].startswith("20")
    assert len([event for event in house.told if isinstance(event, TransferRequested)]) == 1


async def test_an_operator_does_it_for_the_agent_and_it_is_audited(house: RunningServer, talk: Offer):
    async with house.client("token") as client:
        status, _ = await post(client, f"/api/calls/{talk.call}/transfer", to("1002", warm=True))
        assert status == 200
        event = next(event for event in house.told if isinstance(event, TransferRequested))
        assert (event.agent, event.by, event.how) == ("1001", "command line", "api")
        status, problem = await post(client, "/api/calls/c0-0/transfer", to("1002"))
        assert (status, problem["code"]) == (404, "unknown-call")
    assert '"action": "TransferRequested"' in (house.folder / "audit.log").read_text()


async def test_a_transfer_by_telephone_is_explained_afterwards(house: RunningServer, talk: Offer):
    house.calls.tell(TransferDialled(talk.call, "1001", "1002"), BridgeEnded("1001", talk.call, talk.offer, "transfer"))
    await house.calls.settled()
    async with house.client("1001") as client:
        async with client.get("/api/desk") as answer:
            [owed] = (await answer.json())["explain"]
        assert (owed["call"], owed["number"], owed["to"]) == (talk.call, 1, "1002")
        path = f"/api/calls/{talk.call}/transfer/explain"
        for reason, code in (("", "no-reason"), ("by telephone", "no-reason"), ("because", "unknown-reason")):
            status, problem = await post(client, path, {"reason": reason})
            assert (status, problem["code"]) == (400, code)
        status, done = await post(client, path, {"reason": "退款", "note": NOTE})
        assert (status, done["state"]) == (200, "explained")
        assert TransferExplained(talk.call, "1001", "refund", NOTE) in house.told
        async with client.get("/api/desk") as answer:
            assert (await answer.json())["explain"] == []


async def test_targets_are_what_the_engine_would_allow(house: RunningServer, talk: Offer):
    async with house.client("1001") as client:

        async def targets(**query: Any) -> dict[str, Any]:
            async with client.get(f"/api/calls/{talk.call}/targets", params=query) as answer:
                assert answer.status == 200, await answer.text()
                return dict(await answer.json())

        found = await targets()
        assert [(one["agent"], one["free"], one["allowed"], one["why"]) for one in found["agents"]] == [
            *(("1002", True, True, None), ("1003", True, True, None))
        ]
        assert [(one["name"], one["allowed"]) for one in found["queues"]] == [("orders", True), ("after-sales", True)]
        assert [one["number"] for one in found["numbers"]] == ["4006009500"]
        assert [(one["skill"], one["available"]) for one in found["skills"]] == [("after-sales", 1), ("orders", 1)]
        found = await targets(reason="refund", amount=501)
        assert [(one["agent"], one["proposed"], one["why"]) for one in found["agents"]] == [
            *(("1003", True, None), ("1002", False, "tier"))
        ]
        async with house.client("1002") as second:
            await second.post("/api/desk/not-ready", json={"reason": "meal"})
            await house.calls.settled()
        found = await targets(reason="refund", amount=58)
        assert [(one["agent"], one["state"], one["why"]) for one in found["agents"]] == [
            *(("1003", "idle", None), ("1002", "not ready", "not-available"))
        ]
        async with client.get(f"/api/calls/{talk.call}/targets", params={"reason": "because"}) as answer:
            assert (answer.status, (await answer.json())["code"]) == (400, "unknown-reason")
