"""Every field of every query and body, with wrong values of every kind: the answer is a sentence of ours."""

from typing import Any

import pytest
from pydantic import ValidationError

from acd.web.server.app import ROUTES
from acd.web.server.problems import from_validation
from acd.web.server.routes import Nothing, Strict
from tests.cli.command_line import NOT_OURS
from tests.cli.test_words_of_ours import WRONG

MODELS = sorted(
    {model for route in ROUTES for model in (route.query, route.body) if model not in (None, Nothing)},
    key=lambda model: model.__name__,
)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_each_wrong_value_is_told_in_a_sentence_that_names_its_field(model: type[Strict]):
    refused = 0
    for name, field in model.model_fields.items():
        for value in (*WRONG, "2026-13-45", {"orders": 12}, {"or ders": 3}, [{"x": 1}]):
            try:
                model.model_validate({(field.alias or name): value})
            except ValidationError as error:
                problem = from_validation(error, "body")
                told = problem.detail.replace(repr(value)[:60], "")
                assert not NOT_OURS.search(told), (name, value, problem.detail)
                assert problem.detail.rstrip("…").endswith((".", "?")), problem.detail
                assert len(problem.detail) < 400
                refused += 1
    assert refused or not model.model_fields


@pytest.mark.parametrize("value", [None, True, 3, "x", [], {"nonsense": 1}])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_body_that_is_none_is_told_so_too(model: type[Strict], value: Any):
    try:
        model.model_validate(value)
    except ValidationError as error:
        assert not NOT_OURS.search(from_validation(error, "body").detail)


def test_a_secret_is_not_said_again():
    for model in MODELS:
        for name in {"pin", "password"} & set(model.model_fields):
            try:
                model.model_validate({name: "s3cret" * 100})
            except ValidationError as error:
                assert all("s3cret" not in from_validation(error, "body").detail for _ in [0])
