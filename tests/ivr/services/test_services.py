"""Services as conversations: what a caller hears and presses, what the daemon is asked, how each ends."""

from typing import Any

import pytest

from ivr.facts import Facts
from ivr.keyed import forbidden
from ivr.prompts import prompt_names, read_texts
from ivr.services import SERVICES, wording
from ivr.step import Call, Goodbye, Hangup, Story
from ivr.verify import verify
from tests.ivr.support.conversation import Conversation

TODAY = "2026-11-29"
ORDER = {
    "order": "202611270315",
    "status": "shipped",
    "expected_on": "2026-11-30",
    "amount": "128.50",
    "currency": "CNY",
}
DELIVERY = {"order": "30315", "status": "out-for-delivery", "updated_at": "2026-11-29T08:30"}
BALANCE = {"balance": "2.00", "currency": "CNY", "as_of": TODAY}
TICKET = {"ticket": "20261103", "status": "in-progress", "due_at": "2026-12-01T18:00"}
FINAL = {"served": Goodbye("served"), "person": Goodbye("person"), "back": Goodbye("back")}


def found(*records: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"state": "found", "records": list(records), "today": TODAY, "why": "", **more}


def came(state: str, why: str = "") -> dict[str, Any]:
    return {"state": state, "records": [], "today": TODAY, "why": why}


def call(
    service: str,
    answers: dict[Any, Any],
    keys: dict[str, str] | None = None,
    language: str = "zh",
    facts: Facts | None = None,
    **more: Any,
) -> Conversation:
    def story() -> Story:
        end = yield from SERVICES[service](Call("c1", "95001", caller="13800001111"), facts or Facts())
        return Goodbye(end)

    return Conversation(story(), keys, {("told", "c1"): {"told": True}, **answers}, language, **more)


def ended(talk: Conversation) -> str:
    assert isinstance(talk.ending, Goodbye)
    return talk.ending.path


def told(talk: Conversation) -> list[str]:
    return [step.parameters["service"] for step in talk.asked if step.what == "told"]


def heard(talk: Conversation, language: str = "zh") -> str:
    """Everything that was said, as text."""
    texts = read_texts(language).all()
    return "".join(texts[name.partition("/")[2]] for name in talk.spoken)


def test_the_order_of_the_calling_number_is_told_whole_and_counts_as_served():
    talk = call("order", {("lookup", "orders"): found(ORDER)})
    assert heard(talk).startswith(
        "您的订单，尾号零三幺五已经发货。预计送达时间是明天订单金额是一百二十八元五角查询其他订单请按1"
    )
    assert (ended(talk), told(talk)) == ("served", ["order"])
    assert talk.asked[0].parameters == {"call": "c1", "by": "caller"}


def test_the_same_in_english():
    talk = call("order", {("lookup", "orders"): found(ORDER)}, language="en")
    texts = read_texts("en").all()
    said = " ".join(texts[name.partition("/")[2]] for name in talk.spoken)
    assert said.startswith(
        "Your order ending in zero three one five has been sent. It should arrive tomorrow The total is one hundred and twenty eight point five yuan"
    )


@pytest.mark.parametrize(
    ("service", "source", "record", "says"),
    [
        ("delivery", "deliveries", DELIVERY, "您的订单三零三幺五快递员正在为您派送。物流更新时间是今天上午八点半"),
        ("balance", "balances", BALANCE, "您的账户余额是两元余额更新时间是今天"),
    ],
)
def test_each_service_says_its_record(service: str, source: str, record: dict[str, str], says: str):
    talk = call(service, {("lookup", source): found(record)})
    assert heard(talk).startswith(says)
    assert (ended(talk), told(talk)) == ("served", [service])


def test_a_complaint_is_told_by_the_number_that_is_keyed():
    talk = call("ticket", {("lookup", "tickets"): found(TICKET)}, {"zh/ticket-enter": "2", "wait": "0261103#"})
    assert heard(talk).startswith(
        "请输入您的工单号，按井号键结束。人工服务请按0，再按井号键。您的工单二零二六,幺幺零三".replace(",幺", "幺")
    )
    assert talk.asked[0].parameters == {"call": "c1", "by": "ticket", "keyed": "20261103"}
    assert "正在处理中。我们最晚的答复时间是十二月一号星期二晚上六点" in heard(talk)


def test_a_complaint_that_is_known_to_be_open_needs_no_number():
    talk = call("ticket", {("lookup", "tickets"): found(TICKET)}, facts=Facts(complaint_ticket="20261103"))
    assert "zh/ticket-enter" not in talk.heard
    assert (ended(talk), talk.asked[0].parameters["keyed"]) == ("served", "20261103")


def test_a_caller_without_an_order_keys_the_number():
    answers = {("lookup", "orders"): [came("not-found"), found(ORDER)]}
    talk = call("order", answers, {"zh/order-enter": "2", "wait": "02611270315#"})
    assert [step.parameters.get("keyed") for step in talk.asked if step.what == "lookup"] == [None, "202611270315"]
    assert ended(talk) == "served"


def test_key_1_asks_about_another_order():
    answers = {("lookup", "orders"): [found(ORDER), found({**ORDER, "status": "delivered"})]}
    talk = call(
        "order", answers, {"zh/order-after": "1", "zh/order-enter": "7", "wait": "..777#"}
    )  # two breaths come first
    assert "zh/order-status-delivered" in talk.heard
    assert ended(talk) == "served"


@pytest.mark.parametrize(("key", "end"), [("0", "person"), ("*", "back")])
@pytest.mark.parametrize("at", ["order-number-ends", "number-3", "order-status-shipped", "money-yuan", "order-after"])
def test_0_and_star_at_every_point_of_the_answer(key: str, end: str, at: str):
    talk = call("order", {("lookup", "orders"): found(ORDER)}, {f"zh/{at}": key})
    assert ended(talk) == end
    assert told(talk) == (["order"] if at == "order-after" else [])  # what was not heard to its end was not told


@pytest.mark.parametrize(("keys", "end"), [("0#", "person"), ("*#", "back")])
def test_0_and_star_where_a_number_is_asked_for(keys: str, end: str):
    talk = call("ticket", {}, {"zh/ticket-enter": keys[0], "wait": keys[1]})
    assert ended(talk) == end
    assert talk.asked == []


def test_hash_says_it_again_and_no_caller_hears_it_for_ever():
    talk = call("balance", {("lookup", "balances"): found(BALANCE)}, {"zh/service-after": "#."})
    assert talk.heard.count("zh/balance-is") == 2
    assert (ended(talk), told(talk)) == ("served", ["balance"])
    assert ended(call("balance", {("lookup", "balances"): found(BALANCE)}, {"zh/service-after": "#" * 50})) == "person"


def test_a_look_up_that_takes_its_time_is_filled_and_answered():
    waiting = {"state": "pending", "ticket": "t1", "today": TODAY}
    answers = {("lookup", "orders"): waiting, ("lookup-answer", "t1"): [waiting, waiting, found(ORDER)]}
    talk = call("order", answers)
    assert talk.heard.count("zh/lookup-one-moment") == 1
    assert talk.heard[0] == "zh/lookup-one-moment"
    assert ended(talk) == "served"


@pytest.mark.parametrize(
    "answer",
    [None, {}, came("failed", "slow"), came("failed", "away"), {"state": "found", "records": []}, {"state": "found", "records": "x"},
     {"state": "found", "records": [{}], "today": "soon"}, {"state": 7}, {"state": "pending", "ticket": "t9"}],
)  # fmt: skip
def test_without_an_answer_the_caller_hears_so_and_gets_a_person(answer: Any):
    talk = call("order", {("lookup", "orders"): answer})
    assert talk.spoken[-1] == "zh/lookup-failed"
    assert (ended(talk), told(talk)) == ("person", [])


def test_a_daemon_that_is_pending_for_ever_is_given_up():
    waiting = {"state": "pending", "ticket": "t1"}
    talk = call("order", {("lookup", "orders"): waiting, ("lookup-answer", "t1"): waiting})
    assert ended(talk) == "person"
    assert len(talk.asked) <= 31


def test_0_while_it_is_looked_up_leads_to_a_person_at_once():
    waiting = {"state": "pending", "ticket": "t1", "today": TODAY}
    talk = call(
        "order", {("lookup", "orders"): waiting, ("lookup-answer", "t1"): waiting}, {"zh/lookup-one-moment": "0"}
    )
    assert talk.spoken == ["zh/lookup-one-moment"]
    assert ended(talk) == "person"


@pytest.mark.parametrize(
    "record", [{"status": "on-the-moon"}, {"amount": "lots"}, {"expected_on": "soon"}, {"order": "ABC"}]
)
def test_a_record_that_cannot_be_said_leads_to_a_person(record: dict[str, str]):
    assert ended(call("order", {("lookup", "orders"): found(record)})) == "person"


def test_a_field_that_cannot_be_said_is_left_out():
    talk = call("order", {("lookup", "orders"): found({**ORDER, "amount": "1e99", "expected_on": "2026-13-45"})})
    assert "zh/order-status-shipped" in talk.heard
    assert not {"zh/order-amount", "zh/order-expected"} & set(talk.heard)
    assert ended(talk) == "served"


def test_every_status_has_its_prompt():
    known = [
        *(f"order-status-{each}" for each in wording.ORDER_STATUSES),
        *(f"delivery-status-{each}" for each in wording.DELIVERY_STATUSES),
        *(f"ticket-status-{each}" for each in wording.TICKET_STATUSES),
    ]
    assert set(known) <= prompt_names()


def test_three_entries_that_are_no_number_then_a_person():
    talk = call("ticket", {}, {"zh/ticket-enter": "...", "listening": "." * 40})
    assert talk.heard.count("zh/no-key") == 3
    assert ended(talk) == "person"


# -- identity ------------------------------------------------------------------------------------------------------

ASK = {"result": "ask", "digits": 4}
REFUSED = came("refused", "not-verified")


def test_the_balance_is_told_once_the_caller_has_shown_who_they_are():
    answers = {("lookup", "balances"): [REFUSED, found(BALANCE)], ("identity", "c1"): [ASK, {"result": "ok"}]}
    talk = call("balance", answers, {"zh/identity-last-order": "0", "wait": "315#"})
    assert ended(talk) == "served"
    assert [step.parameters for step in talk.asked if step.what == "identity"] == [{}, {"keyed": "0315"}]
    assert "zh/identity-done" in talk.heard


def test_what_is_keyed_is_in_no_representation_of_a_step():
    answers = {("lookup", "balances"): [REFUSED, found(BALANCE)], ("identity", "c1"): [ASK, {"result": "ok"}]}
    talk = call("balance", answers, {"zh/identity-last-order": "0", "wait": "315#"})
    assert "0315" not in repr(talk.asked)


@pytest.mark.parametrize("result", ["locked", "no-record", "withheld", "off", "nonsense", None])
def test_without_identity_the_balance_is_refused_with_the_reason(result: str | None):
    answers = {("lookup", "balances"): REFUSED, ("identity", "c1"): result and {"result": result}}
    talk = call("balance", answers)
    assert talk.spoken[-1] == "zh/identity-needed"
    assert ended(talk) == "person"
    assert len([name for name in talk.spoken if "identity" in name]) == 2  # why not, and what follows from it


def test_a_wrong_entry_is_said_and_asked_again():
    answers = {("lookup", "balances"): [REFUSED, found(BALANCE)], ("identity", "c1"): [ASK, ASK, {"result": "ok"}]}
    talk = call("balance", answers, {"zh/identity-last-order": "10", "wait": "111#315#"})
    assert talk.heard.count("zh/identity-wrong") == 1
    assert ended(talk) == "served"


ID_CARD, BANK_CARD = "11010519491231002*", "6222021234567890128"


@pytest.mark.parametrize("keyed", [ID_CARD, BANK_CARD, "110105491231002", "12345678", "123456789012345678901234567890"])
def test_what_nobody_may_key_goes_nowhere(keyed: str):
    answers = {("lookup", "balances"): REFUSED, ("identity", "c1"): [ASK]}
    talk = call("balance", answers, {"zh/identity-last-order": keyed[0], "wait": keyed[1:] + "#"})
    assert "zh/identity-never-key" in talk.heard
    assert all("keyed" not in step.parameters for step in talk.asked)


def test_an_identity_card_in_the_place_of_an_order_number_is_refused_too():
    answers = {("lookup", "orders"): [came("not-found"), found(ORDER)]}
    keys = {"zh/order-enter": ID_CARD[0] + "7", "wait": ID_CARD[1:] + "#" + "77#"}
    talk = call("order", answers, keys)
    assert "zh/identity-never-key" in talk.heard
    assert [step.parameters.get("keyed") for step in talk.asked if step.what == "lookup"] == [None, "777"]


@pytest.mark.parametrize(
    ("keyed", "what"),
    [
        (ID_CARD, "identity-card"), ("110105194912310021", ""), ("440524188001010014", "identity-card"), ("110105491231002", "identity-card"),
        (BANK_CARD, "card"), ("4111111111111111", "card"), ("4111111111111112", ""), ("378282246310005", "card"), ("5555555555554444", "card"),
        ("202611290315", ""), ("20261129031512", ""), ("2026112903151234", ""), ("13800138000", ""), ("0315", ""), ("1" * 21, "too-long"),
    ],
)  # fmt: skip
def test_what_callers_must_not_key(keyed: str, what: str):
    assert forbidden(keyed) == what


def verifying(answers: dict[Any, Any], keys: dict[str, str]) -> Conversation:
    return Conversation(verify(Call("c1")), keys, answers, "zh")


def test_out_of_a_talk_the_caller_is_told_asked_and_taken_back():
    talk = verifying({("identity", "c1"): [ASK, {"result": "ok"}]}, {"zh/identity-last-order": "0", "wait": "315#"})
    assert talk.spoken == [
        "zh/identity-intro",
        "zh/identity-last-order",
        "zh/identity-done",
        "zh/identity-back-to-agent",
    ]
    assert talk.variables == {}


@pytest.mark.parametrize("answers", [[], [None], [ASK, None], [ASK, ASK, {"result": "locked"}]])
def test_whatever_comes_of_it_the_caller_is_taken_back(answers: list[Any]):
    talk = verifying({("identity", "c1"): answers}, {"zh/identity-last-order": "111", "wait": "111#111#111#"})
    assert talk.spoken[-1] == "zh/identity-back-to-agent"
    assert not isinstance(talk.ending, Hangup)


def test_the_hours_and_the_address_are_said():
    spans = [
        {"first": "mon", "last": "fri", "opens": "08:00", "closes": "20:00"},
        {"first": "sat", "last": "sat", "opens": "09:00", "closes": "24:00"},
    ]
    talk = call("hours", {("lookup", "hours"): found(*spans, why="address-zh")})
    names = [name.partition("/")[2] for name in talk.spoken]
    assert "house-address" in names
    texts = read_texts("zh").all()
    said = "".join(texts[name] for name in names if name != "house-address")
    assert said.startswith("我们的营业时间是星期一到星期五从上午八点到晚上八点星期六从上午九点到晚上十二点")
    assert heard(call("hours", {("lookup", "hours"): found({})})).startswith("我们全天为您服务。")


WEEK = {"first": "mon", "last": "fri", "opens": "08:00", "closes": "20:00"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"now": "closed", "until": "14:00", "say": ""}, "现在暂停服务，恢复时间是下午两点"),
        ({"now": "closed", "until": "24:00", "say": ""}, "今天暂停服务。"),
        ({"now": "open", "until": "24:00", "say": ""}, "今天我们营业到晚上十二点"),
        ({"date": "2026-11-29", "to": "2026-11-29", "opens": "09:00", "closes": "12:00"}, "今天从上午九点到"),
        ({"date": "2026-11-30", "to": "2026-12-09", "closed": "yes"}, "明天到十二月九号暂停服务。"),
        ({"date": "no day", "to": "", "closed": "yes"}, ""),
        ({"date": "2026-11-30", "opens": "x", "closes": "12:00"}, ""),
        ({"now": "closed", "until": "x", "say": ""}, ""),
    ],
)
def test_what_is_other_than_the_week_is_said_before_it(row: dict[str, str], said: str):
    assert heard(call("hours", {("lookup", "hours"): found(row, WEEK)})).startswith(said or "我们的营业时间是")


def test_the_operators_own_words_are_said_in_the_place_of_ours():
    talk = call("hours", {("lookup", "hours"): found({"now": "closed", "until": "14:00", "say": "today-1a2b"}, WEEK)})
    assert talk.spoken[0].endswith("/today-1a2b") and not any("hours-now" in name for name in talk.spoken)
