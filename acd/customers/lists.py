"""Customers as a list that spreadsheets save: rows read with every mistake told by line and column, and records as rows again."""

from collections.abc import Sequence

from acd.config import Config
from acd.csv_lists import Column, Row, by_line
from acd.customers.fields import ATTRIBUTE, FIELDS, FieldRules, read
from acd.store.customers.bulk import Taken
from acd.store.customers.record import Customer

MOST_TOLD = 100
"""Mistakes of a list; of more the number is said."""
COLUMNS = (
    Column("id", ("customer", "customer_id", "客户编号", "客户号", "编号"), needed=True),
    Column("name", ("姓名", "客户姓名", "名称")),
    Column(
        "numbers", ("number", "phone", "phones", "mobile", "电话", "手机", "手机号", "号码", "联系电话"), numbers=True
    ),
    Column("class", ("等级", "客户等级", "级别")),
    Column("language", ("语言",)),
    Column("last_order", ("last order", "order", "最近订单", "订单号")),
    Column("area", ("地区", "区域")),
    Column("do_not_call", ("do not call", "dnc", "勿扰", "请勿致电")),
    Column("consent", ("同意", "授权说明")),
    Column("complaint_ticket", ("ticket", "投诉单号", "投诉工单")),
    Column("complaint_owner", ("投诉负责人", "投诉座席")),
    Column("brands", ("brand", "品牌")),
)


def given_of(rows: Sequence[Row]) -> frozenset[str]:
    """The fields that the list has, by the names of Customer, without the id."""
    return frozenset(ATTRIBUTE.get(name, name) for name in rows[0].cells) - {"id"}


def customers_of(rows: Sequence[Row], rules: FieldRules) -> tuple[list[Customer], list[str]]:
    """The customers of a list, and a sentence for each mistake: line, column, remedy."""
    found: list[Customer] = []
    mistakes: list[str] = []
    ids: dict[str, int] = {}
    numbers: dict[str, int] = {}
    for row in rows:
        values, wrong = read(row.cells, rules)
        mistakes += [f"line {row.line}, {one.field}: {one.why}" for one in wrong]
        id_ = values.get("id", "")
        if not id_:
            if not any(one.field == "id" for one in wrong):
                mistakes.append(f"line {row.line}, id: it is empty. Write the company's own id.")
            continue
        if (before := ids.setdefault(id_, row.line)) != row.line:
            mistakes.append(f"line {row.line}, id: {id_} stands in line {before} already. Keep one.")
        for number in values.get("numbers", ()):
            if (before := numbers.setdefault(number, row.line)) != row.line:
                shown = rules.numbering.shown(number)
                mistakes.append(
                    f"line {row.line}, numbers: {shown} is the number of line {before} already. Take it from one of them."
                )
        values.pop("id")
        found.append(Customer(id_, **values))
    return found, mistakes


def taken_sentences(taken: Sequence[Taken], rows: Sequence[Row], config: Config) -> list[str]:
    """A sentence for each number that belongs to a customer who is not in the list."""
    lines = {row.cells["id"]: row.line for row in rows}
    return [
        f"line {lines.get(one.wanted, 0)}, numbers: {config.numbering.shown(one.number)} belongs to customer {one.customer} already, "
        "who is not in this list. Take it from one of them."
        for one in taken
    ]


def first_of(mistakes: Sequence[str]) -> list[str]:
    """The first mistakes by line, and how many more there are."""
    told = by_line(list(mistakes))
    more = len(told) - MOST_TOLD
    return told if more <= 0 else [*told[:MOST_TOLD], f"and {more} more of them"]


def row_of(one: Customer) -> dict[str, str]:
    """The customer as a row of a list that can be read again."""
    told = {name: getattr(one, ATTRIBUTE.get(name, name)) for name in FIELDS}
    lists = {"numbers": " ; ".join(one.numbers), "brands": " ; ".join(one.brands)}
    return told | lists | {"do_not_call": "yes" if one.do_not_call else "no"}
