"""Customers by lists: JSON for the CRM's nightly job, CSV for the page, and all of them written out. All of a list or none."""

import asyncio
import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from aiohttp import web

from acd.csv_lists import BadList, Row, parsed_list, written_list
from acd.customers.fields import ATTRIBUTE, FIELDS, FieldRules
from acd.customers.lists import COLUMNS, customers_of, first_of, given_of, row_of, taken_sentences
from acd.store.customers import bulk
from acd.store.customers.bulk import Written
from acd.store.customers.record import Customer, NumberTaken
from acd.web.access.auth import DOOR
from acd.web.api.calls import from_store
from acd.web.customers.parts import NO_BRAND, TAKEN, changed, field_rules, own_brands, values_of, writing
from acd.web.customers.shapes import CustomerFile, CustomerFileRead, CustomerList, CustomersImported, MistakeTold
from acd.web.server.problems import Problem
from acd.web.server.routes import Asked, Route
from acd.words.commands.lookup import chinese

MOST_MISTAKES = 100
MOST_ROWS = 5000
"""Of a list that comes through the page; `sanxiang customer import` takes longer ones."""
LIST_WITHIN_S = 60.0
THE_LIST = Path("customers.csv")
"""How the list is called in sentences about it as a whole."""


async def add_all(asked: Asked) -> CustomersImported:
    """Adds and changes many at once: all, or none where one has a mistake."""
    wanted: CustomerList = asked.body
    found, given = _all_values(asked, wanted)
    async with writing(asked) as connection:
        outcome = await _written(asked, connection, found, given, dry_run=wanted.dry_run)
        if outcome.taken:
            one = outcome.taken[0]
            raise NumberTaken(asked.context.config.numbering.shown(one.number), one.customer)
        if not wanted.dry_run:
            await asked.request.app[DOOR].audit.note(asked.who.name, "customers imported", customers=len(found))
    if not wanted.dry_run:
        changed(asked)
    return CustomersImported(added=outcome.added, changed=outcome.changed, unchanged=outcome.unchanged)


async def add_file(asked: Asked) -> CustomerFileRead:
    """Adds and changes the customers of a CSV file: all, or none where a line has a mistake. A dry run tells the mistakes, in both
    languages; else they are a refusal."""
    wanted: CustomerFile = asked.body
    rows, found, mistakes = await asyncio.to_thread(_read, wanted.content, field_rules(asked))
    if asked.scope.of_brands is not None:
        mistakes += [
            f"line {row.line}, brands: {NO_BRAND}" for row in rows if "brands" in row.cells and not row.cells["brands"]
        ]
    outcome = Written(0, 0, 0, ())
    if not mistakes:
        async with writing(asked, LIST_WITHIN_S) as connection:
            outcome = await _written(asked, connection, found, given_of(rows), dry_run=wanted.dry_run)
            mistakes = _taken(asked, outcome, rows)
            if not mistakes and not wanted.dry_run:
                await asked.request.app[DOOR].audit.note(asked.who.name, "customers imported", customers=len(found))
    first = first_of(mistakes)
    if first and not wanted.dry_run:
        raise Problem(400, "bad-list", first[0], field="content", mistakes=first)
    if not wanted.dry_run:
        changed(asked)
    return CustomerFileRead(
        rows=len(rows),
        added=outcome.added,
        changed=outcome.changed,
        unchanged=outcome.unchanged,
        mistakes=[MistakeTold(line=_line(one), en=one, zh=_in_chinese(one)) for one in first],
    )


async def export(asked: Asked) -> web.StreamResponse:
    """All customers that the account sees, as a list that can be read again; numbers are whole. It stands in the audit log."""
    await asked.request.app[DOOR].audit.note(asked.who.name, "customers exported")
    answer = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="customers.csv"',
            "Cache-Control": "no-store",
        }
    )
    async with from_store(asked.context), asked.context.store.transaction(LIST_WITHIN_S) as connection:
        pages = bulk.all_of_them(connection, asked.scope.brands)
        nobody: list[Customer] = []
        page = await anext(pages, nobody)  # before the answer begins: a store that is away is a refusal
        await answer.prepare(asked.request)
        head = True
        while page or head:
            seen = [{**row_of(one), "brands": " ; ".join(filter(asked.scope.has_brand, one.brands))} for one in page]
            text = written_list(FIELDS, seen)
            await answer.write((text if head else text.partition("\r\n")[2]).encode())
            head, page = False, await anext(pages, nobody)
    await answer.write_eof()
    return answer


async def _written(
    asked: Asked, connection: Any, found: Sequence[Customer], given: frozenset[str], *, dry_run: bool
) -> Written:
    """What the list did, or would do. A limited account's customers are its brands'; Problem (409) for the id of another's."""
    if asked.scope.of_brands is not None:
        there = await bulk.there_already(connection, [one.id for one in found])
        for one in there.values():
            if not asked.scope.has_customer_alone(one.brands):
                detail = f"There is a customer {one.id} already, who is not of your brands alone. Give the new one another id."
                raise Problem(409, "customer-there", detail, field="id")
        if "brands" not in given:
            own = own_brands(asked)
            found = [replace(one, brands=there[one.id].brands if one.id in there else own) for one in found]
            given |= {"brands"}
    return await bulk.write(connection, found, given, asked.who.name, dry_run=dry_run)


def _all_values(asked: Asked, wanted: CustomerList) -> tuple[list[Customer], frozenset[str]]:
    found: list[Customer] = []
    told: list[str] = []
    given = frozenset(wanted.customers[0].model_fields_set)
    for place, row in enumerate(wanted.customers, 1):
        values, mistakes = values_of(asked, row.model_dump(by_alias=True, exclude_unset=True))
        told += [f"customer {place}, {one.field}: {one.why}" for one in mistakes]
        if row.model_fields_set != given:
            told.append(f"customer {place}: it has other fields than the first. Give all the same.")
        if mistakes:
            continue
        if not values.get("id"):
            told.append(f"customer {place}, id: it is missing. Write the company's own id.")
            continue
        found.append(Customer(values.pop("id"), **values))
    told += twice(found)
    if told:
        raise Problem(400, "bad-request", told[0], field="customers", mistakes=told[:MOST_MISTAKES])
    return found, frozenset(ATTRIBUTE.get(name, name) for name in given) - {"id"}


def twice(found: list[Customer]) -> list[str]:
    """A sentence for each id and each number that two of them have."""
    told: list[str] = []
    ids: set[str] = set()
    numbers: dict[str, str] = {}
    for one in found:
        if one.id in ids:
            told.append(f"id: {one.id} stands twice. Keep one.")
        ids.add(one.id)
        for number in one.numbers:
            if numbers.setdefault(number, one.id) != one.id:
                told.append(
                    f"numbers: {number} belongs to {numbers[number]} and to {one.id}. Take it from one of them."
                )
    return told


def _read(content: str, rules: FieldRules) -> tuple[list[Row], list[Customer], list[str]]:
    """(the rows, their customers, the mistakes)."""
    try:
        data = base64.b64decode(content, validate=True)
    except (binascii.Error, ValueError):
        raise Problem(400, "bad-request", "This is no base64. Send the file's bytes so.", field="content") from None
    try:
        rows, told = parsed_list(data, THE_LIST, COLUMNS, MOST_ROWS)
    except BadList as bad:
        return [], [], bad.mistakes
    found, mistakes = customers_of(rows, rules)
    return rows, found, [*told, *mistakes]


def _taken(asked: Asked, outcome: Written, rows: Sequence[Row]) -> list[str]:
    sentences = taken_sentences(outcome.taken, rows, asked.context.config)
    if asked.scope.of_brands is None:
        return sentences
    return [f"{one.partition(':')[0]}: {TAKEN}" for one in sentences]


def _line(sentence: str) -> int:
    found = _PLACE.match(sentence)
    return int(found[1]) if found else 0


def _in_chinese(sentence: str) -> str:
    """Line and column by themselves where what is wrong is a sentence of its own, else the sentence as a whole."""
    found = _PLACE.match(sentence)
    wrong = sentence[found.end() :] if found else ""
    if found is None or (said := chinese(wrong)) == wrong:
        return chinese(sentence)
    return f"第 {found[1]} 行{f'，{found[2]}' if found[2] else ''}：{said}"


_PLACE = re.compile(r"line ([0-9]+)(?:, ([a-z_]+))?: ")


_AWAY = {503: "store-away"}
ROUTES = [
    Route(
        "POST",
        "/api/customers/import",
        add_all,
        "customers-change",
        "Add or change many customers, all or none",
        CustomersImported,
        body=CustomerList,
        refusals={409: "number-taken", **_AWAY},
    ),
    Route(
        "POST",
        "/api/customers/list",
        add_file,
        "customers-change",
        "Add or change the customers of a CSV file, all or none",
        CustomerFileRead,
        body=CustomerFile,
        refusals={400: "bad-list", 409: "customer-there", **_AWAY},
    ),
    Route(
        "GET",
        "/api/customers/export",
        export,
        "customers-change",
        "All customers as CSV, numbers whole",
        content="text/csv",
        refusals=_AWAY,
    ),
]
