"""The OpenAPI document, drawn from the rows that the router serves and the models that check: it can't fall behind."""

import inspect
import re
from typing import Any

from openapi_pydantic import OpenAPI
from openapi_pydantic.util import PydanticSchema, construct_open_api_with_schema_class
from pydantic import BaseModel

from acd.web.server.problems import ProblemBody
from acd.web.server.routes import ANYONE, Nothing, Route

_REFUSALS = {
    400: "The request is not as described",
    401: "Not logged in",
    403: "Not allowed for this role",
    429: "Too many requests, or too many wrong tries",
}
_OF_ANYONE = {status: _REFUSALS[status] for status in (400, 429)}
_OF_A_BODY = {
    408: "The body did not come in time",
    413: "The body is larger than 1 MB",
    415: "The body is not sent as application/json",
}


def draw(routes: list[Route]) -> str:
    """The document as JSON."""
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        path, words = _path(route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(route, words)
    document = OpenAPI.model_validate(
        {
            "info": {"title": "Sanxiang", "version": "1", "description": "The hotline: live state, calls, recordings."},
            "paths": paths,
            "components": {
                "securitySchemes": {
                    "session": {"type": "apiKey", "in": "cookie", "name": "sanxiang"},
                    "token": {"type": "http", "scheme": "bearer"},
                }
            },
        }
    )
    return construct_open_api_with_schema_class(document).model_dump_json(by_alias=True, exclude_none=True)


def plain_path(path: str) -> str:
    """aiohttp's `/a/{b:[0-9]{2}}` as `/a/{b}`."""
    return _path(path)[0]


def _path(path: str) -> tuple[str, list[tuple[str, str]]]:
    """aiohttp's `/a/{b:[0-9]{2}}` as OpenAPI's `/a/{b}` with the pattern of each word."""
    words: list[tuple[str, str]] = []

    def plain(found: re.Match[str]) -> str:
        words.append((found[1], found[2] or ""))
        return f"{{{found[1]}}}"

    return re.sub(r"\{(\w+)(?::((?:[^{}]|\{[^{}]*\})*))?\}", plain, path), words


def _operation(route: Route, words: list[tuple[str, str]]) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", **({"pattern": f"^{pattern}$"} if pattern else {})},
        }
        for name, pattern in words
    ]
    if route.query is not Nothing:
        schema = route.query.model_json_schema()
        required = schema.get("required", [])
        parameters += [
            {"name": name, "in": "query", "required": name in required, **_described(field)}
            for name, field in schema["properties"].items()
        ]
    operation: dict[str, Any] = {
        "tags": [_noun(route)],
        "summary": route.summary,
        "operationId": f"{route.method.lower()} {route.path}",
        "responses": _responses(route),
        "security": [{"session": []}, {"token": []}] if route.need != ANYONE else [],
    }
    operation["description"] = "\n\n".join(part for part in (inspect.getdoc(route.handler), _for_whom(route)) if part)
    if parameters:
        operation["parameters"] = parameters
    if route.body is not None:
        content = {"application/json": {"schema": _shape(route.body)}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _noun(route: Route) -> str:
    """The name of the file in which the handler stands, as words: by it the viewers of documents group the operations."""
    return route.handler.__module__.rpartition(".")[2].replace("_", " ")


def _for_whom(route: Route) -> str:
    if route.need == ANYONE:
        return "For anyone, without log-in."
    return f"Needs the permission {route.need}, which the role {' or '.join(sorted(route.let_in))} has."


def _described(field: dict[str, Any]) -> dict[str, Any]:
    """A parameter's description stands beside its schema, where the viewers of documents look for it."""
    schema = {name: value for name, value in field.items() if name != "description"}
    return {"schema": schema, **({"description": field["description"]} if "description" in field else {})}


def _responses(route: Route) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.answer is not None:
        good["content"] = {"application/json": {"schema": _shape(route.answer)}}
    elif route.status == 200:
        good["content"] = {route.content: {}}
    answers = {str(status): {**good, "description": text} for status, text in route.also.items()}
    answers[str(route.status)] = good
    refusals = {**(_REFUSALS if route.need != ANYONE else _OF_ANYONE), **(_OF_A_BODY if route.body is not None else {})}
    if "{" in route.path:
        refusals[404] = "There is nothing at this address: a word of the path is not written as described"
    refusals |= route.refusals
    problem = {"application/problem+json": {"schema": _shape(ProblemBody)}}
    for status, text in refusals.items():
        answers[str(status)] = {"description": text, "content": problem}
    return answers


def _shape(model: type[BaseModel]) -> PydanticSchema[BaseModel]:
    return PydanticSchema.model_validate({"schema_class": model})
