"""The OpenAPI document held against the server, role by role: requests are made from the document by schemathesis, and each answer must be one
that the document knows, with the content that it says, and never a 500.

Each role that a route lets in has a client, whatever roles there are: accounts by their roles, programs by their tokens, an agent,
the story server, and somebody who is not logged in. What a role may not do is tried once; a refusal is in the document too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from acd.web.access.accounts import ROLES
from acd.web.access.tokens import TOKEN_ROLES, Tokens
from tests.web.support.web_server import PINS, RunningServer

PASSWORD = "of-the-contract-9"
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
STREAM = "text/event-stream"
REFUSED = (401, 403)
ENDS_SESSION = "/api/log-out"


@dataclass
class Client:
    """One role's way in."""

    role: str
    session: requests.Session
    log_in: Callable[[], None] = lambda: None
    let_in: int = 0
    """Operations that it may use, and has used."""


@dataclass
class Contract:
    """The document, the clients, and what was found."""

    house: RunningServer
    document: dict[str, Any]
    known: dict[str, list[str]]
    """Parameter of a path to values that there are: calls, offers, agents …"""
    clients: list[Client] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    statuses: dict[tuple[str, int], int] = field(default_factory=dict)
    """Operation and status to how often."""

    def play(self, examples: int) -> None:
        """Every operation with every role; blocks. `examples`: of each operation that a role may use, as described and as not described."""
        schema = schemathesis.openapi.from_dict(self.document)
        operations = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
        # What ends the session comes last.
        for operation in sorted(operations, key=lambda each: each.path == ENDS_SESSION):
            clients = [*self.clients]
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                for case, known in self._cases(operation, mode, examples):
                    clients = [client for client in clients if self._let_in(operation, case, known, client, mode)]

    def _cases(self, operation: Any, mode: Any, examples: int) -> Iterator[tuple[Any, bool]]:
        made: list[tuple[Any, bool]] = []

        @settings(
            max_examples=examples,
            database=None,
            derandomize=True,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
        def make(case: Any, known: bool) -> None:
            made.append((case, known))

        try:
            make()
        except Exception as nothing_to_spoil:
            # An operation without parameters and body can't be asked otherwise than described.
            if mode is GenerationMode.POSITIVE:
                raise AssertionError(f"{operation.label}: {nothing_to_spoil}") from nothing_to_spoil
        yield from made

    def _let_in(self, operation: Any, case: Any, known: bool, client: Client, mode: Any) -> bool:
        """Sends the case as this role; whether the role may use the operation."""
        if known or mode is GenerationMode.POSITIVE:
            for name in case.path_parameters or {}:
                if known and self.known.get(name):
                    case.path_parameters[name] = self.known[name][0]
        streams = STREAM in (operation.definition.raw["responses"].get("200", {}).get("content") or {})
        with client.session.request(**self._request(case), stream=True, timeout=30) as answer:
            self.statuses[operation.label, answer.status_code] = (
                self.statuses.get((operation.label, answer.status_code), 0) + 1
            )
            if streams and answer.status_code == 200:
                if answer.headers["Content-Type"].partition(";")[0] != STREAM:
                    self.found.append(
                        f"{operation.label} as {client.role}: a stream of {answer.headers['Content-Type']}"
                    )
            else:
                answer.content  # noqa: B018 - read whole, for the checks
                self._check(operation, case, client, answer)
        if operation.path == ENDS_SESSION:
            client.log_in()
        allowed = answer.status_code not in REFUSED or operation.path == "/api/log-in"
        client.let_in += allowed
        return allowed

    def _request(self, case: Any) -> dict[str, Any]:
        asked = case.as_transport_kwargs(base_url=self.house.url)
        asked.setdefault("headers", {})
        asked.pop("cookies", None)
        # Who asks is the role's affair; the page is our own.
        asked["headers"] = {
            k: v for k, v in dict(asked["headers"]).items() if k.lower() not in ("authorization", "cookie", "origin")
        }
        asked["allow_redirects"] = False
        return dict(asked)

    def _check(self, operation: Any, case: Any, client: Client, answer: requests.Response) -> None:
        try:
            case.validate_response(answer, checks=CHECKS)
        except BaseException as failed:
            if isinstance(failed, KeyboardInterrupt | SystemExit):
                raise
            told = " / ".join(str(each) for each in getattr(failed, "exceptions", [failed]))
            self.found.append(f"{operation.label} as {client.role} ({answer.status_code}): {told[:1500]}")


def clients(house: RunningServer) -> list[Client]:
    """A client for each role that there is."""
    made = [
        _with_key(house, "", ""),
        _with_key(house, "operator.token", house.token()),
        _with_key(house, "stories", house.token("stories")),
    ]
    for role in TOKEN_ROLES:
        made.append(_with_key(house, f"token {role}", Tokens(house.folder).add(f"contract-{role}", role)))
    for account in ROLES:
        house.accounts.add(f"contract-{account}", [account], PASSWORD)
        made.append(_with_session(house, account, f"contract-{account}", PASSWORD))
    made.append(_with_session(house, "agent", "1001", PINS["1001"]))
    return made


def _with_key(house: RunningServer, name: str, key: str) -> Client:
    session = requests.Session()
    session.trust_env = False
    if key:
        session.headers["Authorization"] = f"Bearer {key}"
    session.headers["Origin"] = house.url
    return Client(name or "nobody", session)


def _with_session(house: RunningServer, role: str, account: str, password: str) -> Client:
    client = _with_key(house, role, "")

    def log_in() -> None:
        answer = client.session.post(
            f"{house.url}/api/log-in", json={"account": account, "password": password}, timeout=30
        )
        assert answer.status_code == 200, answer.text

    client.log_in = log_in
    log_in()
    return client
