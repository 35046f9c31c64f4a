"""A form is data with weights that add up; a filled one is worth what its weights say, to a tenth."""

from typing import Any

import pytest

from acd.config import BadConfiguration, check
from acd.config.reviews.delivered import service_form
from acd.config.reviews.form import Form
from recordings.quality.scores import Answer, BadAnswers, score_of

LABEL = {"zh": "项", "en": "item"}
QUEUES = {"orders": {"label": LABEL}}


def item(weight: int, kind: str = "points", **more: Any) -> dict[str, Any]:
    return {"label": LABEL, "weight": weight, "kind": kind, **more}


def group(weight: int, **items: dict[str, Any]) -> dict[str, Any]:
    return {"label": LABEL, "weight": weight, "items": items}


def form(**groups: dict[str, Any]) -> dict[str, Any]:
    return {"label": LABEL, "version": 1, "groups": groups}


SMALL = form(
    manner=group(40, tone=item(75), greeting=item(25, "yes-no")),
    rules=group(60, identity=item(50, "yes-no", fatal=True), note=item(50, "yes-no")),
)


def mistakes(**table: Any) -> list[str]:
    with pytest.raises(BadConfiguration) as caught:
        check({"queues": QUEUES, "reviews": table})
    return caught.value.mistakes


def score(**answers: Answer) -> tuple[float | None, tuple[str, ...]]:
    found = score_of(Form(**SMALL), {"tone": 100, "greeting": "yes", "identity": "yes", "note": "yes", **answers})
    return found.score, found.fatal


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ({}, 100),
        ({"tone": 50}, 85),  # 40 % of 75 * 0.5 + 25 = 62.5, and 60
        ({"tone": 33}, 79.9),  # 40 * 0.4975 = 19.9 and 60
        ({"note": "no"}, 70),
        ({"greeting": "na", "tone": 50}, 80),  # tone is the whole group: 20 and 60
        ({"identity": "na", "note": "no"}, 40),
        ({"identity": "na", "note": "na", "tone": 50}, 62.5),  # the group manner is the whole form
    ],
)
def test_what_is_not_applicable_gives_its_weight_to_the_rest(answers: dict[str, Answer], expected: float) -> None:
    assert score(**answers) == (expected, ())


def test_a_fatal_item_makes_the_score_zero_and_is_named() -> None:
    assert score(identity="no") == (0, ("identity",))
    assert score(identity="na") == (100, ())
    found = score_of(Form(**SMALL), {"tone": 100, "greeting": "yes", "identity": "no", "note": "yes"})
    assert found.groups == {"manner": 100, "rules": 50}


def test_where_no_item_applies_there_is_no_score() -> None:
    nothing = Form(**form(rules=group(100, identity=item(100, "yes-no"))))
    found = score_of(nothing, {"identity": "na"})
    assert (found.score, found.groups, found.fatal) == (None, {"rules": None}, ())


@pytest.mark.parametrize(
    ("answers", "where", "why"),
    [
        ({"tone": 101}, "tone", "a whole number from 0 to 100"),
        ({"tone": -1}, "tone", "a whole number"),
        ({"tone": True}, "tone", "a whole number"),
        ({"tone": "na"}, "tone", "a whole number"),
        ({"note": 100}, "note", "yes, no or na"),
        ({"note": "maybe"}, "note", "yes, no or na"),
        ({"smile": "yes"}, "smile", "no item smile. Its items: tone, greeting, identity, note"),
    ],
)
def test_an_answer_that_the_form_does_not_ask_for_is_refused_with_its_item(
    answers: dict[str, Any], where: str, why: str
) -> None:
    with pytest.raises(BadAnswers, match=why) as caught:
        score(**answers)
    assert caught.value.item == where


def test_an_item_without_an_answer_is_refused() -> None:
    with pytest.raises(BadAnswers, match="greeting is not answered"):
        score_of(Form(**SMALL), {"tone": 1})


def test_weights_that_do_not_add_up_are_told_with_the_group_the_sum_and_the_remedy() -> None:
    bad_items = form(manner=group(100, tone=item(50), greeting=item(40)))
    (told,) = mistakes(forms={"mine": bad_items})
    assert told == (
        "reviews.forms.mine.groups.manner: the weights of its items add up to 90 (tone 50, greeting 40). "
        "Write them so that they add up to 100."
    )
    bad_groups = form(manner=group(60, tone=item(100)), rules=group(50, note=item(100)))
    (told,) = mistakes(forms={"mine": bad_groups})
    assert told.startswith("reviews.forms.mine: the weights of its groups add up to 110 (manner 60, rules 50).")


@pytest.mark.parametrize(
    ("table", "told"),
    [
        ({"forms": {"mine": form(manner=group(100, tone=item(100, fatal=True)))}}, "reviews.forms.mine.groups.manner.items.tone: only a \"no\" can be fatal"),
        ({"forms": {"mine": form(a=group(50, tone=item(100)), b=group(50, tone=item(100)))}}, "reviews.forms.mine: tone stands in two groups"),
        ({"forms": {"mine": form()}}, "reviews.forms.mine.groups: is empty"),
        ({"forms": {"mine": {**SMALL, "version": 0}}}, "reviews.forms.mine.version: 0 is out of range"),
        ({"form": "servise"}, 'reviews.form: there is no form \'servise\' (did you mean "service"?). There are: service.'),
        ({"share": 0}, "reviews.share: 0 is out of range"),
        ({"shifts": []}, "reviews.shifts: is empty"),
        ({"shifts": ["25:00"]}, "reviews.shifts: '25:00' is no time of day"),
        ({"shifts": ["14:00", "06:00"]}, "reviews.shifts: 14:00, 06:00 is not in order"),
        ({"seed": "a\nb"}, "reviews.seed: "),
    ],
)  # fmt: skip
def test_a_bad_table_gets_one_sentence_with_its_place(table: dict[str, Any], told: str) -> None:
    (found,) = mistakes(**table)
    assert found.startswith(told), found


def test_the_delivered_form_has_the_five_standards_and_a_guide_for_each_item_in_both_languages() -> None:
    delivered = service_form()
    assert list(delivered.groups) == ["attitude", "communication", "knowledge", "solution", "compliance"]
    assert all(each.guide.zh and each.guide.en for _, each in delivered.items())
    assert {name for name, each in delivered.items() if each.fatal} == {"no-forbidden-words", "identity", "least-data"}
    best: dict[str, Answer] = {name: 100 if each.kind == "points" else "yes" for name, each in delivered.items()}
    assert score_of(delivered, best).score == 100
    assert score_of(delivered, {**best, "empathy": "na", "closing": "na"}).score == 100


def test_a_form_of_the_configuration_goes_before_the_delivered_one() -> None:
    config = check({"queues": QUEUES, "reviews": {"form": "mine", "forms": {"mine": SMALL}}})
    assert list(config.reviews.form_in_force.groups) == ["manner", "rules"]
    assert check({"queues": QUEUES}).reviews.form_in_force == service_form()
