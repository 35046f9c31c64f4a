"""What a filled form is worth: 0 to 100. Pure, and exact: reckoned in fractions, rounded once."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from acd.config.reviews.form import Form, Group, Item

Answer = int | Literal["yes", "no", "na"]
"""0 to 100 of an item with points; yes, no or na (not applicable) of one without."""
FULL = 100


class BadAnswers(ValueError):
    """The form was not filled as it wants to be: `item` says where."""

    def __init__(self, item: str, why: str) -> None:
        super().__init__(why)
        self.item = item


@dataclass(frozen=True, slots=True)
class Score:
    """Of a filled form."""

    score: float | None
    """0 to 100, to a tenth; None: no item applied."""
    groups: dict[str, float | None]
    """Each group's own, without regard to fatal items; None: none of its items applied."""
    fatal: tuple[str, ...]
    """Fatal items answered with "no": any of them makes the score 0."""


def score_of(form: Form, answers: Mapping[str, Answer]) -> Score:
    """The weighted score. The weight of an item that is not applicable is shared among the others of its group by their weights; that of a
    group in which none is, among the other groups. Raises BadAnswers."""
    _check(form, answers)
    groups = {name: _of_group(group, answers) for name, group in form.groups.items()}
    fatal = tuple(name for name, item in form.items() if item.fatal and answers[name] == "no")
    score = _mean([(form.groups[name].weight, value) for name, value in groups.items()])
    if fatal:
        score = Fraction(0)
    return Score(_rounded(score), {name: _rounded(value) for name, value in groups.items()}, fatal)


def _check(form: Form, answers: Mapping[str, Answer]) -> None:
    items = dict(form.items())
    for name in answers:
        if name not in items:
            raise BadAnswers(name, f"The form has no item {name}. Its items: {', '.join(items)}.")
    for name, item in items.items():
        if name not in answers:
            raise BadAnswers(name, f"{name} is not answered. Answer every item; what does not apply is na.")
        if not _fits(item, answers[name]):
            written = "a whole number from 0 to 100" if item.kind == "points" else "yes, no or na"
            raise BadAnswers(name, f"{answers[name]!r} is no answer to {name}. Write {written}.")


def _fits(item: Item, answer: Answer) -> bool:
    if item.kind == "yes-no":
        return answer in ("yes", "no", "na")
    return isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer <= FULL


def _of_group(group: Group, answers: Mapping[str, Answer]) -> Fraction | None:
    return _mean([(item.weight, _value(answers[name])) for name, item in group.items.items()])


def _value(answer: Answer) -> Fraction | None:
    if isinstance(answer, int):
        return Fraction(answer)
    return {"yes": Fraction(FULL), "no": Fraction(0)}.get(answer)


def _mean(weighted: list[tuple[int, Fraction | None]]) -> Fraction | None:
    """Of those that have a value; None where none has."""
    there = [(weight, value) for weight, value in weighted if value is not None]
    if not there:
        return None
    return sum((weight * value for weight, value in there), Fraction(0)) / sum(weight for weight, _ in there)


def _rounded(value: Fraction | None) -> float | None:
    """To a tenth; half a tenth goes up."""
    if value is None:
        return None
    tenths = value * 10 + Fraction(1, 2)
    return (tenths.numerator // tenths.denominator) / 10
