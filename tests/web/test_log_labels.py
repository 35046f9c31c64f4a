"""A call's story has no raw codes and no UTC: reasons, dispositions, ways of verifying and promised times as the configuration and the
hotline's clock have them."""

from datetime import datetime
from zoneinfo import ZoneInfo

from acd.engine.commands import Kind
from acd.engine.events import CallerHungUp
from acd.engine.transfer_events import CardWritten
from acd.web.server.labels import agent_label
from acd.web.server.log_labels import labelled, local_moments, skill_name
from acd.web.server.routes import CONTEXT
from tests.web.support.web_server import RunningServer


async def test_what_is_written_on_a_card_is_told_by_labels_and_by_the_hotlines_clock(house: RunningServer):
    await house.calls.ready("1001")
    offer = await house.calls.answered(house.calls.arrives())
    for what, detail in (
        ("verified", {"level": "full", "how": "number-and-order"}),
        ("promise", {"text": "查清后回电", "due_at": "2026-11-29T17:26:00+00:00"}),
        ("disposition", {"code": "to be followed up", "text": ""}),
    ):
        house.calls.tell(CardWritten(offer.call, "1001", what, detail))
    house.calls.tell(CallerHungUp(offer.call))
    await house.calls.written(offer.call)
    async with house.client("operator") as client:
        story = await (await client.get(f"/api/calls/{offer.call}")).json()
    written = [(line["zh"], line["en"]) for line in story["timeline"] if line["kind"] == "card"]
    zone = ZoneInfo(house.app[CONTEXT].config.hotline.timezone)
    due = f"{datetime.fromisoformat('2026-11-29T17:26:00+00:00').astimezone(zone):%Y-%m-%d %H:%M}"
    who = agent_label(house.app[CONTEXT].config, "1001")
    assert written == [
        (f"{who}：身份已核实（注册号码和最近订单）", f"{who}: fully verified (Registered number and last order)"),
        (f"{who} 承诺（最晚 {due}）：查清后回电", f"{who} promises by {due}: 查清后回电"),
        (f"{who} 服务小结：待跟进", f"{who} sets the disposition: To be followed up"),
    ]


def test_a_moment_without_a_zone_and_what_is_no_moment_stay():
    assert local_moments({"until": "2026-11-29T17:26:00+00:00"}, "Asia/Shanghai") == {"until": "2026-11-30 01:26"}
    assert local_moments({"until": "2026-11-29T17:26:00", "due_at": "soon", "begins": None}, "Asia/Shanghai") == {}


def test_a_code_that_is_configured_no_more_is_shown_as_it_is(house: RunningServer):
    config = house.app[CONTEXT].config
    told = {"state": "asked", "kind": "queue", "to": "orders", "reason": "refund", "note": "orders"}
    assert labelled(config, Kind.TRANSFER, told, "zh") == {**told, "to": "订单查询", "reason": "退款"}
    assert labelled(config, Kind.TRANSFER, {**told, "reason": "gone", "to": "gone"}, "zh")["reason"] == "gone"
    assert labelled(config, Kind.CARD, {"code": "gone", "how": "gone"}, "en") == {"code": "gone", "how": "gone"}
    assert [skill_name(config, skill, "zh") for skill in ("orders", "en", "welding")] == ["订单查询", "英语", "welding"]
